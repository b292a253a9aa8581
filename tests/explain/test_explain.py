import json
import re
from pathlib import Path

import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from limo.base import tables
from limo.chains.gather import chain_id
from limo.cli import main
from limo.explain.columns import SHORT
from limo.graph import schemas
from tests.explain import world
from tests.explain.world import IDS, QUESTIONS

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world.make(tmp_path)
    return tmp_path


def run(*options):
    result = CliRunner().invoke(main, ["explain", *map(str, options)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def told(*options):
    """The story, which the terminal tells too."""
    code, output = run(*options, "--json")
    assert code == 0, output
    return json.loads(output)


def rows(story):
    return {f"{row['source']}:{row['source_id']}": row for row in story["sources"]}


def refused(*options):
    code, output = run(*options)
    assert code == 2
    return output.removeprefix("Error: ").strip()


def test_a_kept_problem_has_its_whole_story():
    story = told(IDS["kept"])
    assert story["outcome"] == "kept by select; in datasets limo, L1, L5, random"
    assert story["question"] == QUESTIONS["kept"]
    labels = {"subject": "arithmetic", "language": "en", "answer_type": "integer", "family": IDS["kept"]}
    assert labels.items() <= story["pool"].items()
    assert story["pool"]["decontamination"] == "clean"
    assert [story[stage]["state"] for stage in ("pool", "screen", "rate", "select")] == ["kept"] * 4
    assert (story["rate"]["correct"], story["rate"]["drawn"], story["rate"]["stopped"]) == (2, 4, False)
    attempts = story["rate"]["attempts"]
    assert [row["sample"] for row in attempts] == [0, 1, 2, 3]
    cut = {"seed": 1001, "tokens": 11, "stop": "length", "extracted": "kept says 1", "verdict": "wrong"}
    assert {**cut, "rule": "integer"}.items() <= attempts[1].items()
    assert [attempts[0]["extracted"], attempts[3]["verdict"]] == [None, "correct"]
    assert story["not_built"] == []


def test_every_chain_has_its_lineage_scores_and_place():
    chains = {chain["origin"]: chain for chain in told(IDS["kept"])["chains"]["chains"]}
    best = chains["sample:0"]
    traits = ("length_z", "verify_z", "explore_z", "connect_z", "score")
    assert [best[trait] for trait in traits] == [0.125, 0.25, 0.375, 0.625, 0.75]
    assert (best["rank"], best["level"], best["best"], best["seed"]) == (1, 5, True, 2**63)
    assert chains["solution:terse"]["level"] == 1
    assert chains["solution:terse"]["also"] == ["tutor sample:3"]
    assert [chains[f"sample:{n}"]["rejected"] for n in (1, 2)] == ["overlength: 261 tokens > 200", "wrong answer"]
    assert chains["sample:1"]["truncated"]


def test_datasets_name_the_row_the_chain_and_the_variants():
    used = {row["name"]: row for row in told(IDS["kept"])["datasets"]}
    found = [(used[name]["row"], used[name]["chain_id"], used[name]["variants"]) for name in ("limo", "L1", "L5")]
    best, least = (chain_id(IDS["kept"], text) for text in ("Therefore 6.\nI checked.", "Half of 12 is 6."))
    assert found == [(0, best, ["limo"]), (0, least, []), (0, best, ["L5"])]


def test_duplicates_name_the_row_they_lost_to():
    story = told(IDS["kept"])
    assert list(rows(story)) == ["easy:s1", "hard:s1", "hard:s2"]
    exact, near = rows(story)["hard:s1"], rows(story)["hard:s2"]
    assert (exact["outcome"], exact["match"]["name"], exact["match"]["score"]) == ("duplicate: exact", "easy:s1", 1.0)
    assert (exact["licence"], exact["source_revision"]) == ("Apache-2.0", "rev1")
    assert (near["outcome"], near["match"]["score"], near["id"]) == ("duplicate: near", 0.875, IDS["near"])


def test_a_near_duplicate_is_told_from_its_own_id():
    story = told(IDS["near"])
    assert story["outcome"] == "rejected by pool: duplicate: near; in no dataset"
    match = rows(story)["hard:s2"]["match"]
    assert (match["relation"], match["id"], match["outcome"]) == ("kept instead", IDS["kept"], "kept")
    assert story["pool"]["decontamination"] == "judged with the row that was kept instead"
    assert [story[stage]["state"] for stage in ("screen", "rate", "select")] == ["not reached"] * 3


def test_conflicting_rows_name_each_other():
    story = told("hard:s3")
    assert story["pool"]["reason"] == "conflicting answers: 5 | 7"
    matches = {name: (row["match"]["relation"], row["match"]["name"]) for name, row in rows(story).items()}
    assert matches == {"easy:s3": ("conflicts with", "hard:s3"), "hard:s3": ("conflicts with", "easy:s3")}
    assert rows(story)["easy:s3"]["match"]["answer"] == "7"


def test_a_contaminated_problem_names_the_benchmark_row_and_the_score():
    story = told("easy:s4")
    assert story["pool"]["decontamination"] == "contaminated: reworded"
    match = rows(story)["easy:s4"]["match"]
    assert (match["relation"], match["name"], match["score"]) == ("benchmark row", "sums:b1", 0.75)
    assert match["question"] == "Calculate 2 + 9."


def test_a_benchmark_that_is_called_as_a_source_is_not_taken_for_it():
    fallen = pl.read_parquet("data/pool_rejected.parquet").with_columns(
        match=pl.col("match").replace("sums:b1", "easy:s1")
    )
    tables.write(fallen, "data/pool_rejected.parquet", schemas.POOL_REJECTED, ["source", "source_id"])
    assert "easy:s4" not in rows(told(IDS["kept"]))


def test_an_unverifiable_problem_was_never_compared_with_benchmarks():
    story = told("easy:s5")
    assert story["outcome"] == "rejected by pool: unverifiable: proof; in no dataset"
    assert story["pool"]["decontamination"] == "not judged: rejected before"


@pytest.mark.parametrize(
    ("name", "stage", "counts", "reason"),
    [
        ("easy", "screen", "1 correct of 2 drawn", "too easy: 1 correct of 2 drawn"),
        ("hard", "rate", "0 correct of 3 drawn", "too hard: 0 correct of 3 drawn"),
    ],
)
def test_counts_of_a_stopped_problem_are_called_lower_bounds(name, stage, counts, reason):
    story = told(IDS[name])
    assert (story[stage]["reason"], story[stage]["stopped"]) == (reason, True)
    assert f"  {counts}, stopped early: the counts are lower bounds\n" in run(IDS[name])[1]


def test_a_question_that_was_not_selected_says_why():
    story = told(IDS["beyond"])
    assert story["outcome"] == "rejected by select: beyond size: 1; in no dataset"
    assert {row["reason"] for row in story["datasets"]} == {"no usable chain"}


def leaves(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif value is not None and not isinstance(value, bool):
        yield value


@pytest.mark.parametrize("name", IDS)
def test_the_terminal_tells_in_full_what_the_json_does(name):
    page = run(IDS[name], "--full")[1]
    plain = " ".join(page.split())
    facts = [
        f"{leaf:.3f}" if isinstance(leaf, float) else " ".join(str(leaf).split()) for leaf in leaves(told(IDS[name]))
    ]
    # What a row stands in is told where there is a row.
    known = {"in it", *(spec.path for spec in world.P.datasets.values())}
    assert [fact for fact in facts if fact not in plain and fact not in known] == []


def test_long_texts_are_cut_to_a_line_and_whole_in_full():
    cut, whole = run(IDS["kept"])[1], run(IDS["kept"], "--full")[1]
    long = world.OVERLENGTH.strip()
    assert long in whole
    assert long not in cut
    assert f"{long[: SHORT - 1]}…" in cut
    assert "kept says 3" in whole.split("sample 3")[1]


@pytest.mark.parametrize("spelling", [r"What is $\dfrac{1}{2}$ of 12?", r"What is \(\frac 1 2\)  of 12?"])
def test_a_question_is_found_in_another_spelling(spelling):
    assert told("--question", spelling)["id"] == IDS["kept"]


def test_an_unknown_question_names_the_nearest():
    message = refused("--question", "What is 8 - 4?")
    assert f"{IDS['beyond'][:12]} shares most" in message
    assert QUESTIONS["beyond"] in message


@pytest.mark.parametrize("text", ["Wozu?", "?", "请一步一步推理"])
def test_a_question_that_shares_no_word_has_no_nearest(text):
    assert "none shares a word" in refused("--question", text)


def test_a_row_of_a_dataset_counts_from_0():
    assert told("--row", 0)["id"] == told("--row", 0, "--dataset", "L5")["id"] == IDS["kept"]
    assert refused("--row", 1) == "data/limo.parquet has no row 1: it has 1, counted from 0"
    assert "params.yaml has limo, L1, L5, random" in refused("--row", 0, "--dataset", "L9")


def test_a_prefix_is_enough_and_case_does_not_matter():
    assert told(IDS["hard"][:6].upper())["id"] == IDS["hard"]


def test_an_ambiguous_prefix_lists_up_to_5_problems():
    more = [f"abcdef{n:058}" for n in range(7)]
    path = "data/sources/easy.parquet"
    row = pl.read_parquet(path).head(1)
    grown = pl.concat([row.with_columns(id=pl.lit(each), source_id=pl.lit(each)) for each in more])
    tables.write(grown, path, schemas.SOURCE, ["source_id"])
    listed = ", ".join(more[:5])
    assert refused("abcdef") == f"7 problems have ids that begin with abcdef: {listed} and 2 more; give more digits"
    assert told(more[6])["id"] == more[6]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["0" * 64], f"no problem has an id that begins with {'0' * 64}: --question finds one by its text"),
        (["abc"], "'abc' is no id: give 6 to 64 hex digits of a problem id, or SOURCE:SOURCE_ID"),
        (["easy:nothing"], "data/sources/easy.parquet has no row with source_id nothing: try --question TEXT"),
        (["other:s1"], "there is no source other: params.yaml has easy, hard"),
        ([], "name one problem: give an ID, --question TEXT or --row N"),
        (["abcdef", "--row", "1"], "name one problem: give an ID, --question TEXT or --row N"),
    ],
)
def test_what_names_no_problem_is_refused(options, message):
    assert refused(*options) == message


def test_a_missing_stage_is_named_and_the_rest_is_told():
    for out in ("tiers", "scored", "rated", "limo"):
        Path(f"data/{out}.parquet").unlink()
    story = told(IDS["kept"])
    assert story["rate"] == {"state": "not built", "remedy": "dvc repro decide"}
    assert (story["select"]["state"], story["screen"]["state"]) == ("kept", "kept")
    assert story["chains"]["table"] == "data/checked/0.parquet"
    assert len(story["chains"]["chains"]) == 7
    stages = {row["out"]: row["stage"] for row in story["not_built"]}
    assert stages["data/scored.parquet"] == "score"
    assert stages["data/limo.parquet"] == "dataset@limo"
    page = run(IDS["kept"])[1]
    assert "rate\n  not built: run dvc repro decide\n" in page
    assert "  data/tiers.parquet: run dvc repro tiers\n" in page
    assert refused("--row", 0) == "data/limo.parquet is not built: run dvc repro dataset@limo"
    assert told(IDS["hard"])["outcome"].endswith("; in no dataset that is built")


def test_a_dataset_alone_is_enough_to_know_its_problems(root):
    for path in root.rglob("*.parquet"):
        if path.name != "limo.parquet":
            path.unlink()
    story = told("easy:s1")
    assert (story["id"], story["question"]) == (IDS["kept"], QUESTIONS["kept"])
    assert story["datasets"][0]["state"] == "in it"
    assert story["pool"] == {"state": "not built", "remedy": "dvc repro pool"}


def test_a_table_of_other_rows_is_not_taken_for_a_decision():
    screened = pl.read_parquet("data/screened.parquet").filter(pl.col("id") != IDS["kept"])
    tables.write(screened, "data/screened.parquet", schemas.SCREENED, ["id"])
    assert told(IDS["kept"])["screen"] == {"state": "no row", "remedy": "dvc repro screen"}


def test_no_outs_at_all_is_refused(root):
    for path in root.rglob("*.parquet"):
        path.unlink()
    assert refused(IDS["kept"]) == ("no out of the graph is here: run `dvc repro` or `dvc pull` in the project's root")


def test_a_table_of_another_version_is_refused_by_name():
    pl.DataFrame({"id": [IDS["kept"]]}).write_parquet("data/rated.parquet")
    assert refused(IDS["kept"]) == (
        "data/rated.parquet has other columns than this version writes: run `dvc repro decide`"
    )


def test_the_page_shows_what_the_command_prints():
    page = (ROOT / "docs/explain.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```text\n\$ limo explain (\S+)\n(.*?)```", page, re.DOTALL)
    assert [output for _, output in blocks] == [run(identity)[1] for identity, _ in blocks]
    assert len(blocks) == 2


def test_a_dataset_of_other_sources_says_so(root):
    values = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    values["datasets"]["validation"]["sources"] = ["hard"]
    (root / "params.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    reasons = {use["name"]: use.get("reason") for use in told(IDS["kept"])["datasets"]}
    assert reasons["validation"] == "not of its sources: hard"
