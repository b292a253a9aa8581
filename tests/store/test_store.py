import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from limo.store import segments
from limo.store import store as stores
from limo.store.request import Completion
from limo.store.store import Store, folder, open_store
from limo.store.upkeep import HeldError, check, collect
from tests.store.world import key_of, run

# Prints a name only after `put` has returned: what is printed is acknowledged. Small segments and batches, so that
# writers end segments and write to the index all the time.
WRITER = """
import hashlib, sys
from pathlib import Path
from limo.store import segments, store
from limo.store.request import Completion
segments.FULL, store.BATCH = 100_000, 16
kept = store.Store(Path(sys.argv[1]))
for i in range(int(sys.argv[3])):
    name = f"{sys.argv[2]}-{i}"
    kept.put(hashlib.sha256(name.encode()).hexdigest(), Completion(f"answer {name} " * 20, i, "eos"))
    print(name, flush=True)
if sys.argv[4:]:
    sys.stdin.read()
kept.close()
"""


def _expected(name: str) -> Completion:
    return Completion(f"answer {name} " * 20, int(name.rsplit("-", 1)[1]), "eos")


def _answers(names: list[str]) -> dict[str, Completion]:
    return {key_of(name): _expected(name) for name in names}


def _killed_writers(path: Path, rounds: int, together: int, longest: float) -> list[str]:
    """The names that writers acknowledged before each was killed at an instant of its own."""
    instants = random.Random(rounds)
    acknowledged: list[str] = []
    for round_ in range(rounds):
        writers = [run(WRITER, path, f"{round_}.{writer}", 1_000_000) for writer in range(together)]
        for writer in writers:
            assert writer.stdout is not None
            acknowledged.append(writer.stdout.readline().strip())
        for writer in writers:
            time.sleep(instants.uniform(0, longest))
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            assert writer.stdout is not None
            acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
            writer.wait()
    return acknowledged


def _survive(path: Path, rounds: int, together: int) -> None:
    acknowledged = _killed_writers(path, rounds, together, 0.04)
    assert len(acknowledged) > 20 * rounds
    store = Store(path)
    answers = _answers(acknowledged)
    assert store.get(answers) == answers
    # A record that was written but not yet acknowledged may be there too: one per kill.
    assert len(acknowledged) <= len(store) <= len(acknowledged) + rounds * together
    assert check(store).damaged == []
    store.index.rebuild()
    assert store.get(answers) == answers
    # Segments are gone on with: kills leave no file each.
    total = sum(segments.size(path, number) for number in segments.numbers(path))
    assert len(segments.numbers(path)) <= total / 100_000 + together


def test_every_acknowledged_answer_survives_kill_9_of_writers_side_by_side(tmp_path):
    _survive(tmp_path / "store", 10, 3)


@pytest.mark.slow
def test_every_acknowledged_answer_survives_200_kills(tmp_path):
    _survive(tmp_path / "store", 100, 2)


def test_two_processes_write_side_by_side_and_a_third_reads_what_they_wrote(tmp_path):
    path = tmp_path / "store"
    reader = Store(path)
    writers = [run(WRITER, path, name, 300, "wait") for name in ("a", "b")]
    names = [f"{name}-{i}" for name in ("a", "b") for i in range(300)]
    for writer in writers:
        assert writer.stdout is not None
        for _ in range(300):
            writer.stdout.readline()
    assert reader.get(_answers(names)) == _answers(names)  # while the writers live, and have not indexed the last
    with pytest.raises(HeldError, match=r"\.log: a running process writes to it"):
        collect(reader)
    for writer in writers:
        writer.communicate("")
        assert writer.returncode == 0
    assert reader.get(_answers(names)) == _answers(names)
    assert len(reader) == 600


def test_the_first_answer_under_a_key_stays(tmp_path):
    store = Store(tmp_path / "store")
    assert store.put(key_of("k"), Completion("first", 1, "eos"))
    assert not store.put(key_of("k"), Completion("second", 2, "length"))
    assert store.get([key_of("k"), key_of("unknown")]) == {key_of("k"): Completion("first", 1, "eos")}
    assert len(store) == 1
    store.close()
    again = Store(tmp_path / "store")
    assert not again.put(key_of("k"), Completion("third", 3, "eos"))
    assert again.get([key_of("k")]) == {key_of("k"): Completion("first", 1, "eos")}


def test_of_two_answers_written_at_one_instant_an_index_made_again_gives_the_same(tmp_path):
    path, other = tmp_path / "store", tmp_path / "other"
    for folder_, text in ((path, "second"), (other, "first")):
        store = Store(folder_)
        store.put(key_of("k"), Completion(text, 1, "eos"))
        store.close()
    # As if the writer of segment 1 had looked for the key before segment 2 had it, and wrote after.
    segments.name(path, 1).rename(segments.name(path, 2))
    (path / "index.sqlite").unlink()
    Store(path).close()
    shutil.copy(segments.name(other, 1), segments.name(path, 1))
    store = Store(path)
    answers = store.get([key_of("k")])
    store.index.rebuild()
    assert answers == store.get([key_of("k")]) == {key_of("k"): Completion("first", 1, "eos")}
    assert len(store) == 1


@pytest.mark.parametrize("key", ["", "k", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n"])
def test_a_key_that_is_no_hash_is_refused(tmp_path, key):
    store = Store(tmp_path / "store")
    with pytest.raises(ValueError, match="64 hex characters"):
        store.put(key, Completion("six", 3, "eos"))
    with pytest.raises(ValueError, match="64 hex characters"):
        store.get([key])


def test_texts_come_back_as_they_were(tmp_path):
    texts = ["", "\x00", "\ud800 alone", "数学 😀", '"tokens": 7, \\', "x" * 2_000_000]
    store = Store(tmp_path / "store")
    for text in texts:
        store.put(key_of(text.encode(errors="surrogatepass")), Completion(text, len(text), "length"))
    assert sorted(completion.text for _, completion in store.items()) == sorted(texts)
    assert [key for key, _ in store.items()] == sorted(key_of(t.encode(errors="surrogatepass")) for t in texts)


FULL_DISK = """
import hashlib, resource, signal, sys
from pathlib import Path
from limo.store import store as stores
from limo.store.request import Completion
stores.BATCH = 16
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
kept = stores.Store(Path(sys.argv[1]))
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
names, refused = [], ""
for i in range(2_000):
    name = f"n-{i}"
    try:
        kept.put(hashlib.sha256(name.encode()).hexdigest(), Completion(f"answer {name} " * 20, i, "eos"))
    except OSError as error:
        refused = str(error)
        if i % 2:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        continue
    names.append(name)
answers = kept.get([hashlib.sha256(name.encode()).hexdigest() for name in names])
assert len(answers) == len(names), (len(answers), len(names))
print(refused)
print(*names)
"""


def test_what_the_limit_of_a_file_cuts_is_taken_back_and_nothing_else(tmp_path):
    path = tmp_path / "store"
    writer = run(FULL_DISK, path)
    out, _ = writer.communicate()
    assert writer.returncode == 0
    refused, names = out.splitlines()
    assert "store: the answer under " in refused
    assert "make room on the disk" in refused
    answers = _answers(names.split())
    assert 1_900 < len(answers) < 2_000
    store = Store(path)
    assert store.get(answers) == answers
    assert len(store) == len(answers)
    assert (check(store).damaged, check(store).torn) == ([], [])


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_keeps_every_finished_answer_and_later_writes_work(small_disk, monkeypatch, caplog):
    monkeypatch.setattr(stores, "BATCH", 16)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(200_000))
    path = small_disk / "store"
    store = Store(path)
    names: list[str] = []
    with pytest.raises(OSError, match=r"store: the answer under .* make room on the disk"):  # noqa: PT012
        while True:
            name = f"n-{len(names)}"
            store.put(key_of(name), Completion(random.Random(name).randbytes(400).hex(), len(names), "eos"))
            names.append(name)
    assert len(names) > 100
    expected = {
        key_of(name): Completion(random.Random(name).randbytes(400).hex(), i, "eos") for i, name in enumerate(names)
    }
    assert store.get(expected) == expected
    with pytest.raises(OSError, match="all before it are kept"):
        store.put(key_of("more"), Completion("x" + random.Random(1).randbytes(9_000).hex(), 1, "eos"))
    filler.unlink()
    assert store.put(key_of("later"), Completion("later", 1, "eos"))
    expected[key_of("later")] = Completion("later", 1, "eos")
    store.close()
    again = Store(path)
    assert again.get(expected) == expected
    assert len(again) == len(expected)
    assert (check(again).damaged, check(again).torn) == ([], [])
    again.close()


def test_memory_does_not_grow_with_the_store(tmp_path):
    script = """
import hashlib, resource, sys
from pathlib import Path
from limo.store.request import Completion
from limo.store.store import Store
store = Store(Path(sys.argv[1]))
def go(first, last):
    for i in range(first, last):
        store.put(hashlib.sha256(str(i).encode()).hexdigest(), Completion("text " * 200, i, "eos"))
    for _ in store.items():
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(go(0, 5_000), go(5_000, 40_000))
"""
    writer = run(script, tmp_path / "store")
    out, _ = writer.communicate()
    early, late = map(int, out.split())
    assert late - early < 8_000  # KiB; the 35,000 answers are 35 MB of text


def test_the_store_starts_without_the_libraries_of_tables_and_models(tmp_path):
    script = "import sys, limo.store.store; print([m for m in ('torch', 'polars', 'pydantic') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_the_folder_is_outside_the_workspace_where_dvc_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LIMO_STORE", raising=False)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    assert folder() == Path(".limo/store")
    monkeypatch.setenv("DVC_ROOT", "/repository")
    assert folder() == Path("/repository/.limo/store")
    monkeypatch.setenv("LIMO_STORE", str(tmp_path / "chosen"))
    assert folder() == tmp_path / "chosen"
    with open_store("f" * 64) as store:
        store.put(key_of("k"), Completion("six", 3, "eos"))
    held = sorted(str(file.relative_to(tmp_path)) for file in (tmp_path / "chosen").rglob("*.*"))
    assert held == [f"chosen/{'f' * 32}/000001.log", f"chosen/{'f' * 32}/index.sqlite"]
