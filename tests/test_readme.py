import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.test_docs import examples

ROOT = Path(__file__).parent.parent
NARROW = ROOT / "docs/ablations/narrow"
COMPARED = examples((ROOT / "README.md").read_text(encoding="utf-8"), "text")
STEPS = {
    "pool": "one clean row per problem",
    "screen": "a small model must fail 2 of 2 draws",
    "rate": "correct draws in the band of each rater",
    "select": "balance of subject and level",
    "tiers": "chains that can be in a dataset",
}


def funnel_lines(funnel):
    lines = []
    for step, meaning in STEPS.items():
        entry = funnel[step]
        why = ", ".join(f"{reason} {count}" for reason, count in entry["rejected"].items())
        lines.append(f"| {step} | {meaning} | {entry['in']} | {entry['kept']} | {why} |")
    datasets = ", ".join(f"{name} {rows}" for name, rows in funnel["datasets"].items())
    return [*lines, *source_lines(funnel.get("by_source", {})), f"Rows per dataset: {datasets}."]


def source_lines(sources):
    """What every step leaves of the competition problems, where there are some."""
    if "champ" not in sources:
        return []
    figures = sources["champ"]
    rated, selected = (figures[step]["kept"] for step in ("rate", "select"))
    return [f"Of CHAMP's problems {figures['pool']} are in the pool, {rated} in the band and {selected} selected"]


def score_lines(evaluation):
    lines = []
    for candidate, figures in evaluation.items():
        cells = [
            f"{100 * figures[b]['pass_at_1']:.1f} ({100 * figures[b]['low']:.0f}–{100 * figures[b]['high']:.0f})"
            for b in ("sums", "stories", "gym", "mean")
        ]
        mean = figures["mean"]
        lines.append(
            f"| {candidate} | {' | '.join(cells)} | {100 * mean['answered']:.0f} | {100 * mean['unfinished']:.0f} |"
        )
    return lines


@pytest.mark.parametrize(("page", "metrics"), [("README.md", "metrics"), ("docs/smollm2_full.md", "docs/smollm2_full")])
@pytest.mark.parametrize(("file", "lines"), [("funnel", funnel_lines), ("evaluation", score_lines)])
def test_the_page_shows_the_committed_figures(page, metrics, file, lines):
    text = (ROOT / page).read_text(encoding="utf-8")
    figures = json.loads((ROOT / metrics / f"{file}.json").read_text(encoding="utf-8"))
    assert [line for line in lines(figures) if line not in text] == []


def run(folder: Path, command: str) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DVC_", "GIT_"))}
    env |= {"DVC_NO_ANALYTICS": "1", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    identity = {f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = ["bash", "-ec", command]
    return subprocess.run(command, cwd=folder, env=env | identity, stdout=subprocess.PIPE, text=True, check=True).stdout


def branches(folder: Path, **held: tuple[str, Path]) -> Path:
    """Make a repository of this graph with branches, each of which holds a params.yaml and a folder of metrics."""
    run(folder, "git init --quiet && dvc init --quiet")
    shutil.copy(ROOT / "dvc.yaml", folder)
    for branch, (params, metrics) in held.items():
        (folder / "params.yaml").write_text(params, encoding="utf-8")
        # Without its times: git would take a file of the same size and second for the one it knows.
        shutil.copytree(metrics, folder / "metrics", dirs_exist_ok=True, copy_function=shutil.copyfile)
        run(folder, f"git checkout --quiet -b {branch} && git add --all && git commit --quiet --message {branch}")
    return folder


def two_bands(folder: Path) -> Path:
    """Make a repository of the committed run and, as the branch `narrow`, of the run with another band."""
    params = (ROOT / "params.yaml").read_text(encoding="utf-8")
    narrow = re.sub(r"(?s)(\nrate:.*?\n      max_correct:) \d+", r"\1 2", params, count=1)
    return branches(folder, main=(params, ROOT / "metrics"), narrow=(narrow, NARROW))


def test_the_readme_shows_how_two_bands_differ(tmp_path):
    folder = two_bands(tmp_path)
    assert len(COMPARED) == 3
    assert [run(folder, command) for command, _ in COMPARED] == [output for _, output in COMPARED]


def test_the_two_bands_are_of_one_graph():
    """What no band can change is the same; else one of the two is older: docs/ablations.md says how to run it."""
    main, narrow = (
        {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
        for folder in (ROOT / "metrics", NARROW)
    )
    assert main.keys() == narrow.keys()
    assert main["problems"] == narrow["problems"]
    assert main["evaluation"]["base"] == narrow["evaluation"]["base"]
    for step in ("acquire", "pool", "screen"):
        assert main["funnel"][step] == narrow["funnel"][step]
    assert main["funnel"]["rate"]["in"] == narrow["funnel"]["rate"]["in"]


if __name__ == "__main__":
    for name, lines in (("funnel", funnel_lines), ("evaluation", score_lines)):
        print(*lines(json.loads((ROOT / f"metrics/{name}.json").read_text(encoding="utf-8"))), sep="\n")
    with tempfile.TemporaryDirectory() as made:
        two_bands(Path(made))
        for command, _ in COMPARED:
            print(f"$ {command}", run(Path(made), command), sep="\n", end="")
