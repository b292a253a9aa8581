"""A user's file of problems → which rows stay, and why others do not; used by `limo dedup` and `limo decontaminate`."""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from limo import params
from limo.base.files import write_json
from limo.lines.jsonl import collect, identifier, regular, rows, whole, write
from limo.problems.clusters import clusters, score
from limo.problems.decontaminate import contaminated
from limo.problems.distinct import Problems, distinct

_NEAR = params.Near(shingle=2, permutations=1, bands=1, threshold=0.5)  # decontamination compares no pool rows


class ProblemRow(BaseModel):
    """One line of a file of problems. Keys beyond these are passed over."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: Annotated[str | int, BeforeValidator(identifier)]
    problem: str
    rank: int = 0
    solution: str | None = None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector, which would walk a million rows again and again and find no cycle."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@_uncollected()
def dedup(source: str, out: str, p: params.Near, workers: int, metrics: str | None) -> dict[str, int]:
    """Write for every row of `source`, in its order, whether it stays: id, kept, reason, match, score.

    Rows of one cluster (`problems.clusters.clusters`) are one problem; the one of the lowest rank stays, then one with
    a solution, then the lowest id. A rejected row names that one and their similarity.

    Returns:
        Rows, kept and rejected by reason.

    Raises:
        InputError: rows are wrong or their ids repeat; nothing is written then.
        OSError: a file cannot be read or written.
    """
    given, names, problems = _read(source, p, workers, "dedup")
    places = {identity: place for place, identity in enumerate(problems.ids)}
    roots = clusters(problems, p).tolist()
    members: dict[int, list[tuple[ProblemRow, int]]] = {}
    for row, name in zip(given, names, strict=True):
        place = places[name]
        members.setdefault(roots[place], []).append((row, place))
    rejected: dict[str | int, dict[str, Any]] = {}
    for cluster in members.values():
        if len(cluster) == 1:
            continue
        (first, place), *others = sorted(cluster, key=lambda member: _precedence(member[0]))
        for row, other in others:
            reason = f"duplicate: {'exact' if other == place else 'near'}"
            rejected[row.id] = {"reason": reason, "match": first.id, "score": score(other, place, problems)}
    return _write(given, rejected, out, metrics)


@_uncollected()
def decontaminate(
    source: str, benchmarks: str, out: str, p: params.Decontamination, workers: int, metrics: str | None
) -> dict[str, int]:
    """Write for every row of `source`, in its order, whether no benchmark row is the same problem
    (`problems.decontaminate.contaminated`): id, kept, reason, match, score.

    Returns:
        Rows, kept and rejected by reason.

    Raises:
        InputError: rows are wrong or their ids repeat; nothing is written then.
        OSError: a file cannot be read or written.
    """
    given, names, problems = _read(source, _NEAR, workers, "decontaminate")
    guarded, keys, protected = _read(benchmarks, _NEAR, workers, "benchmarks")
    rows_of = dict(reversed([(key, row.id) for key, row in zip(keys, guarded, strict=True)]))
    hits = contaminated(problems, protected, p)
    rejected: dict[str | int, dict[str, Any]] = {}
    for row, name in zip(given, names, strict=True):
        if hit := hits.get(name):
            reason = f"contaminated: {hit.rule}"
            rejected[row.id] = {"reason": reason, "match": rows_of[hit.id], "score": hit.score}
    return _write(given, rejected, out, metrics)


def _read(source: str, p: params.Near, workers: int, title: str) -> tuple[list[ProblemRow], list[str], Problems]:
    """The rows of a file, the problem id of each, and the distinct problems."""
    with regular(source) as (path, name):
        given = collect(name, rows(path, ProblemRow), lambda row: row.id)
    names, problems = distinct([row.problem for row in given], p, workers, title)
    return given, names, problems


def _precedence(row: ProblemRow) -> tuple[int, bool, str, str]:
    return row.rank, not row.solution, f"{row.id:020}" if isinstance(row.id, int) else "", str(row.id)


def _write(
    given: list[ProblemRow], rejected: dict[str | int, dict[str, Any]], out: str, metrics: str | None
) -> dict[str, int]:
    reasons = Counter(verdict["reason"] for verdict in rejected.values())
    counts = {"rows": len(given), "kept": len(given) - len(rejected)}
    counts |= {reason: reasons[reason] for reason in sorted(reasons)}
    passed = {"reason": None, "match": None, "score": None}
    with whole(out) as stream:
        for row in given:
            write(stream, {"id": row.id, "kept": row.id not in rejected, **rejected.get(row.id, passed)})
    if metrics is not None:
        write_json(counts, Path(metrics))
    return counts
