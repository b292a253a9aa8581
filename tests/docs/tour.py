"""The rows of the problem that docs/tour.md follows, as a small world of the default graph's tables.

`python -m tests.docs.tour` writes them anew, where the default graph has run.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.base import tables
from limo.base.files import write_json
from limo.graph import outs
from tests.test_docs import ROOT

ID = "4f130f2ad0d390dd91160ee0c35b2ac99006217314c5bdf32ee347b928ccb702"
KEPT = ROOT / "docs/tour/rows.json"


def rows(root: Path) -> dict[str, list[dict[str, Any]]]:
    """The problem's rows of every table under `root`, by path; tables without one are left out."""
    followed = outs.followed(params.load(ROOT / "params.yaml"))
    # Measures stand by chain alone, and once more in the scored chains.
    held = {out.path: outs.rows(out, root, pl.col("id") == ID) for out in followed if "id" in out.schema}
    return {path: table for path, table in held.items() if table}


def make(root: Path) -> None:
    """Write params.yaml, metrics and every table of the default graph under `root`, the tables with the kept rows."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    (root / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    for out in outs.followed(params.load(ROOT / "params.yaml")):
        (root / out.path).parent.mkdir(parents=True, exist_ok=True)
        tables.write(tables.frame(kept.get(out.path, []), out.schema), root / out.path, out.schema, out.key)
    shutil.copytree(ROOT / "metrics", root / "metrics")


if __name__ == "__main__":
    write_json(rows(ROOT), KEPT)
