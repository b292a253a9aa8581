import json
import re
import shutil
from pathlib import Path

import pytest

from tests.proof import world
from tests.proof.world import World, said, states

TAKEN = {
    "data/screen_attempts.parquet",
    "models/base/tiny",
    "models/small",
    "data/training/small.json",
}
BUILT = {"data/words.txt", "data/counts.parquet", "metrics/counts.json", "data/card"}


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> World:
    return world.make(tmp_path_factory.mktemp("sound") / "repository")


@pytest.fixture
def copied(sound, tmp_path) -> World:
    return sound.copy(tmp_path / "repository")


def test_an_untouched_commit_is_identical_out_by_out(sound, tmp_path):
    result = sound.verify("--json", str(tmp_path / "table.json"))
    assert result.exit_code == 0, result.output
    assert states(result) == dict.fromkeys(TAKEN | BUILT, "identical")
    # One line per stage, apart from the table.
    assert sorted(line.split()[1] for line in result.stderr.splitlines()) == [
        "card",
        "count",
        "fetch@tiny",
        "screen",
        "train@small",
        "words",
    ]
    table = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    assert table["holds"]
    assert {out["path"]: out["state"] for out in table["outs"]} == states(result)
    assert sound.run("git", "status", "--porcelain") == ""


def test_the_end_of_a_repro_says_which_outs_differ_from_the_last_commit(copied):
    command = ("python", "-m", "limo.proof.committed")
    assert copied.run(*command) == "all 8 outs have the bytes of the last commit\n"
    copied.write("params.yaml", "seed: 2\n")
    copied.repro()
    differing = "2 of 8 outs differ from the last commit (data/counts.parquet, metrics/counts.json)"
    assert copied.run(*command) == f"{differing}: where neither params nor code changed, `limo verify` says why\n"


def test_outs_of_another_machine_are_explained_by_it(sound):
    result = sound.verify("screen")
    outs = ("data/words.txt", "models/base/tiny", "data/screen_attempts.parquet")
    assert states(result) == dict.fromkeys(outs, "identical")
    assert "; 5 not asked for" in result.stdout
    explained = [
        line for line in result.stdout.splitlines() if "recorded on a GPU, this machine is transformers-" in line
    ]
    assert len(explained) == 1
    assert "promised per class of numerics only" in explained[0]


def test_data_builds_only_what_needs_no_model(sound):
    sound.environment["NO_MODEL"] = "1"
    result = sound.verify("--data")
    del sound.environment["NO_MODEL"]
    assert result.exit_code == 0, result.output
    assert states(result) == {"data/words.txt": "identical"}
    assert "; 7 not asked for" in result.stdout


def test_a_replay_asks_no_model_and_builds_all_that_follows(sound):
    sound.environment["NO_MODEL"] = "1"
    result = sound.verify("--replay")
    del sound.environment["NO_MODEL"]
    assert result.exit_code == 0, result.output
    assert states(result) == {**dict.fromkeys(TAKEN, "taken"), **dict.fromkeys(BUILT, "identical")}


def test_a_replay_says_when_the_commit_would_sample_otherwise(copied):
    copied.write("screen.py", world.SCREEN + "# changed since\n")
    copied.commit()
    result = copied.verify("--replay", "count")
    assert result.exit_code == 0, result.output
    assert said(result, "data/screen_attempts.parquet") == [
        "its stage would be given other bytes or values than dvc.lock records: screen.py"
    ]


def test_a_replayed_target_needs_nothing_before_what_is_taken(sound):
    result = sound.verify("--replay", "data/counts.parquet")
    assert states(result) == {
        "data/screen_attempts.parquet": "taken",
        "data/counts.parquet": "identical",
        "metrics/counts.json": "identical",
    }


@pytest.fixture(scope="module")
def unsound(sound, tmp_path_factory) -> World:
    """A commit with every fault that makes a run's bytes its own."""
    made = sound.copy(tmp_path_factory.mktemp("unsound") / "repository")
    made.write("words.py", world.WORDS.replace("sorted(words)", "words"))  # in the order of a set
    made.write("card.py", world.CARD.replace('"# Card', 'str(__import__("time").time_ns()) + "# Card'))  # a clock
    made.write("fetch.py", world.FETCH.replace("reshape(2, 3)", "reshape(2, 3) + numpy.random.rand(3) * [0, 0, 1]"))
    # The first six words are others in another order.
    made.write("screen.py", world.SCREEN.replace(".split()[:6]", ".split()\nwords = sorted(words)[:6]"))
    made.repro()
    # Another seed than dvc.lock was made with.
    params = (made.folder / "params.yaml").read_text(encoding="utf-8")
    made.write("params.yaml", params.replace("seed: 7", "seed: 8", 1))
    made.commit()
    return made


@pytest.fixture(scope="module")
def verdict(unsound):
    result = unsound.verify()
    assert result.exit_code == 1, result.output
    return result


def test_an_order_of_a_set_is_caught_at_a_line(verdict):
    assert states(verdict)["data/words.txt"] == "different"
    difference, hashes = said(verdict, "data/words.txt")
    assert re.fullmatch(r"line \d+: '\w+\\n', rebuilt '\w+\\n'", difference)
    assert hashes.startswith("md5 ")


def test_a_table_built_from_other_input_with_the_same_rows_is_identical(verdict):
    assert states(verdict)["data/screen_attempts.parquet"] == "identical"


def test_another_seed_is_caught_in_the_first_row_and_named(verdict):
    difference, _, given = said(verdict, "data/counts.parquet")
    first = min(world_words())
    size = len(first)
    assert difference == f"row 0 (id {first}), value: {size + 7}, rebuilt {size + 8}"
    assert given == "its stage was given other bytes or values than dvc.lock records: parameter seed"
    assert said(verdict, "metrics/counts.json")[0].startswith("by.sum: ")


def test_a_clock_is_caught_inside_a_folder(verdict):
    difference, _, given = said(verdict, "data/card")
    assert difference.startswith("README.md: line 1: '")
    assert "# Card\\n" in difference
    assert difference.endswith("(1 of 1 files differ)")
    assert given.endswith("dvc.lock records: models/small")


def test_random_numbers_of_a_model_are_caught(verdict):
    for model, files in (("models/base/tiny", 2), ("models/small", 1)):
        difference = said(verdict, model)[0]
        assert difference.startswith("model.safetensors: tensor matrix[0, 2]: 2.")
        assert difference.endswith(f"; 2 of 8 elements differ, in 1 of 2 tensors (1 of {files} files differ)")


def test_the_page_shows_how_another_seed_is_caught(verdict):
    lines = verdict.stdout.splitlines()
    start = next(i for i, line in enumerate(lines) if "data/counts.parquet" in line)
    assert "\n".join(lines[start : start + 4]) in (world.ROOT / "docs/verify.md").read_text(encoding="utf-8")


def test_the_table_counts_what_it_shows(verdict):
    assert verdict.stdout.splitlines()[-1].endswith(": 8 outs, 6 different, 2 identical")


def test_without_the_committed_bytes_only_hashes_are_compared(unsound, tmp_path):
    other = unsound.copy(tmp_path / "repository")
    shutil.rmtree(other.folder / ".dvc/cache")
    result = other.verify("words")
    assert result.exit_code == 1
    difference, hashes = said(result, "data/words.txt")
    assert difference == "the committed bytes are not here: dvc pull data/words.txt"
    assert hashes.startswith(f"md5 {other.md5('data/words.txt')}, rebuilt ")


def test_a_flipped_byte_of_a_cached_table_is_refused(copied):
    place = copied.cached("data/screen_attempts.parquet")
    spoil(place)
    result = copied.verify("--replay")
    assert result.exit_code == 2
    assert (
        f"data/screen_attempts.parquet: dvc.lock records md5 {copied.md5('data/screen_attempts.parquet')}"
        in result.stderr
    )
    assert f"delete {place}, then `dvc pull data/screen_attempts.parquet`" in result.stderr
    assert result.stdout == ""


def test_a_table_that_is_nowhere_is_refused_and_one_on_the_remote_is_taken(copied, tmp_path):
    copied.run("python", "-m", "dvc", "remote", "add", "--local", "--default", "store", str(tmp_path / "remote"))
    shutil.rmtree(copied.folder / ".dvc/cache")
    result = copied.verify("--replay", "count")
    assert result.exit_code == 2
    assert "data/screen_attempts.parquet is neither in the cache nor on the remote" in result.stderr
    assert "`dvc pull data/screen_attempts.parquet`" in result.stderr

    copied.run("python", "-m", "dvc", "commit", "--force", "--quiet")
    copied.run("python", "-m", "dvc", "push", "--quiet")
    shutil.rmtree(copied.folder / ".dvc/cache")
    result = copied.verify("--replay", "count")
    assert result.exit_code == 0, result.output
    assert states(result)["data/screen_attempts.parquet"] == "taken"


def test_a_byte_that_the_remote_lost_is_refused(copied, tmp_path):
    copied.run("python", "-m", "dvc", "remote", "add", "--local", "--default", "store", str(tmp_path / "remote"))
    copied.run("python", "-m", "dvc", "push", "--quiet")
    md5 = copied.md5("data/screen_attempts.parquet")
    spoil(tmp_path / "remote/files/md5" / md5[:2] / md5[2:])
    shutil.rmtree(copied.folder / ".dvc/cache")
    result = copied.verify("--replay", "count")
    assert result.exit_code == 2
    assert "data/screen_attempts.parquet" in result.stderr
    assert "dvc pull data/screen_attempts.parquet" in result.stderr


def test_without_the_models_what_reads_them_is_not_built(copied):
    for out in ("models/base/tiny", "models/small"):
        copied.cached(out).unlink()
    copied.environment["NO_MODEL"] = "1"
    result = copied.verify("--replay")
    assert result.exit_code == 1
    # A model that is only fetched is fetched again.
    assert states(result) == {
        "data/words.txt": "identical",
        "data/screen_attempts.parquet": "taken",
        "data/counts.parquet": "identical",
        "metrics/counts.json": "identical",
        "models/base/tiny": "identical",
        "models/small": "not built",
        "data/training/small.json": "taken",
        "data/card": "not built",
    }
    assert said(result, "models/small") == ["neither in the cache nor on the remote: dvc pull models/small"]
    assert said(result, "data/card") == ["needs a model that is missing"]


def test_a_stage_that_fails_is_named_with_its_last_lines(copied):
    copied.environment["NO_MODEL"] = "1"
    result = copied.verify("screen")
    assert result.exit_code == 2
    assert "stage screen failed in the clone" in result.stderr
    assert "no model can be asked here" in result.stderr


def test_what_is_committed_is_verified_and_dvc_lock_must_be(copied):
    copied.write("words.py", "raise SystemExit(1)")
    result = copied.verify("--data")
    assert result.exit_code == 0
    assert "without the changes of words.py" in result.stderr

    lock = (copied.folder / "dvc.lock").read_text(encoding="utf-8")
    copied.write("dvc.lock", lock + "\n")
    result = copied.verify("--data")
    assert result.exit_code == 2
    assert "dvc.lock has changes that are not committed" in result.stderr


def test_an_out_that_dvc_lock_does_not_know_is_no_proof(copied):
    graph = json.loads((copied.folder / "dvc.yaml").read_text(encoding="utf-8"))
    graph["stages"] = {
        "words": graph["stages"]["words"],
        "more": {"cmd": "echo 1 > data/more", "deps": ["words.py"], "outs": ["data/more"]},
    }
    copied.write("dvc.yaml", json.dumps(graph))
    copied.commit()
    result = copied.verify()
    assert result.exit_code == 1
    assert states(result)["data/more"] == "not recorded"
    assert states(result)["data/counts.parquet"] == "not built"
    assert said(result, "data/counts.parquet") == ["dvc.yaml no longer makes it"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["nothing"],
            "nothing is no stage and no out of dvc.lock; its stages are card, count, fetch, screen, train, words",
        ),
        (["--data", "words"], "give it alone"),
        (["--data", "--replay"], "give it alone"),
    ],
)
def test_wrong_use_is_refused(sound, arguments, message):
    result = sound.verify(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_project_inside_another_repository_is_refused(copied):
    copied.write("inside/dvc.yaml", "stages: {}")
    result = World(copied.folder / "inside").verify()
    assert result.exit_code == 2
    assert "needs the project at its root" in result.stderr


def test_a_folder_that_is_no_project_is_refused(tmp_path):
    result = World(tmp_path).verify()
    assert result.exit_code == 2
    assert "has no dvc.yaml: run limo verify in the root of the project" in result.stderr


def spoil(path: Path) -> None:
    path.chmod(0o644)
    spoiled = bytearray(path.read_bytes())
    spoiled[len(spoiled) // 2] ^= 1
    path.unlink()  # the workspace may share its bytes by a link
    path.write_bytes(spoiled)


def world_words() -> list[str]:
    scope = {"open": lambda *_: __import__("io").StringIO()}
    exec(world.WORDS, scope)
    return list(scope["words"])
