"""What DVC runs again in a world of two rounds. The graph is the real one, the stages are stand-ins."""

import copy
import json
from contextlib import chdir
from pathlib import Path
from typing import Any

import yaml
from dvc.repo import Repo

ROOT = Path(__file__).parents[2]
ROUNDS = yaml.safe_load((ROOT / "profiles/tiny_rounds.yaml").read_text(encoding="utf-8"))
# Fewer stages, of which DVC takes a fifth of a second each.
FEW = {
    "sources": ["sums"],
    "datasets": ["limo", "L1", "easy", "validation"],
    "variants": ["limo", "sd"],
    "candidates": ["base", "sd"],
}
# Writes other bytes into every out whenever params.yaml is another: the most that a change can set off.
STAND_IN = """
for out; do
  case "$out" in *.parquet|*.json) file=$out;; *) file=$out/content;; esac
  mkdir -p "${file%/*}"
  echo "$out" | cat - params.yaml | cksum > "$file"
done
"""
FIRST = {"round_dataset@sd_data", "round_dataset@sd_apart", "train@sd"}
SECOND = {"collect@sd", "check@1", "measure@1"}
BOTH = {"pair", "score", "tiers", "dataset@limo", "dataset@L1", "dataset@easy", "dataset@validation", "train@limo"}
FIGURES = {"answer@sd", "metrics", "report", "release"}


def stood_in(stage: dict[str, Any]) -> dict[str, Any]:
    """A stage of dvc.yaml with its data and params, without its code, that writes its outs by the stand-in."""
    body = stage.get("do", stage)
    listed = [*body.get("outs", []), *body.get("metrics", [])]
    outs = [out if isinstance(out, str) else next(iter(out)) for out in listed]
    changed = {
        "cmd": f"sh stand_in.sh {' '.join(outs)}",
        "deps": [dep for dep in body["deps"] if not dep.startswith(("limo/", "stages/"))],
        "params": body.get("params", []),
        "outs": [{out: {"cache": False}} for out in outs],
    }
    return {"foreach": stage["foreach"], "do": changed} if "do" in stage else changed


def write(folder: Path, values: dict[str, Any]) -> None:
    (folder / "params.yaml").write_text(json.dumps(values), encoding="utf-8")


def rerun() -> set[str]:
    """The stages that `dvc repro` runs."""
    with Repo() as repo:
        return {stage.addressing for stage in repo.reproduce()}


def test_new_seeds_run_the_second_round_and_what_follows_and_leave_the_first_as_it_is(tmp_path):
    graph = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    stages = {name: stood_in(stage) for name, stage in graph.items()}
    (tmp_path / "dvc.yaml").write_text(json.dumps({"vars": ["params.yaml"], "stages": stages}), encoding="utf-8")
    (tmp_path / "stand_in.sh").write_text(STAND_IN, encoding="utf-8")
    values = copy.deepcopy(ROUNDS) | {
        section: {name: ROUNDS[section][name] for name in names} for section, names in FEW.items()
    }
    write(tmp_path, values)
    with chdir(tmp_path):
        Repo.init(no_scm=True).close()
        everything = rerun()
        values["round_datasets"]["sd_data"]["dataset"]["rows"] = 5
        write(tmp_path, values)
        again = rerun()
    assert again == FIRST | SECOND | BOTH | FIGURES
    assert {"collect@tiny", "collect@easy", "check@0", "measure@0", "answer@base"} <= everything - again
