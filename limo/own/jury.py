"""Pairs of chains and a model → which of two it prefers, in both orders, kept in the store; used by vote."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import polars as pl

from limo import params
from limo.base.files import digest
from limo.base.tables import frame
from limo.chains.gather import chain_id
from limo.graph import places
from limo.graph.outs import Table
from limo.graph.schemas import BALLOT
from limo.models import load
from limo.own import forms, judge
from limo.quality import form
from limo.quality.labelled import Labelled
from limo.quality.votes import OWN, TRIED, accepted

TEMPLATE = Path(__file__).with_name("jury.txt")
_PREFERENCE = re.compile(r"(\*\*)?Better: (?P<said>FIRST|SECOND)(?(1)\*\*)")
_PAIRS = 2_000  # whose texts are in memory at a time

Said = Literal["first", "second", "unparsed"]
_SAID: dict[str | None, Said] = {"FIRST": "first", "SECOND": "second"}


class Comparison(NamedTuple):
    """A pair of chains in one order: what it is about, problem, question, ids and texts, and which one is clean."""

    asked: str
    problem: str
    question: str
    first: tuple[str, str]
    second: tuple[str, str]
    clean: str | None


def voted(
    pairs: pl.DataFrame,
    checked: Sequence[Table],
    pool: pl.DataFrame,
    labelled: Sequence[Labelled],
    name: str,
    p: params.Params,
) -> pl.DataFrame:
    """Try judge `name` on chains that humans have marked, and ask it about the pairs of its own if it agrees.

    Args:
        pairs: PAIR rows.
        checked: the CHECKED tables; the texts of a few thousand chains are read at a time.
        pool: POOL rows; they hold the questions.
        labelled: chains with their marks.
        name: its key in `p.chain_judges`.
        p: all parameters.

    Returns:
        BALLOT rows; of a judge that agrees too rarely only those of the trial.

    Raises:
        ValueError, EngineError: as `judge.open_model` and the engine.
    """
    spec = p.chain_judges[name]
    questions = dict(pool.select("id", "question").iter_rows())
    folder = places.base_model(spec.model).path
    with judge.open_model(folder, p.engines[spec.engine], spec.max_tokens, _turns("", "", "")) as opened:
        tried = _ballots(opened, list(trial(labelled)), spec.model)
        if not accepted(tried, spec.min_agreement):
            return tried
        mine = pairs.filter(pl.col("turn") <= spec.neighbours).sort("id", "one", "other")
        own = (_own(part, checked, questions, p.gates.tags) for part in mine.iter_slices(_PAIRS))
        return pl.concat([tried, *(_ballots(opened, list(shown), spec.model) for shown in own)])


def trial(labelled: Sequence[Labelled]) -> Iterator[Comparison]:
    """Every pair of a clean and a faulty chain of one problem, in both orders."""
    problems: dict[str, list[Labelled]] = defaultdict(list)
    for row in labelled:
        problems[row.problem].append(row)
    for problem, rows in sorted(problems.items()):
        ids = {row.chain: chain_id(problem, row.chain) for row in rows}
        clean = sorted({row.chain for row in rows if row.clean}, key=ids.__getitem__)
        faulty = sorted({row.chain for row in rows if not row.clean} - set(clean), key=ids.__getitem__)
        for good in clean:
            for bad in faulty:
                sides = (ids[good], good), (ids[bad], bad)
                yield from _both(TRIED, problem, rows[0].question, sides, ids[good])


def build_prompt(question: str, first: str, second: str) -> str:
    """The judge's question: jury.txt with its marked fields filled in one pass, so that no data is read as a field."""
    return forms.filled(TEMPLATE, {"question": question, "first": first, "second": second})


def parse(text: str) -> Said:
    """The preference that a finished text ends with.

    Only the last line that is not blank counts, and only if it is exactly `Better: FIRST` or `Better: SECOND`, alone or
    between two pairs of asterisks. All else is `unparsed`.
    """
    return _SAID.get(forms.last_said(text, _PREFERENCE), "unparsed")


def _both(
    asked: str, problem: str, question: str, sides: tuple[tuple[str, str], tuple[str, str]], clean: str | None
) -> Iterator[Comparison]:
    one, other = sides
    yield Comparison(asked, problem, question, one, other, clean)
    yield Comparison(asked, problem, question, other, one, clean)


def _own(part: pl.DataFrame, checked: Sequence[Table], questions: dict[str, str], tags: str) -> Iterator[Comparison]:
    """Pairs of the pool in both orders, each chain in the form in which it would be handed out."""
    wanted = pl.concat([part["one"], part["other"]]).unique().implode()
    texts_of_all = pl.scan_parquet([out.path for out in checked]).select("chain_id", "chain")
    found = texts_of_all.filter(pl.col("chain_id").is_in(wanted)).collect()
    texts = {chain: form.stored(text, tags).text for chain, text in found.iter_rows()}
    for problem, one, other in part.select("id", "one", "other").iter_rows():
        yield from _both(OWN, problem, questions[problem], ((one, texts[one]), (other, texts[other])), None)


def _ballots(opened: judge.Judge, shown: Sequence[Comparison], model: str) -> pl.DataFrame:
    asked = [judge.request(opened, _turns(one.question, one.first[1], one.second[1])) for one in shown]
    prompt = digest(forms.text(TEMPLATE))
    rows: list[dict[str, Any]] = [
        {
            "asked": one.asked,
            "id": one.problem,
            "first": one.first[0],
            "second": one.second[0],
            "first_characters": len(one.first[1]),
            "second_characters": len(one.second[1]),
            "clean": one.clean,
            "said": said,
            "text": text,
            "model": model,
            "fingerprint": opened.model,
            "prompt": prompt,
            "key": key,
        }
        for one, (key, text, said) in zip(shown, judge.answered(opened, asked, parse), strict=True)
    ]
    return frame(rows, BALLOT)


def _turns(question: str, first: str, second: str) -> load.Turns:
    return forms.turns(build_prompt(question, first, second))
