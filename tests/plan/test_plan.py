import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from limo import params
from limo.cli import main
from limo.graph import schemas
from limo.plan.counted import Rows, local
from limo.plan.forecast import cost, stages
from limo.plan.judging import judging
from limo.plan.table import figure, judges

ROOT = Path(__file__).parents[2]
DEFAULT = params.load(ROOT / "params.yaml")


def run(*options):
    result = CliRunner().invoke(main, ["plan", *map(str, options)])
    return result.exit_code, result.output


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A root with the default params and nothing else."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_shows_what_the_command_prints(root):
    page = (ROOT / "docs/plan.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```text\n\$ limo plan\n(.*?)```", page, re.DOTALL)
    assert blocks == [run()[1]]


@pytest.mark.parametrize("profile", ["limo_v1", "limo_v2", "one_gpu", "smollm2_full", "tiny"])
def test_every_profile_has_a_plan(profile, root):
    code, output = run("--params", ROOT / f"profiles/{profile}.yaml")
    assert code == 0, output
    p = params.load(ROOT / f"profiles/{profile}.yaml")
    named = [line.split("  ")[0] for line in output.split("\n\n")[0].splitlines()[1:-1]]
    raters = (f"rate@{name}" for name, rater in p.rate.raters.items() if rater.kind == "asked")
    teachers, candidates = (f"collect@{name}" for name in p.teachers), (f"answer@{name}" for name in p.candidates)
    assert named == ["screen", *raters, *teachers, *candidates]


def test_json_adds_up(root):
    report = json.loads(run("--json")[1])
    for key in ("prompt_tokens", "answer_tokens", "device_hours", "money"):
        assert report["total"][key] == pytest.approx(sum(stage["cost"][key] for stage in report["stages"]))
    assert report["total"]["answer_tokens"] < report["total_without_early_stopping"]["answer_tokens"]
    assert report["training"]["smollm2"]["fits"]


def test_a_fault_in_the_file_ends_with_the_key_and_exit_code_2(root):
    values = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    del values["plan"]["engines"]["local"]
    (root / "params.yaml").write_text(json.dumps(values), encoding="utf-8")
    code, output = run()
    assert code == 2
    assert "plan.engines lacks 'local', which a stage uses: add its speed and price" in output


def test_stages_feed_one_another():
    screen, rate, collect, *answers = stages(DEFAULT, Rows())
    assert (screen.problems, screen.full) == (DEFAULT.plan.pool, DEFAULT.plan.pool * DEFAULT.screen.draws)
    assert rate.problems == screen.kept
    assert collect.problems == min(DEFAULT.select.rows, rate.kept)
    assert collect.decided == collect.full == collect.problems * DEFAULT.teachers["smollm2"].draws
    assert [answer.paid for answer in answers] == [2 * (52 + 32 + 24)] * 3
    # What the committed run counted: metrics/funnel.json and the stages' timings.
    assert screen.kept == pytest.approx(70, abs=1)
    assert screen.decided == pytest.approx(184, abs=5)
    assert rate.kept == pytest.approx(19, abs=1)
    assert rate.decided == pytest.approx(408, abs=25)


def test_time_and_money_follow_from_speed_and_price():
    own = params.DeviceCost(kind="devices", tokens_per_second=1000.0, devices=4, price_per_hour=2.5)
    sizes = params.Sizes(prompt_tokens=100, answer_tokens=3600)
    found = cost(own, sizes, 1000)
    assert (found.prompt_tokens, found.answer_tokens) == (100_000, 3_600_000)
    assert found.device_hours == pytest.approx(4)
    assert found.money == pytest.approx(10)
    hosted = cost(params.HostedCost(kind="hosted", price_per_million_in=0.5, price_per_million_out=2.0), sizes, 1000)
    assert (hosted.device_hours, hosted.money) == (0, pytest.approx(0.05 + 7.2))


def write(root, name, **columns):
    path = root / "data" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(columns).write_parquet(path)


@pytest.fixture
def ran(root):
    """A root whose outs were made with the params beside them, as the committed dvc.lock says of the default."""
    values = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    used = {
        **{f"acquire@{name}": {f"sources.{name}": spec} for name, spec in values["sources"].items()},
        "benchmarks": {"benchmarks": values["benchmarks"]},
        "pool": {"pool": values["pool"]},
        **{f"recorded@{name}": {f"recorded.{name}": spec} for name, spec in values["recorded"].items()},
        "fetch@smollm2": {"models.smollm2": values["models"]["smollm2"]},
        "screen": {"screen": values["screen"], "engines.local": values["engines"]["local"]},
        **{f"rate@{name}": {f"rate.raters.{name}": spec} for name, spec in values["rate"]["raters"].items()},
        "decide": {"rate": values["rate"]},
        "select": {"select": values["select"]},
    }
    stages_ = {name: {"params": {"params.yaml": section}} for name, section in used.items()}
    (root / "dvc.lock").write_text(json.dumps({"stages": stages_}), encoding="utf-8")
    school = ["families", "families", "gym_sums", "families"]
    write(root, "pool.parquet", id=["a", "b", "c", "d", "e"], source=[*school, "champ"])
    write(root, "benchmarks.parquet", benchmark=["sums", "sums", "gym"])
    screened = {"screen_drawn": [2, 1, 2, 2, None], "rejected": [None, "x", None, None, None]}
    write(root, "screened.parquet", id=["a", "b", "c", "d", "e"], **screened)
    write(root, "rate/smollm2.parquet", id=["a", "c", "d"], drawn=[6, 5, 4], rejected=[None, None, "x"])
    write(root, "rated.parquet", id=["a", "c", "d"], rejected=[None, None, "x"])
    chosen = {"source": ["families", "gym_sums", "champ"], "rejected": [None, "beyond size", None]}
    write(root, "questions.parquet", id=["a", "c", "e"], **chosen)
    return root


def test_outs_of_the_same_values_are_counted(ran):
    screen, rate, collect, *answers = stages(DEFAULT, local(DEFAULT, "params.yaml", ran))
    assert (screen.figures, screen.problems, screen.kept, screen.decided, screen.paid) == ("counted", 4, 3, 7, 7)
    # rate looks one draw ahead: 6 + min(6, 5 + 1) + min(6, 4 + 1)
    assert (rate.figures, rate.problems, rate.kept, rate.decided, rate.paid) == ("counted", 3, 2, 15, 17)
    assert (collect.figures, collect.problems) == ("in counted", 1)
    assert (answers[0].figures, answers[0].paid) == ("in counted", 6)


def test_after_the_screen_alone_rate_is_expected_of_what_it_kept(ran):
    (ran / "data/rated.parquet").unlink()
    (ran / "data/rate/smollm2.parquet").unlink()
    _, rate, *_ = stages(DEFAULT, local(DEFAULT, "params.yaml", ran))
    assert (rate.figures, rate.problems) == ("in counted", 3)
    assert 0 < rate.kept < 3


@pytest.mark.parametrize(
    ("old", "new", "counted"),
    [
        ("limit: 1000", "limit: 9", Rows(benchmarks={"sums": 2, "gym": 1})),
        ("draws: 6", "draws: 7", ("pool", "screened")),
        ("lookahead: 1 ", "lookahead: 2 ", ("pool", "screened", "rated", "decided", "questions")),
    ],
)
def test_outs_of_other_values_count_for_nothing(old, new, counted, ran):
    text = (ran / "params.yaml").read_text(encoding="utf-8")
    (ran / "params.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    found = local(params.load(ran / "params.yaml"), "params.yaml", ran)
    if isinstance(counted, Rows):
        assert found == counted
        return
    assert {name for name in ("pool", "screened", "rated", "decided", "questions") if getattr(found, name)} == set(
        counted
    )


def test_a_profile_is_not_planned_with_the_rows_of_another(ran):
    profile = ROOT / "profiles/limo_v2.yaml"
    assert local(params.load(profile), profile, ran) == Rows()


def test_the_committed_lock_names_the_stages_that_are_asked_for():
    """With the outs there, the default's lock would make them count: its params are compared under these names."""
    lock = yaml.safe_load((ROOT / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    wanted = {f"acquire@{name}" for name in DEFAULT.sources} | {
        "benchmarks",
        "pool",
        "screen",
        "rate@smollm2",
        "decide",
    }
    assert wanted | {f"fetch@{DEFAULT.screen.name}", "select"} <= set(lock)
    assert {"screen_drawn", "rejected"} <= set(schemas.SCREENED.names())
    assert {"drawn", "rejected"} <= set(schemas.RATING.names())


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0, "0"), (0.0049, "0.0049"), (7.25, "7.25"), (99.96, "100"), (999.7, "1k"), (1234567, "1.23M")],
)
def test_figures_have_three_digits(value, text):
    assert figure(value) == text


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_a_judge_is_asked_about_its_share_at_least_and_about_every_answer_at_most(share):
    judge = {"model": "smollm2", "engine": "local", "max_tokens": 64, "share": share, "benchmarks": ["sums", "gym"]}
    changed = {**DEFAULT.model_dump(), "judges": {"one": judge}}
    p = params.Params.model_validate(changed)
    sizes = {"sums": 10, "stories": 1000, "gym": 30}
    (planned,) = judging(p, sizes)
    draws = {name: exam.protocol.draws for name, exam in params.exams(p.evaluate).items()}
    assert planned.answers == len(p.candidates) * (10 * draws["sums"] + 30 * draws["gym"])
    assert planned.least == share * planned.answers
    assert planned.most_cost.answer_tokens == 64 * planned.answers
    assert planned.least_cost == cost(
        p.plan.engines["local"],
        params.Sizes(prompt_tokens=p.plan.answer.prompt_tokens, answer_tokens=64),
        planned.least,
    )
    assert planned.least_cost.money <= planned.most_cost.money
    judged = judges([planned]).splitlines()
    assert len(judged) == 3
    assert judged[2].startswith("one")
    assert ("–" in judged[2]) == (share < 1)


def test_a_judge_whose_engine_has_no_price_is_counted_all_the_same():
    judge = {"model": "smollm2", "engine": "other", "max_tokens": 64, "share": 0.0, "benchmarks": ["sums"]}
    engines = {**DEFAULT.model_dump()["engines"], "other": DEFAULT.engines["local"].model_dump()}
    p = params.Params.model_validate({**DEFAULT.model_dump(), "engines": engines, "judges": {"one": judge}})
    (planned,) = judging(p, {"sums": 10})
    assert (planned.least, planned.least_cost, planned.most_cost) == (0, None, None)
    assert judges([planned]).splitlines()[2].split()[-3:] == ["-", "-", "-"]


def test_without_candidates_no_judge_is_asked():
    assert judging(DEFAULT.model_copy(update={"candidates": {}}), {}) == []
    assert judges([]) == ""
