"""REVISION:CANDIDATE → its answers, the problems and the protocol, through DVC; used by `limo compare`."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from limo.graph import outs

WORKSPACE = "workspace"  # as DVC calls what lies in the folder, committed or not


@dataclass(frozen=True)
class Measured:
    """A candidate as one revision has it.

    Attributes:
        label: REVISION:CANDIDATE, as it was asked for.
        answers: benchmark, source_id, sample and verdict of every answer.
        problems: benchmark, source_id, question, answer and cluster of every problem.
        protocol: dotted keys of params.yaml that decide how it was asked and judged, with their values.
    """

    label: str
    answers: pl.DataFrame
    problems: pl.DataFrame
    protocol: dict[str, Any]


def read(reference: str, root: Path) -> Measured:
    """Read what the revision of the project at `root` holds of a candidate; `workspace` is the folder as it is.

    Files come from DVC's cache, or a remote. The columns that are needed are read by name, and params.yaml without
    its checks, so that a revision of another release of limo can be compared too.

    Raises:
        ValueError: the reference has no colon, or there is no such revision, candidate or file; the message says so.
    """
    revision, colon, name = reference.rpartition(":")
    if not colon or not revision or not name:
        raise ValueError(f"{reference!r} is not REVISION:CANDIDATE, such as main:limo or {WORKSPACE}:limo")
    values = _yaml(_bytes("params.yaml", revision, root))
    if name not in values["candidates"]:
        raise ValueError(f"{revision} has no candidate {name!r}, only {sorted(values['candidates'])}")
    answers = pl.read_parquet(_bytes(outs.answers(name).path, revision, root))
    problems = pl.read_parquet(_bytes(outs.BENCHMARKS.path, revision, root))
    alone = pl.col("source_id")
    known = pl.coalesce("cluster", alone) if "cluster" in problems.columns else alone  # once limo knew no clusters
    return Measured(
        reference,
        answers.select("benchmark", "source_id", "sample", "verdict").sort("benchmark", "source_id", "sample"),
        problems.select("benchmark", "source_id", "question", "answer", cluster=known),
        _protocol(values),
    )


def _protocol(values: Mapping[str, Any]) -> dict[str, Any]:
    evaluate = values["evaluate"]
    return {
        **{f"evaluate.protocols.{name}": dict(protocol) for name, protocol in evaluate["protocols"].items()},
        "evaluate.max_tokens": evaluate["max_tokens"],
        "prompt.system": values["prompt"]["system"],
        "engine": dict(values["engines"][evaluate["engine"]]),
        "answers.extraction": values["answers"]["extraction"],
    }


def _bytes(path: str, revision: str, root: Path) -> BytesIO:
    from dvc.api import DVCFileSystem  # noqa: PLC0415  (a second, which a wrong reference is spared)
    from dvc.exceptions import DvcException  # noqa: PLC0415
    from scmrepo.exceptions import SCMError  # noqa: PLC0415

    try:
        if revision == WORKSPACE:
            return BytesIO((root / path).read_bytes())
        return BytesIO(DVCFileSystem(str(root), rev=revision).cat_file(path))
    except FileNotFoundError as error:
        remedy = "`dvc repro`" if revision == WORKSPACE else f"`dvc fetch` in a checkout of {revision}"
        raise ValueError(
            f"{revision} has no {path} here: run {remedy}, or see that it is pushed to a remote"
        ) from error
    except (DvcException, SCMError) as error:
        raise ValueError(f"cannot read {path} at {revision}: {error}") from error


def _yaml(file: BytesIO) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415  (as limo.params)

    return YAML(typ="safe", pure=True).load(file)
