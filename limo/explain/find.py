"""An id, a question or a dataset's row → the id of one problem; used by `limo explain`."""

import re
from pathlib import Path

import polars as pl

from limo import params
from limo.graph import outs
from limo.problems.canonical import canonical, problem_id
from limo.problems.tokens import jaccard, words

LISTED = 5  # ids that an ambiguous prefix spells out
NEAR = 20  # rough candidates among which the nearest problem is looked for
_HEX = re.compile(r"[0-9a-f]{6,64}")
_ROUGH = r"\p{Han}|[\p{L}--\p{Han}]+|\d+"


class UnknownError(ValueError):
    """No such problem, or more than one."""


def by_id(text: str, p: params.Params, root: Path) -> str:
    """The problem id that an id, a unique prefix of one or "SOURCE:SOURCE_ID" names.

    Raises:
        UnknownError: there is none, or a prefix has several, of which up to 5 are listed.
    """
    source, colon, source_id = text.partition(":")
    if colon:
        return _of_source(source, source_id, p, root)
    prefix = text.lower()
    if not _HEX.fullmatch(prefix):
        raise UnknownError(f"{text!r} is no id: give 6 to 64 hex digits of a problem id, or SOURCE:SOURCE_ID")
    ids = outs.columns(_holders(p), root, ["id"], pl.col("id").str.starts_with(prefix))["id"].unique().sort()
    if ids.len() == 0:
        raise UnknownError(f"no problem has an id that begins with {text}: --question finds one by its text")
    if ids.len() > 1:
        more = f" and {ids.len() - LISTED} more" if ids.len() > LISTED else ""
        listed = ", ".join(ids.head(LISTED))
        raise UnknownError(f"{ids.len()} problems have ids that begin with {text}: {listed}{more}; give more digits")
    return str(ids.item())


def by_question(text: str, p: params.Params, root: Path) -> str:
    """The id of the problem with this question, in whatever spelling of `limo.problems.canonical.canonical`.

    Raises:
        UnknownError: there is none; the message names the known problem that shares most words with it.
    """
    identity = problem_id(text)
    if outs.columns(_holders(p), root, ["id"], pl.col("id") == identity).height:
        return identity
    nearest = _nearest(text, p, root)
    if nearest is None:
        raise UnknownError("no problem has this question, and none shares a word with it")
    share, other, question = nearest
    raise UnknownError(
        f"no problem has this question; {other[:12]} shares most of its words ({share:.0%}): {question}\n"
        f"If you mean that one: limo explain {other[:12]}"
    )


def by_row(number: int, dataset: str, p: params.Params, root: Path) -> str:
    """The id of row `number`, counted from 0, of a dataset.

    Raises:
        UnknownError: params.yaml has no such dataset, it is not built or has fewer rows.
    """
    known = outs.datasets(p)
    if dataset not in known:
        raise UnknownError(f"there is no dataset {dataset}: params.yaml has {', '.join(known)}")
    out = known[dataset]
    if not outs.built(out, root):
        raise UnknownError(f"{out.path} is not built: run {out.remedy}")
    ids = outs.scan(out, root).select("id").collect()["id"]
    if not 0 <= number < ids.len():
        raise UnknownError(f"{out.path} has no row {number}: it has {ids.len()}, counted from 0")
    return str(ids[number])


def _holders(p: params.Params) -> list[outs.Table]:
    """Tables that between them hold every problem, whichever of them were pulled."""
    return [*outs.sources(p).values(), outs.POOL, outs.POOL_REJECTED, *outs.datasets(p).values()]


def _of_source(source: str, source_id: str, p: params.Params, root: Path) -> str:
    known = outs.sources(p)
    if source not in known:
        raise UnknownError(f"there is no source {source}: params.yaml has {', '.join(known)}")
    holders = [known[source], outs.POOL, outs.POOL_REJECTED, *outs.datasets(p).values()]
    match = (pl.col("source") == source) & (pl.col("source_id") == source_id)
    matching = outs.columns(holders, root, ["id"], match)
    if not matching.height:
        if not outs.built(known[source], root):
            raise UnknownError(f"{known[source].path} is not built: run {known[source].remedy}")
        raise UnknownError(f"{known[source].path} has no row with source_id {source_id}: try --question TEXT")
    return str(matching["id"][0])


def _nearest(text: str, p: params.Params, root: Path) -> tuple[float, str, str] | None:
    """Share of common words, id and question of the known problem that shares most with this text.

    Plain lower-case words of all questions propose, canonical words of the best few decide: a second for 100,000.
    """
    asked = pl.Series([text]).str.to_lowercase().str.extract_all(_ROUGH).list.unique()
    tokens = pl.col("question").str.to_lowercase().str.extract_all(_ROUGH).list.unique()
    shared = pl.col("tokens").list.set_intersection(pl.lit(asked)).list.len()
    rough = (
        outs.columns(_holders(p), root, ["id", "question"])
        .lazy()
        .unique("id", maintain_order=True)
        .with_columns(tokens=tokens)
        .with_columns(shared=shared)
        .filter(pl.col("shared") > 0)
        .with_columns(share=pl.col("shared") / (pl.col("tokens").list.len() + len(asked[0]) - pl.col("shared")))
        .sort(["share", "id"], descending=[True, False])
        .head(NEAR)
        .select("id", "question")
        .collect()
    )
    own = set(words(canonical(text)))
    if not own:
        return None
    ranked = sorted((-jaccard(own, set(words(canonical(row[1])))), *row) for row in rough.iter_rows())
    return (-ranked[0][0], ranked[0][1], ranked[0][2]) if ranked else None
