"""Files of the user's own → tables that were made from other bytes than these have now; used by `limo funnel`.

DVC knows a file of `sources`, `benchmarks`, `recorded` or `imports` by its path in params.yaml alone: after a change of
its content `dvc repro` finds nothing to do.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from limo import params
from limo.graph import outs


def stale(p: params.Params, root: Path) -> list[dict[str, str]]:
    """Out, reason and remedy of every table under `root` that records another sha256 of its file than the file has.

    A file or table that is not there, or a table without a row of the file, says nothing.
    """
    found = {}
    for out, rows, path in _made(p):
        if not (outs.built(out, root) and (root / path).is_file()):
            continue
        revision = "chain_revision" if "chain_revision" in out.schema else "source_revision"
        recorded = outs.scan(out, root).filter(rows).select(pl.col(revision).unique()).collect()[revision].to_list()
        if recorded and recorded != [_sha256(root / path)]:
            again = out.remedy.replace("dvc repro", "dvc repro --force --single-item")
            reason = f"{path} has other bytes than it was made from"
            found[out.path, path] = {"out": out.path, "reason": reason, "remedy": f"{again}, then dvc repro"}
    return [found[key] for key in sorted(found)]


def _made(p: params.Params) -> Iterator[tuple[outs.Table, pl.Expr, str]]:
    """Every table that a file of the user's own is made into, which of its rows are the file's, and the file."""
    every = pl.lit(True)
    groups = (
        [(outs.source(name), every, spec) for name, spec in p.sources.items()],
        [(outs.BENCHMARKS, pl.col("benchmark") == name, spec.source) for name, spec in p.benchmarks.items()],
        [(outs.recorded(name), every, spec) for name, spec in p.recorded.items()],
        [(outs.imported(name), every, spec) for name, spec in p.imports.items()],
    )
    for out, rows, spec in (entry for group in groups for entry in group):
        if spec.kind == "files":
            yield out, rows, spec.path


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
