import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from limo import params
from tests.system import s3, workspace
from tests.system.workspace import ROOT, Workspace

PAGE = (ROOT / "docs/ablations.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE.split("\n## Recipes\n")[1].split("\n## ")[0], re.DOTALL)
COMMANDS = [shlex.split(line) for block in BLOCKS for line in block.replace("\\\n", "").splitlines()]
RECIPES = {command[command.index("--name") + 1]: command for command in COMMANDS}
POINTS = range(1, 6)


def in_tiny(name: str) -> list[str]:
    """A recipe for the tiny world, whose model and rater have another name."""
    return [word.replace("smollm2", "tiny") for word in RECIPES[name]]


@pytest.fixture(scope="module")
def planned(tmp_path_factory) -> Workspace:
    """A clone in which nothing has run, with the default's parameters."""
    model = tmp_path_factory.mktemp("model")
    made = workspace.make(tmp_path_factory.mktemp("planned") / "clone", model)
    shutil.copy(ROOT / "params.yaml", made.folder)
    made.commit("The default")
    return made


@pytest.mark.parametrize("name", RECIPES)
def test_every_run_that_a_recipe_queues_has_valid_parameters_of_its_own(planned, tmp_path, name):
    before = stashed(planned)
    planned.run(*RECIPES[name])
    texts = [planned.run("git", "show", f"{commit}:params.yaml") for commit in stashed(planned)[: -len(before) or None]]
    assert len(set(texts)) == len(texts) > 0
    values = [yaml.safe_load(text) for text in texts]
    assert values != [yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))]
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text, encoding="utf-8")
        params.load(path)


def stashed(made: Workspace) -> list[str]:
    """The commits that hold what is queued, newest first."""
    if not made.run("git", "for-each-ref", "refs/exps/celery/stash"):
        return []
    return made.run("git", "log", "--walk-reflogs", "--format=%H", "refs/exps/celery/stash").split()


@pytest.fixture(scope="module")
def ready(whole, tmp_path_factory) -> Workspace:
    return workspace.copied(whole, tmp_path_factory.mktemp("ready") / "clone")


def outs(lock: str, stage: str) -> dict[str, str]:
    return {out["path"]: out["md5"] for out in yaml.safe_load(lock)["stages"][stage]["outs"]}


def work_off(made: Workspace) -> None:
    """Run what is queued with two workers and return when nothing of it is left."""
    # Workers keep the output of the command that starts them: a pipe would be read until they end.
    made.run("bash", "-c", "dvc queue start --jobs 2 > ../workers.txt 2>&1")
    s3.wait_for(lambda: not re.search("Queued|Running", made.run("dvc", "queue", "status")), "the queue hangs", 600)


@pytest.mark.slow
@pytest.mark.timeout(1800)  # on a machine with other work
def test_a_queued_sweep_of_two_workers_gives_what_separate_runs_give(ready, tmp_path):
    before = ready.lock()
    made = tmp_path / "files"
    shutil.copytree(ready.folder / ".dvc/cache/files", made)
    ready.run(*in_tiny("band"), "decide")
    work_off(ready)
    assert ready.lock() == before
    assert ready.run("git", "status", "--porcelain") == ""
    listed = ready.run("dvc", "exp", "list", "--name-only").split()
    assert sorted(listed) == [f"band-{point}" for point in POINTS]
    queued = [outs(ready.run("git", "show", f"{commit}:dvc.lock"), "decide") for commit in experiments(ready)]

    separate = []
    for point in POINTS:
        folder = tmp_path / str(point)
        ready.run("git", "clone", "--quiet", ".", str(folder))
        # What comes before `rate` is there; no run of it and no answer is.
        shutil.copytree(made, folder / ".dvc/cache/files")
        alone = Workspace(folder, ready.env, ready.store).with_store(tmp_path / f"store-{point}")
        alone.run("dvc", "checkout")
        printed = alone.run("dvc", "exp", "run", "--set-param", f"rate.raters.tiny.max_correct={point}", "decide")
        assert ("stored 0" in printed) == ("Running stage 'rate@tiny'" in printed)
        separate.append(outs((folder / "dvc.lock").read_text(encoding="utf-8"), "decide"))
    assert queued == separate
    assert len({run["data/rated.parquet"] for run in separate}) == len(POINTS)


def experiments(made: Workspace) -> list[str]:
    """The commits of the sweep's experiments, in the order of its points."""
    refs = made.run("git", "for-each-ref", "--format=%(objectname) %(refname)", "refs/exps").splitlines()
    named = {ref.rsplit("/", 1)[1]: commit for commit, ref in map(str.split, refs)}
    return [named[f"band-{point}"] for point in POINTS]


@pytest.mark.slow
@pytest.mark.timeout(1800)  # on a machine with other work
def test_a_model_of_a_tier_is_trained_measured_and_compared(ready):
    drawn = ready.answers()
    ready.run(*[word.replace("--queue", "--temp") for word in in_tiny("tier_1")])
    assert ready.run("git", "status", "--porcelain") == ""
    # The other models have answered: only the new one is asked.
    new = {model: count for model, count in ready.answers().items() if count != drawn.get(model)}
    assert len(new) == 1
    assert not new.keys() & drawn.keys()
    compare = PAGE.split("\n## Compare\n")[1].split("\n## ")[0].replace("band-4", "tier_1")
    commands, drawing = re.findall(r"```sh\n(.*?)```", compare, re.DOTALL)
    shown = {line.split("#")[0].strip(): ready.run("bash", "-ec", line) for line in commands.splitlines()}
    assert "variants.L1.data" in shown["dvc params diff main tier_1"]
    assert "pass_at_1.mean.L1" in shown["dvc metrics diff main tier_1"]
    assert (ready.folder / "report/index.html").is_file()
    assert (ready.folder / "models/L1/config.json").is_file()
    ready.run("bash", "-ec", drawing)
    figures = {path.stem: path.read_text(encoding="utf-8") for path in (ready.folder / ".limo/plots").glob("*.svg")}
    assert all(f">{word}</text>" in figures["funnel"] for word in ("main", "tier_1", "pool"))
    plots = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"]
    assert set(figures) == {Path(name).stem for plot in plots for name in plot}
