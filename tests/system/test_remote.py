import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.system import product, s3
from tests.system.product import Clone

# For those who have no clone. Last of all options, as it takes every word that follows it.
STORE = ["--remote-config", "url=s3://store/product"]
TIER, OTHER, MODEL = "data/tiers/L1.parquet", "data/tiers/L2.parquet", "models/small"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[s3.Server]:
    started = s3.serve(tmp_path_factory.mktemp("s3") / "buckets")
    yield started
    started.kill()


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Clone:
    """The product with all that its graph made, which no remote has yet."""
    return product.make(tmp_path_factory.mktemp("made") / "clone")


@pytest.fixture(scope="module")
def pushed(made, server) -> Clone:
    """The same after everything was pushed to the bucket `store`."""
    server.bucket("store")
    clone = made.point_at("store", server)
    clone.run("dvc", "push", "--run-cache")
    return clone


@pytest.fixture(scope="module")
def large(tmp_path_factory, made) -> Clone:
    """The product with a tier of 30 MB, which `fragile` takes and gives in some three seconds."""
    clone = made.cloned(tmp_path_factory.mktemp("large") / "clone")
    parameters = clone.folder / "params.yaml"
    parameters.write_text(product.PARAMS.replace("rows: 200", "rows: 30000"), encoding="utf-8")
    clone.run("dvc", "repro", "--quiet")
    clone.commit("A large tier")
    return clone


@pytest.fixture
def fragile(tmp_path) -> Iterator[s3.Server]:
    """A slow server of the test's own, with the bucket `store`."""
    started = s3.serve(tmp_path / "buckets", "--bwlimit", "10M")
    started.bucket("store")
    yield started
    started.kill()


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """An address that notes who calls and hangs up."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            while True:
                try:
                    caller, _ = door.accept()
                except OSError:
                    return
                calls.append("called")
                caller.close()

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}", calls
        door.shutdown(socket.SHUT_RDWR)


def elsewhere(folder: Path, clone: Clone) -> Clone:
    """An empty folder that is no clone, with the clone's keys."""
    folder.mkdir()
    return replace(clone, folder=folder)


def published(folder: Path, clone: Clone) -> str:
    """An address of the product that git has to clone, as from a host of repositories."""
    clone.run("git", "clone", "--quiet", "--bare", ".", folder)
    return folder.as_uri()


def signing(clone: Clone) -> Clone:
    """The same clone with a name for tags of git."""
    identity = {f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return replace(clone, env=clone.env | identity)


def under_way(process: subprocess.Popen[str], folder: Path, mark: str) -> None:
    """Return once a transfer has begun to write a file with this mark below a folder."""

    def begun() -> bool:
        assert process.poll() is None, "the transfer ended before it could be cut"
        return any(folder.rglob(mark))

    s3.wait_for(begun, "no transfer began")


def commands(heading: str) -> str:
    """The first block of commands under a heading of docs/remote.md."""
    section = (ROOT / "docs/remote.md").read_text(encoding="utf-8").split(f"\n{heading}\n")[1]
    return section.split("```sh\n")[1].split("```")[0]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_fresh_clone_runs_without_its_remote(made, server, tmp_path):
    clone = made.cloned(tmp_path / "clone")
    refused = clone.attempt("dvc", "pull")
    assert refused.returncode != 0
    assert 'Invalid bucket name "<your-bucket>"' in refused.stderr
    with listening() as (address, calls):
        clone.run("dvc", "remote", "modify", "--local", "store", "url", "s3://store/product")
        clone = replace(clone, env=clone.env | product.keys(server) | {"AWS_ENDPOINT_URL": address})
        clone.run("dvc", "repro")
        clone.run("dvc", "status")
        assert calls == []
        assert clone.attempt("dvc", "push").returncode != 0
        assert calls != []
    assert clone.data() == made.data()


def test_a_clone_takes_one_tier_or_one_model_alone(pushed, server, tmp_path):
    assert s3.objects(server.folder / "store").keys() == pushed.outs()
    clone = pushed.cloned(tmp_path / "clone").point_at("store", server)
    clone.run("dvc", "pull", TIER)
    assert clone.data() == {TIER: pushed.data()[TIER]}
    shutil.rmtree(clone.folder / "data")
    clone.run("dvc", "pull", MODEL)
    assert clone.data() == {path: md5 for path, md5 in pushed.data().items() if path.startswith(MODEL)}
    clone.run("dvc", "pull")
    assert clone.data() == pushed.data()


def test_a_tier_and_a_model_come_to_an_empty_folder(pushed, tmp_path):
    repository = published(tmp_path / "published.git", pushed)
    here = elsewhere(tmp_path / "empty", pushed)
    here.run("dvc", "get", repository, TIER, *STORE)
    here.run("dvc", "get", repository, MODEL, *STORE)
    assert s3.files(here.folder) == {
        "L1.parquet": pushed.data()[TIER],
        **{path.removeprefix("models/"): md5 for path, md5 in pushed.data().items() if path.startswith(MODEL)},
    }


def test_an_artifact_of_a_stage_is_that_of_its_version(pushed, server, tmp_path):
    clone = signing(pushed.cloned(tmp_path / "clone").point_at("store", server))
    clone.run("gto", "register", "tier-l1", "--version", "v1.0.0")
    clone.run("gto", "assign", "tier-l1", "--version", "v1.0.0", "--stage", "prod")
    (clone.folder / "params.yaml").write_text(product.PARAMS.replace("rows: 300", "rows: 30"), encoding="utf-8")
    clone.run("dvc", "repro", "--quiet", "tier@L1")
    clone.commit("A smaller tier")
    clone.run("dvc", "push", TIER)
    repository = published(tmp_path / "published.git", clone)
    here = elsewhere(tmp_path / "empty", clone)
    here.run("dvc", "artifacts", "get", repository, "tier-l1", "--stage", "prod", "--out", "prod.parquet", *STORE)
    here.run("dvc", "artifacts", "get", repository, "tier-l1", "--rev", "v1.0.0", "--out", "v1.parquet", *STORE)
    here.run("dvc", "get", repository, TIER, *STORE)
    old, new = pushed.data()[TIER], clone.data()[TIER]
    assert s3.files(here.folder) == {"prod.parquet": old, "v1.parquet": old, "L1.parquet": new}
    unknown = here.attempt("dvc", "artifacts", "get", repository, "tier-l1", "--stage", "dev", *STORE)
    assert unknown.returncode != 0
    assert "Unable to find artifact" in unknown.stderr


def test_an_import_follows_the_product(pushed, server, tmp_path):
    source = pushed.cloned(tmp_path / "source").point_at("store", server)
    here = elsewhere(tmp_path / "user", pushed)
    here.run("git", "init", "--quiet")
    here.run("dvc", "init", "--quiet")
    here.run("dvc", "import", source.folder.as_uri(), TIER, "--out", "tier.parquet", *STORE)
    assert s3.md5(here.folder / "tier.parquet") == pushed.data()[TIER]
    (source.folder / "params.yaml").write_text(product.PARAMS.replace("rows: 300", "rows: 31"), encoding="utf-8")
    source.run("dvc", "repro", "--quiet", "tier@L1")
    source.commit("Another tier")
    source.run("dvc", "push", TIER)
    here.run("dvc", "update", "tier.parquet.dvc")
    assert s3.md5(here.folder / "tier.parquet") == source.data()[TIER] != pushed.data()[TIER]


def test_the_run_cache_spares_another_clone_the_work(pushed, server, tmp_path):
    clone = pushed.cloned(tmp_path / "clone").point_at("store", server)
    (clone.folder / "dvc.lock").unlink()
    clone.run("dvc", "fetch", "--run-cache")
    printed = clone.run("dvc", "repro", "--pull")
    for stage in ("tier@L1", "tier@L2", "model"):
        assert f"Stage '{stage}' is cached - skipping run" in printed
    assert clone.data() == pushed.data()


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("secret", "Forbidden"),
        ("bucket", "The specified bucket does not exist"),
        ("silence", "Could not connect to the endpoint URL"),
    ],
)
def test_a_remote_that_cannot_be_used_is_named_and_nothing_is_half_written(pushed, server, tmp_path, fault, says):
    address = replace(server, port=s3.free_port()) if fault == "silence" else server
    bucket = "absent" if fault == "bucket" else "store"
    before = s3.files(server.folder)
    clone = pushed.cloned(tmp_path / "clone").point_at(bucket, address, "wrong" if fault == "secret" else s3.SECRET)
    pull = clone.attempt("dvc", "pull")
    assert pull.returncode != 0
    assert says in pull.stderr
    assert clone.data() == {}
    assert clone.cached() == {}
    clone.run("dvc", "repro", "--quiet")
    (clone.folder / "params.yaml").write_text(product.PARAMS.replace("rows: 300", "rows: 3"), encoding="utf-8")
    clone.run("dvc", "repro", "--quiet", "tier@L1")
    push = clone.attempt("dvc", "push")
    assert push.returncode != 0
    assert says in push.stderr
    assert s3.files(server.folder) == before


def test_a_server_killed_while_it_takes_an_object_keeps_no_wrong_one(large, fragile):
    clone = large.point_at("store", fragile)
    push = clone.start("dvc", "push", OTHER)
    under_way(push, fragile.folder, s3.PART + "*")
    fragile.kill()
    printed, _ = push.communicate(timeout=120)
    assert push.returncode != 0, printed
    assert "failed" in printed
    bucket = fragile.folder / "store"
    assert s3.damaged(bucket) == []
    assert clone.data()[OTHER] not in s3.objects(bucket)
    fragile.start()
    clone.run("dvc", "push")
    assert s3.damaged(bucket) == []
    assert s3.objects(bucket).keys() == clone.outs()


def test_a_client_killed_while_it_pushes_leaves_no_wrong_object(large, fragile):
    clone = large.point_at("store", fragile)
    push = clone.start("dvc", "push", OTHER)
    under_way(push, fragile.folder, s3.PART + "*")
    os.killpg(push.pid, signal.SIGKILL)
    push.communicate(timeout=120)
    bucket = fragile.folder / "store"
    assert s3.damaged(bucket) == []
    assert clone.data()[OTHER] not in s3.objects(bucket)
    clone.run("dvc", "push")
    assert s3.damaged(bucket) == []
    assert s3.objects(bucket).keys() == clone.outs()


def test_a_server_killed_while_it_gives_an_object_leaves_no_part_of_it_in_the_clone(large, fragile, tmp_path):
    source = large.point_at("store", fragile)
    source.run("dvc", "push")
    clone = source.cloned(tmp_path / "clone").point_at("store", fragile)
    cache = clone.folder / ".dvc/cache"
    pull = clone.start("dvc", "pull", OTHER)
    under_way(pull, cache, "*.tmp")
    fragile.kill()
    printed, _ = pull.communicate(timeout=120)
    assert pull.returncode != 0, printed
    assert OTHER not in clone.data()
    assert s3.damaged(cache) == []
    fragile.start()
    clone.run("dvc", "pull")
    assert clone.data() == source.data()
    assert s3.damaged(cache) == []


def test_two_clones_push_at_once(large, fragile, tmp_path):
    first = large.point_at("store", fragile)
    shutil.copytree(first.folder, tmp_path / "clone", symlinks=True)
    second = replace(first, folder=tmp_path / "clone")
    pushes = [clone.start("dvc", "push") for clone in (first, second)]
    for push in pushes:
        printed, _ = push.communicate(timeout=120)
        assert push.returncode == 0, printed
    bucket = fragile.folder / "store"
    assert s3.damaged(bucket) == []
    assert s3.objects(bucket).keys() == first.outs()


def test_a_flipped_byte_on_the_remote_is_refused_and_mended(made, fragile, tmp_path):
    source = made.point_at("store", fragile)
    source.run("dvc", "push")
    weights = f"{MODEL}/model-2.safetensors"
    bucket = fragile.folder / "store"
    for path in (OTHER, weights):
        flip(s3.objects(bucket)[source.data()[path]])
    clone = source.cloned(tmp_path / "clone").point_at("store", fragile)
    pull = clone.attempt("dvc", "pull", "--verbose")
    assert pull.returncode != 0
    assert "Checkout failed for following targets:" in pull.stderr
    assert {OTHER, MODEL} <= set(pull.stderr.splitlines())
    assert clone.data() == {TIER: source.data()[TIER]}
    assert s3.damaged(clone.folder / ".dvc/cache") == []
    named = {line.split("'")[1] for line in pull.stdout.splitlines() if "corrupted cache file" in line}
    assert {Path(path).parent.name + Path(path).name for path in named} == {
        source.data()[OTHER],
        source.data()[weights],
    }

    # A push alone finds the object there and is content.
    assert "Everything is up to date" in source.run("dvc", "push")
    remedy = commands("## A damaged object")
    for path, target in ((OTHER, OTHER), (weights, MODEL)):
        source.run("bash", "-ec", remedy.replace("FILE", path).replace("TARGET", target))
    assert s3.damaged(bucket) == []
    clone.run("dvc", "pull")
    assert clone.data() == source.data()


def test_what_get_import_and_artifacts_get_bring_is_checked_by_the_command_of_the_page(made, fragile, tmp_path):
    """DVC looks at none of it, a fault that docs/remote.md warns of: once this fails, the warning can go."""
    source = made.point_at("store", fragile)
    source.run("dvc", "push")
    weights = f"{MODEL}/model-2.safetensors"
    for path in (TIER, weights):
        flip(s3.objects(fragile.folder / "store")[source.data()[path]])
    clone = signing(source.cloned(tmp_path / "clone"))
    for artifact in ("tier-l1", "model-small"):
        clone.run("gto", "register", artifact, "--version", "v1.0.0")
    repository = published(tmp_path / "published.git", clone)
    here = elsewhere(tmp_path / "user", source)
    here.run("git", "init", "--quiet")
    here.run("dvc", "init", "--quiet")
    verified = [*STORE, "verify=true"]
    here.run("dvc", "get", repository, OTHER, "--out", "whole.parquet", *verified)
    here.run("dvc", "get", repository, TIER, "--out", "got.parquet", *verified)
    here.run("dvc", "artifacts", "get", repository, "tier-l1", "--out", "artifact.parquet", *verified)
    here.run("dvc", "artifacts", "get", repository, "model-small", "--out", "model", *verified)
    here.run("dvc", "import", repository, TIER, "--out", "imported.parquet", *verified)
    assert "up to date" in here.run("dvc", "status")
    assert "up to date" in here.run("dvc", "pull")

    page = commands("### Check what came").replace("REPOSITORY", repository).replace("BUCKET/PREFIX", "store/product")

    def whole(path: str, copy: str, command: str = page) -> bool:
        done = here.attempt("bash", "-c", command.replace("data/limo.parquet", path).replace("limo.parquet", copy))
        assert done.stdout.strip() == (f"s3:storeproductfilesmd5{source.data()[path]}" if done.returncode == 0 else "")
        return done.returncode == 0

    assert whole(OTHER, "whole.parquet")
    assert not whole(TIER, "got.parquet")
    assert not whole(TIER, "artifact.parquet", page.replace("--show-url", "--show-url --rev tier-l1@v1.0.0"))
    assert not whole(TIER, "imported.parquet")
    assert whole(f"{MODEL}/model-1.safetensors", "model/model-1.safetensors")
    assert not whole(weights, "model/model-2.safetensors")


def test_make_remote_serves_what_its_commands_name(made, tmp_path):
    clone = made.cloned(tmp_path / "clone")
    shutil.copytree(made.folder / ".dvc/cache", clone.folder / ".dvc/cache")
    shutil.copy(ROOT / "Makefile", clone.folder)
    port = s3.free_port()
    # `setup` would install the project's tools, which are there.
    serving = clone.start("make", "--old-file=setup", "remote", f"REMOTE_PORT={port}")
    try:
        s3.wait_for(lambda: s3.answers(port), "make remote serves nothing")
        assert serving.stdout is not None
        told, line = "", " "
        while line and not line.startswith("export "):  # make may say more around them
            line = serving.stdout.readline()
            told += line if line.startswith(("dvc ", "export ")) else ""
        clone.run("bash", "-ec", told + "dvc push")
    finally:
        os.killpg(serving.pid, signal.SIGTERM)
        serving.communicate(timeout=60)
    assert s3.objects(clone.folder / ".limo/remote/limo/trial").keys() == made.outs()
    assert (clone.folder / ".limo/remote.secret").stat().st_mode & 0o077 == 0
    assert clone.run("git", "status", "--porcelain") == "?? Makefile\n"
