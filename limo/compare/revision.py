"""REVISION:CANDIDATE → its answers, the problems and the protocol, through DVC; used by `limo compare`."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.graph import outs

WORKSPACE = "workspace"  # as DVC calls what lies in the folder, committed or not


@dataclass(frozen=True)
class Measured:
    """A candidate as one revision has it.

    Attributes:
        label: REVISION:CANDIDATE, as it was asked for.
        answers: of every answer benchmark (the name of its exam, as `params.exams` has it), source_id, sample, verdict.
        problems: of every exam (`benchmark`) source_id, question, answer and cluster of its problems.
        protocol: what decides how it was asked and judged: the protocol of every exam, and keys of params.yaml.
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
    alone, exams = pl.col("source_id"), _exams(values)
    known = pl.coalesce("cluster", alone) if "cluster" in problems.columns else alone  # once limo knew no clusters
    answered = answers if "protocol" in answers.columns else answers.with_columns(protocol=None)  # nor several of them
    asked = problems.select("benchmark", "source_id", "question", "answer", cluster=known)
    return Measured(
        reference,
        pl.concat(
            answered.filter(benchmark=benchmark)
            .filter(pl.col("protocol").eq_missing(pl.lit(protocol)))
            .select("source_id", "sample", "verdict", benchmark=pl.lit(exam))
            for exam, (benchmark, protocol, _) in exams.items()
        ).sort("benchmark", "source_id", "sample"),
        pl.concat(
            asked.filter(benchmark=benchmark).with_columns(benchmark=pl.lit(exam))
            for exam, (benchmark, _, _) in exams.items()
        ),
        _protocol(values, exams),
    )


def _exams(values: Mapping[str, Any]) -> dict[str, tuple[str, str | None, dict[str, Any]]]:
    """Benchmark, protocol and its settings by the names of `params.exams`; a protocol without a name is the only one.

    A revision before protocols had names has one for each benchmark, all of one limit and system turn.
    """
    evaluate, system = values["evaluate"], values["prompt"]["system"]
    if "benchmarks" not in evaluate:
        alike = {"max_tokens": evaluate["max_tokens"], "system": system}
        return {name: (name, None, {**rule, **alike}) for name, rule in evaluate["protocols"].items()}
    rules = {
        name: {**rule, "system": system if rule["system"] is None else rule["system"]}
        for name, rule in evaluate["protocols"].items()
    }
    names = params.exam_names(evaluate["benchmarks"])
    return {exam: (benchmark, named, rules[named]) for exam, (benchmark, named) in names.items()}


def _protocol(values: Mapping[str, Any], exams: Mapping[str, tuple[str, str | None, dict[str, Any]]]) -> dict[str, Any]:
    evaluate = values["evaluate"]
    return {
        **{f"the protocol of {exam}": rule for exam, (_, _, rule) in exams.items()},
        "the engine": dict(values["engines"][evaluate["engine"]]),
        "answers.extraction": values["answers"]["extraction"],
    }


def _bytes(path: str, revision: str, root: Path) -> BytesIO:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from dvc.api import DVCFileSystem  # noqa: PLC0415  (a second, which a wrong reference is spared)
    from dvc.exceptions import DvcException  # noqa: PLC0415
    from dvc_data.index import DataIndexDirError  # noqa: PLC0415
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
    except (BotoCoreError, ClientError, DataIndexDirError, OSError) as error:
        raise ValueError(
            f"the cache here has no {path} of {revision}, and the remote does not give it ({error.__cause__ or error})"
            ": run `dvc repro` in a checkout of it, or point the clone at a bucket (docs/remote.md)"
        ) from error


def _yaml(file: BytesIO) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415  (as limo.params)

    return YAML(typ="safe", pure=True).load(file)
