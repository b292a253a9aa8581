from collections import Counter
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from tqdm import tqdm

from limo import params
from limo.lines import check, identifier, regular, rows, whole, write
from limo.problems.core import Core, core
from limo.problems.decontaminate import contaminated
from limo.problems.dedup import clusters
from limo.problems.look import similarity
from limo.problems.text import canonical, identity, problem_id
from limo.tables import BENCHMARK, frame, write_json


class Row(BaseModel):
    """One line of a file of problems. Keys beyond these are passed over."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: Annotated[str | int, BeforeValidator(identifier)]
    problem: str
    rank: int = 0
    solution: str | None = None


def dedup(source: str, out: str, p: params.Near, metrics: str | None) -> dict[str, int]:
    """Write for every row of `source`, in its order, whether it stays: id, kept, reason, match, score.

    Rows of one cluster (`problems.dedup.clusters`) are one problem; the one of the lowest rank stays, then one with a
    solution, then the lowest id. A rejected row names that one and their similarity.

    Returns:
        Rows, kept and rejected by reason.

    Raises:
        InputError: rows are wrong or their ids repeat; nothing is written then.
        OSError: a file cannot be read or written.
    """
    found, names, cores = _read(source, "dedup")
    members: dict[str, list[Row]] = {}
    for row, name in zip(found, names, strict=True):
        members.setdefault(name, []).append(row)
    verdicts: dict[str | int, dict[str, Any]] = {}
    identities = {row.id: name for row, name in zip(found, names, strict=True)}
    for cluster in clusters(cores, p):
        first, *others = sorted((row for name in cluster for row in members[name]), key=_precedence)
        verdicts[first.id] = {"kept": True, "reason": None, "match": None, "score": None}
        for row in others:
            exact = identities[row.id] == identities[first.id]
            score = 1.0 if exact else similarity(cores[identities[row.id]].tokens, cores[identities[first.id]].tokens)
            reason = f"duplicate: {'exact' if exact else 'near'}"
            verdicts[row.id] = {"kept": False, "reason": reason, "match": first.id, "score": score}
    return _write(found, verdicts, out, metrics)


def decontaminate(
    source: str, benchmarks: str, out: str, p: params.Decontamination, metrics: str | None
) -> dict[str, int]:
    """Write for every row of `source`, in its order, whether no benchmark row is the same problem
    (`problems.decontaminate.contaminated`): id, kept, reason, match, score.

    Returns:
        Rows, kept and rejected by reason.

    Raises:
        InputError: rows are wrong or their ids repeat; nothing is written then.
        OSError: a file cannot be read or written.
    """
    found, names, cores = _read(source, "decontaminate")
    guarded, _, _ = _read(benchmarks, "benchmarks")
    places = [
        {
            "benchmark": "",
            "id": problem_id(row.problem),
            "question": row.problem,
            "answer": "",
            "source_id": str(place),
            "source_revision": "",
            "licence": "",
        }
        for place, row in enumerate(guarded)
    ]
    hits = contaminated(cores, frame(places, BENCHMARK), p)
    verdicts: dict[str | int, dict[str, Any]] = {}
    for row, name in zip(found, names, strict=True):
        verdict: dict[str, Any] = {"kept": True, "reason": None, "match": None, "score": None}
        if (hit := hits.get(name)) and hit.match:
            match = guarded[int(hit.match.removeprefix(":"))].id
            verdict = {"kept": False, "reason": hit.reason, "match": match, "score": hit.score}
        verdicts[row.id] = verdict
    return _write(found, verdicts, out, metrics)


def _read(source: str, title: str) -> tuple[list[Row], list[str], dict[str, Core]]:
    """The rows of a file, the problem id of each, and the core of each problem id."""
    with regular(source) as (path, name):
        total = check(name, rows(path, Row), lambda row: row.id)
        found = [line.row for line in rows(path, Row) if isinstance(line.row, Row)]
    names: list[str] = []
    cores: dict[str, Core] = {}
    for row in tqdm(found, desc=title, unit=" rows", total=total, disable=None):
        text = canonical(row.problem)
        names.append(identity(text))
        if names[-1] not in cores:
            cores[names[-1]] = core(text)
    return found, names, cores


def _precedence(row: Row) -> tuple[int, bool, str, str]:
    return row.rank, not row.solution, f"{row.id:020}" if isinstance(row.id, int) else "", str(row.id)


def _write(
    found: list[Row], verdicts: dict[str | int, dict[str, Any]], out: str, metrics: str | None
) -> dict[str, int]:
    reasons = Counter(verdict["reason"] for verdict in verdicts.values())
    kept = reasons.pop(None, 0)
    counts = {"rows": len(found), "kept": kept} | {reason: reasons[reason] for reason in sorted(reasons)}
    with whole(out) as stream:
        for row in found:
            write(stream, {"id": row.id, **verdicts[row.id]})
    if metrics is not None:
        write_json(counts, Path(metrics))
    return counts
