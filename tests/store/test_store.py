import hashlib
import logging
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from limo.store import segments
from limo.store import store as stores
from limo.store.request import Completion
from limo.store.store import DamagedRecordError, Store, folder, open_store
from limo.store.upkeep import HeldError, check, collect

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
COLLECTOR = """
import sys
from pathlib import Path
from limo.store.store import Store
from limo.store.upkeep import collect
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
collect(store)
"""


def _run(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _key(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


def _expected(name: str) -> Completion:
    return Completion(f"answer {name} " * 20, int(name.rsplit("-", 1)[1]), "eos")


def _answers(names: list[str]) -> dict[str, Completion]:
    return {_key(name): _expected(name) for name in names}


def _filled(path: Path, count: int) -> dict[str, Completion]:
    """A closed store with answers that compress badly, so that records differ in size and content."""
    chance = random.Random(count)
    answers = {
        _key(i): Completion("".join(chance.choices("abcdefgh é\n", k=chance.randrange(200))), i, "eos")
        for i in range(count)
    }
    store = Store(path)
    for key, completion in answers.items():
        assert store.put(key, completion)
    store.close()
    return answers


def _places(path: Path) -> dict[tuple[int, int, int], str]:
    """Segment, first byte and end of every record, to its key."""
    return {
        (number, piece.offset, piece.offset + piece.size): piece.key.hex()
        for number in segments.numbers(path)
        for piece in segments.scan(segments.name(path, number))
        if isinstance(piece, segments.Record)
    }


def _flip(path: Path, number: int, offset: int, change: int) -> None:
    with segments.name(path, number).open("r+b") as stream:
        stream.seek(offset)
        (old,) = stream.read(1)
        stream.seek(offset)
        stream.write(bytes([old ^ change]))


def _killed_writers(path: Path, rounds: int, together: int, longest: float) -> list[str]:
    """The names that writers acknowledged before each was killed at an instant of its own."""
    instants = random.Random(rounds)
    acknowledged: list[str] = []
    for round_ in range(rounds):
        writers = [_run(WRITER, path, f"{round_}.{writer}", 1_000_000) for writer in range(together)]
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
    writers = [_run(WRITER, path, name, 300, "wait") for name in ("a", "b")]
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
    assert store.put(_key("k"), Completion("first", 1, "eos"))
    assert not store.put(_key("k"), Completion("second", 2, "length"))
    assert store.get([_key("k"), _key("unknown")]) == {_key("k"): Completion("first", 1, "eos")}
    assert len(store) == 1
    store.close()
    again = Store(tmp_path / "store")
    assert not again.put(_key("k"), Completion("third", 3, "eos"))
    assert again.get([_key("k")]) == {_key("k"): Completion("first", 1, "eos")}


def test_of_two_answers_written_at_one_instant_an_index_made_again_gives_the_same(tmp_path):
    path, other = tmp_path / "store", tmp_path / "other"
    for folder_, text in ((path, "second"), (other, "first")):
        store = Store(folder_)
        store.put(_key("k"), Completion(text, 1, "eos"))
        store.close()
    # As if the writer of segment 1 had looked for the key before segment 2 had it, and wrote after.
    segments.name(path, 1).rename(segments.name(path, 2))
    (path / "index.sqlite").unlink()
    Store(path).close()
    shutil.copy(segments.name(other, 1), segments.name(path, 1))
    store = Store(path)
    answers = store.get([_key("k")])
    store.index.rebuild()
    assert answers == store.get([_key("k")]) == {_key("k"): Completion("first", 1, "eos")}
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
        store.put(_key(text.encode(errors="surrogatepass")), Completion(text, len(text), "length"))
    assert sorted(completion.text for _, completion in store.items()) == sorted(texts)
    assert [key for key, _ in store.items()] == sorted(_key(t.encode(errors="surrogatepass")) for t in texts)


def test_flipped_bytes_cost_exactly_the_records_they_lie_in(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "FULL", 4_000)
    whole = tmp_path / "whole"
    answers = _filled(whole, 60)
    places = _places(whole)
    assert len(segments.numbers(whole)) > 2
    for seed in range(60):
        chance = random.Random(seed)
        path = tmp_path / "hit"
        shutil.copytree(whole, path)
        hit = set()
        flips = set()
        for _ in range(chance.choice([1, 1, 2, 5, 20])):
            number, start, end = chance.choice(list(places))
            flips.add((number, chance.choice([start + chance.randrange(48), chance.randrange(start, end)])))
        for number, offset in flips:
            _flip(path, number, offset, chance.randrange(1, 256))
            hit |= {key for (n, start, end), key in places.items() if n == number and start <= offset < end}
        untouched = {key: completion for key, completion in answers.items() if key not in hit}

        store = Store(path)
        assert store.get(untouched) == untouched
        for key in hit:
            with pytest.raises(DamagedRecordError, match=rf"\.log: the answer under {key} at offset \d+ is damaged: `"):
                store.get([key])
        assert {finding.key for finding in check(store).damaged} == hit
        store.close()

        (path / "index.sqlite").unlink()
        rebuilt = Store(path)
        assert rebuilt.get(answers) == untouched
        assert check(rebuilt).damaged
        for key in hit:  # drawn again
            rebuilt.put(key, answers[key])
        rebuilt.close()
        mended = Store(path)
        collect(mended)
        assert mended.get(answers) == answers
        assert check(mended).damaged == []
        assert check(mended).records == len(answers)
        mended.close()
        shutil.rmtree(path)


def test_a_damaged_answer_is_dropped_with_the_index_in_place_and_may_be_drawn_again(tmp_path):
    path = tmp_path / "store"
    answers = _filled(path, 10)
    (number, start, _), key = next(iter(_places(path).items()))
    _flip(path, number, start + 60, 1)
    store = Store(path)
    reader = Store(path)
    assert reader.get([_key(5)]) == {_key(5): answers[_key(5)]}
    before = segments.size(path, number)
    collected = collect(store)
    assert [finding.key for finding in collected.checked.damaged] == [key]
    assert before - collected.freed == sum(segments.size(path, n) for n in segments.numbers(path))
    assert store.get(answers) == {k: v for k, v in answers.items() if k != key}
    assert reader.put(key, answers[key])  # though its segment and its index have been made again beneath it
    assert reader.get(answers) == answers
    assert store.get(answers) == answers


def test_a_reader_goes_on_while_its_segments_are_rewritten(tmp_path):
    path = tmp_path / "store"
    answers = _filled(path, 10)
    (number, start, _), key = next(iter(_places(path).items()))
    reader = Store(path)
    _flip(path, number, start + 60, 1)
    collect(Store(path))
    assert reader.get(answers) == {k: v for k, v in answers.items() if k != key}


def test_a_number_that_is_used_again_leads_no_reader_to_the_old_segment(tmp_path):
    path = tmp_path / "store"
    (key,) = _filled(path, 1)
    reader = Store(path)
    assert reader.get([key])
    _flip(path, 1, 50, 1)
    other = Store(path)
    collect(other)
    assert segments.numbers(path) == []
    other.put(_key("new"), Completion("new", 1, "eos"))
    assert segments.numbers(path) == [1]
    assert reader.get([key, _key("new")]) == {_key("new"): Completion("new", 1, "eos")}


def test_a_segment_cut_short_is_damage_that_names_every_lost_answer(tmp_path):
    path = tmp_path / "store"
    answers = _filled(path, 10)
    places = _places(path)
    cut = sorted(places)[6][1] + 20
    os.truncate(segments.name(path, 1), cut)
    lost = {key for (_, start, _), key in places.items() if start >= cut - 20}
    store = Store(path)
    assert {(finding.key, finding.reason) for finding in check(store).damaged} == {(key, "truncated") for key in lost}
    kept = {key: completion for key, completion in answers.items() if key not in lost}
    assert store.get(kept) == kept
    for key in lost:
        with pytest.raises(DamagedRecordError, match=key):
            store.get([key])
    store.put(_key("new"), Completion("new", 1, "eos"))  # goes to a segment that its readers look at
    assert Store(path).get([_key("new")]) == {_key("new"): Completion("new", 1, "eos")}


def test_a_duplicate_is_dropped_and_takes_the_place_of_a_damaged_first(tmp_path):
    path, other = tmp_path / "store", tmp_path / "other"
    answers = _filled(path, 5)
    _filled(other, 5)
    shutil.copy(segments.name(other, 1), segments.name(path, 2))
    store = Store(path)
    assert check(store).duplicates == 5
    _flip(path, 1, 50, 1)
    collect(store)
    assert store.get(answers) == answers
    assert (check(store).records, check(store).duplicates, check(store).damaged) == (5, 0, [])


def test_a_kill_during_a_collection_leaves_every_good_answer(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "FULL", 40_000)
    path, again = tmp_path / "store", tmp_path / "again"
    answers = _filled(path, 2_000)
    places = _places(path)
    instants = random.Random(0)
    for _ in range(8):
        shutil.rmtree(again, ignore_errors=True)
        shutil.copytree(path, again)
        hit = set()
        for number in segments.numbers(path):
            (n, start, _), key = instants.choice([item for item in places.items() if item[0][0] == number])
            _flip(again, n, start + 48, 7)
            hit.add(key)
        collector = _run(COLLECTOR, again)
        assert collector.stdout is not None
        collector.stdout.readline()
        time.sleep(instants.uniform(0, 0.15))
        collector.send_signal(signal.SIGKILL)
        collector.wait()
        good = {key: completion for key, completion in answers.items() if key not in hit}
        store = Store(again)
        assert store.get(good) == good
        collect(store)
        assert store.get(answers) == good
        assert check(store).records == len(good)
        store.close()


@pytest.mark.parametrize("damage", ["deleted", "emptied", "truncated", "garbage", "torn pages", "another"])
def test_an_index_that_is_lost_or_damaged_is_made_again(tmp_path, damage, caplog):
    path = tmp_path / "store"
    answers = _filled(path, 3_000)
    index = path / "index.sqlite"
    size = index.stat().st_size
    if damage == "deleted":
        index.unlink()
    elif damage == "emptied":
        os.truncate(index, 0)
    elif damage == "truncated":
        os.truncate(index, size // 2)
    elif damage == "garbage":
        index.write_bytes(random.Random(0).randbytes(size))
    elif damage == "torn pages":  # found when they are first read
        index.write_bytes(index.read_bytes()[:8192] + random.Random(0).randbytes(size - 8192))
    else:
        index.unlink()
        with sqlite3.connect(index) as connection:
            connection.execute("CREATE TABLE answers (question TEXT)")
    with caplog.at_level(logging.WARNING, logger="limo.store"):
        store = Store(path)
        assert store.get(answers) == answers
    assert [record.message.split(":")[0] for record in caplog.records] == [f"{index} is made again of the segments"]
    assert len(store) == len(answers)
    store.close()
    caplog.clear()
    assert Store(path).get(answers) == answers
    assert not caplog.records


def test_an_index_removed_under_running_processes_costs_no_answer(tmp_path):
    path = tmp_path / "store"
    first, second = Store(path), Store(path)
    for i in range(50):
        first.put(_key(i), Completion(str(i), i, "eos"))
    assert second.get([_key(49)])
    for file in path.glob("index.sqlite*"):
        file.unlink()
    third = Store(path)
    for i in range(50, 100):
        first.put(_key(i), Completion(str(i), i, "eos"))
    second.put(_key(100), Completion("100", 100, "eos"))
    expected = {_key(i): Completion(str(i), i, "eos") for i in range(101)}
    for store in (first, second, third):
        assert store.get(expected) == expected
        store.close()
    assert Store(path).get(expected) == expected


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
    writer = _run(FULL_DISK, path)
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
            store.put(_key(name), Completion(random.Random(name).randbytes(400).hex(), len(names), "eos"))
            names.append(name)
    assert len(names) > 100
    expected = {
        _key(name): Completion(random.Random(name).randbytes(400).hex(), i, "eos") for i, name in enumerate(names)
    }
    assert store.get(expected) == expected
    with pytest.raises(OSError, match="all before it are kept"):
        store.put(_key("more"), Completion("x" + random.Random(1).randbytes(9_000).hex(), 1, "eos"))
    filler.unlink()
    assert store.put(_key("later"), Completion("later", 1, "eos"))
    expected[_key("later")] = Completion("later", 1, "eos")
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
    writer = _run(script, tmp_path / "store")
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
        store.put(_key("k"), Completion("six", 3, "eos"))
    held = sorted(str(file.relative_to(tmp_path)) for file in (tmp_path / "chosen").rglob("*.*"))
    assert held == [f"chosen/{'f' * 32}/000001.log", f"chosen/{'f' * 32}/index.sqlite"]
