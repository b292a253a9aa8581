"""Texts → their ids, and the distinct problems as arrays; used by pool, audit and a user's own problems."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from tqdm import tqdm

from limo.params import Near
from limo.problems.arrays import Codes, Hashes, Ragged, hashes_of, mixed, offsets_of, windows
from limo.problems.canonical import canonical_all, identity
from limo.problems.core import Core, cut_all
from limo.problems.decisive import is_layout, is_name_token, normal_token
from limo.problems.groups import signatures
from limo.problems.tokens import words_all

_BATCH = 10_000  # texts
_NUMBER = np.ones(1, dtype=np.uint64)
_NAME = np.uint64(0x51ED270B)  # stands for every variable
_IS_WORD, _IS_NUMBER, _IS_NAME, _IS_LAYOUT = range(4)


class _Token(NamedTuple):
    """A token in its one spelling, its 64-bit hash, and whether it is a word, a number, a name or layout."""

    text: str
    hash: int
    kind: int


class Problems(NamedTuple):
    """Distinct problems in the order of their ids, one row of every array each.

    Attributes:
        ids: problem ids, ascending.
        vocabulary: the tokens (`decisive.normal`) that the codes of `tokens` and `whole` stand for.
        hashes: 64-bit hash of every token of the vocabulary.
        tokens: the problem itself, as `core.Core.tokens`; none for a text that is too long to be compared.
        whole: the whole text.
        forms: the form in which the answer is asked, as a hash; 0 for none.
        figures: the numbers in the figures' code of those that have any.
        numbers: a hash of the problem's numbers, whatever their order; near-duplicates have the same.
        bands: a hash of each band of MinHash values and of the problem's numbers, of shape (bands, problems).
    """

    ids: list[str]
    vocabulary: list[str]
    hashes: Hashes
    tokens: Ragged
    whole: Ragged
    forms: Hashes
    figures: dict[str, list[str]]
    numbers: Hashes
    bands: Hashes

    def words(self, place: int) -> list[str]:
        """The tokens of the problem itself at a place."""
        return [self.vocabulary[code] for code in self.tokens.row(place).tolist()]

    def take(self, places: NDArray[np.int64]) -> "Problems":
        """The problems at these places, ascending."""
        return self._replace(
            ids=[self.ids[place] for place in places],
            tokens=self.tokens.take(places),
            whole=self.whole.take(places),
            forms=self.forms[places],
            figures={self.ids[place]: numbers for place in places if (numbers := self.figures.get(self.ids[place]))},
            numbers=self.numbers[places],
            bands=self.bands[:, places],
        )

    def core(self, place: int) -> Core:
        """The problem at a place, as `core.core` takes it apart, its form left out."""
        whole = [self.vocabulary[code] for code in self.whole.row(place).tolist()]
        return Core(self.words(place), [], self.figures.get(self.ids[place], []), whole)


def distinct(texts: Sequence[str], p: Near, workers: int, title: str) -> tuple[list[str], Problems]:
    """The problem id of every text, and the distinct problems ready for comparison.

    Batches are worked on by `workers` threads, which the libraries below let run side by side for most of the time.
    Neither their number nor the order of the texts changes the problems.
    """
    batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
    with tqdm(total=len(texts), desc=title, unit=" problems", disable=None) as bar, ThreadPoolExecutor(workers) as pool:
        analysed = []
        for names, batch in pool.map(partial(_analysed, p=p), batches):
            analysed.append((names, batch))
            bar.update(len(names))
    return [name for names, _ in analysed for name in names], joined([batch for _, batch in analysed], p.bands)


def _analysed(texts: Sequence[str], p: Near) -> tuple[list[str], Problems]:
    """The problem ids of one batch, and its distinct problems in the order of their ids."""
    given = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}).with_row_index("place")
    texts_once = given.unique("text", keep="first", maintain_order=True)
    canonical = canonical_all(texts_once["text"])
    named = texts_once.with_columns(
        id=pl.Series([identity(text) for text in canonical], dtype=pl.String), text=canonical
    )
    names = given.join(texts_once.select("text", id=named["id"]), on="text", how="left", maintain_order="left")[
        "id"
    ].to_list()
    problems = named.unique("id", keep="first").sort("id")
    parts = cut_all(problems["text"])
    ids = problems["id"].to_list()
    cut = (parts.problems != parts.wholes).to_numpy()
    rows, vocabulary, hashes, kinds = _coded(pl.concat([parts.wholes, parts.problems.filter(cut)]))
    places = np.arange(len(ids))
    whole, tokens = rows.take(places), rows.take(np.where(cut, len(ids) + np.cumsum(cut) - 1, places))
    numbers = _numbers(tokens, kinds == _IS_NUMBER, hashes)
    return names, Problems(
        ids,
        vocabulary,
        hashes,
        tokens,
        whole,
        hashes_of(parts.forms),
        {ids[place]: numbers for place, numbers in parts.figures.items()},
        numbers,
        mixed(_bands(tokens, kinds, hashes, p), numbers),
    )


def _coded(texts: pl.Series) -> tuple[Ragged, list[str], Hashes, NDArray[np.uint8]]:
    """The normal tokens of every text as codes of a vocabulary, which is in the order in which its tokens first come;
    the vocabulary's hashes and kinds."""
    lists = words_all(texts)
    lengths = lists.list.len().to_numpy().astype(np.int64)
    flat = lists.list.explode(empty_as_null=False)
    spelled = flat.unique(maintain_order=True)
    raw = flat.cast(pl.Enum(spelled)).to_physical().to_numpy()
    codes: dict[_Token, int] = {}
    table = np.array([codes.setdefault(token, len(codes)) if token else -1 for token in map(_token, spelled)], int)
    values = table[raw] if len(raw) else np.zeros(0, int)
    kept = np.append(0, np.cumsum(values >= 0))
    rows = Ragged(values[values >= 0].astype(np.uint32), kept[offsets_of(lengths)])
    hashes = np.array([token.hash for token in codes], dtype=np.uint64)
    return rows, [token.text for token in codes], hashes, np.array([token.kind for token in codes], dtype=np.uint8)


@lru_cache(maxsize=1_000_000)
def _token(word: str) -> "_Token | None":
    text = normal_token(word)
    if text is None:
        return None
    if is_layout(text):
        kind = _IS_LAYOUT
    else:
        kind = _IS_NUMBER if text[0].isdigit() else _IS_NAME if is_name_token(text) else _IS_WORD
    return _Token(text, int(hashes_of([text])[0]), kind)


def _numbers(tokens: Ragged, number: NDArray[np.bool_], hashes: Hashes) -> Hashes:
    """A hash of the numbers of each row, the same in every order; `number` says which tokens are."""
    count = len(tokens.offsets) - 1
    owners = np.repeat(np.arange(count), np.diff(tokens.offsets))
    chosen = number[tokens.values]
    sums = np.zeros(count, dtype=np.uint64)
    np.add.at(sums, owners[chosen], mixed(hashes[tokens.values[chosen]], _NUMBER))
    return sums


def _bands(tokens: Ragged, kinds: NDArray[np.uint8], hashes: Hashes, p: Near) -> Hashes:
    """MinHash bands of the runs of tokens that are no layout, all variables alike."""
    content = tokens.where(kinds[tokens.values] != _IS_LAYOUT)
    owners, runs = windows(content, np.where(kinds == _IS_NAME, _NAME, hashes), p.shingle)
    return signatures(owners, runs, len(tokens.offsets) - 1, p.permutations, p.bands)


def joined(batches: list[Problems], bands: int) -> Problems:
    """The distinct problems of all batches; of equal ids the first is taken, since its text is the same."""
    names = pl.Series([name for batch in batches for name in batch.ids], dtype=pl.String)
    order = pl.DataFrame({"id": names}).with_row_index("place").unique("id", keep="first").sort("id")
    places = order["place"].to_numpy().astype(np.int64)
    codes: dict[str, int] = {}
    tables = [
        np.array([codes.setdefault(token, len(codes)) for token in batch.vocabulary], dtype=np.uint32)
        for batch in batches
    ]
    hashes = np.zeros(len(codes), dtype=np.uint64)
    for batch, table in zip(batches, tables, strict=True):
        hashes[table] = batch.hashes
    chained = [
        _chained([_recoded(getattr(batch, part), table) for batch, table in zip(batches, tables, strict=True)])
        for part in ("tokens", "whole")
    ]
    none = np.zeros(0, dtype=np.uint64)
    return Problems(
        order["id"].to_list(),
        list(codes),
        hashes,
        chained[0].take(places),
        chained[1].take(places),
        np.concatenate([none, *(batch.forms for batch in batches)])[places],
        {name: numbers for batch in batches for name, numbers in batch.figures.items()},
        np.concatenate([none, *(batch.numbers for batch in batches)])[places],
        np.hstack([np.zeros((bands, 0), dtype=np.uint64), *(batch.bands for batch in batches)])[:, places],
    )


def _recoded(rows: Ragged, table: Codes) -> Ragged:
    return Ragged(table[rows.values] if len(table) else rows.values, rows.offsets)


def _chained(parts: list[Ragged]) -> Ragged:
    lengths = np.concatenate([np.zeros(0, dtype=np.int64), *(np.diff(part.offsets) for part in parts)])
    return Ragged(np.concatenate([np.zeros(0, dtype=np.uint32), *(part.values for part in parts)]), offsets_of(lengths))
