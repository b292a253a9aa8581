import logging
import os
import random
import shutil
import signal
import sqlite3
import time

import pytest

from limo.store import segments
from limo.store.request import Completion
from limo.store.store import DamagedRecordError, Store
from limo.store.upkeep import check, collect
from tests.store.world import filled, flip, key_of, places_of, run

COLLECTOR = """
import sys
from pathlib import Path
from limo.store.store import Store
from limo.store.upkeep import collect
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
collect(store)
"""


def test_flipped_bytes_cost_exactly_the_records_they_lie_in(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "FULL", 4_000)
    whole = tmp_path / "whole"
    answers = filled(whole, 60)
    places = places_of(whole)
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
            flip(path, number, offset, chance.randrange(1, 256))
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
    answers = filled(path, 10)
    (number, start, _), key = next(iter(places_of(path).items()))
    flip(path, number, start + 60, 1)
    store = Store(path)
    reader = Store(path)
    assert reader.get([key_of(5)]) == {key_of(5): answers[key_of(5)]}
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
    answers = filled(path, 10)
    (number, start, _), key = next(iter(places_of(path).items()))
    reader = Store(path)
    flip(path, number, start + 60, 1)
    collect(Store(path))
    assert reader.get(answers) == {k: v for k, v in answers.items() if k != key}


def test_a_number_that_is_used_again_leads_no_reader_to_the_old_segment(tmp_path):
    path = tmp_path / "store"
    (key,) = filled(path, 1)
    reader = Store(path)
    assert reader.get([key])
    flip(path, 1, 50, 1)
    other = Store(path)
    collect(other)
    assert segments.numbers(path) == []
    other.put(key_of("new"), Completion("new", 1, "eos"))
    assert segments.numbers(path) == [1]
    assert reader.get([key, key_of("new")]) == {key_of("new"): Completion("new", 1, "eos")}


def test_a_segment_cut_short_is_damage_that_names_every_lost_answer(tmp_path):
    path = tmp_path / "store"
    answers = filled(path, 10)
    places = places_of(path)
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
    store.put(key_of("new"), Completion("new", 1, "eos"))  # goes to a segment that its readers look at
    assert Store(path).get([key_of("new")]) == {key_of("new"): Completion("new", 1, "eos")}


def test_a_duplicate_is_dropped_and_takes_the_place_of_a_damaged_first(tmp_path):
    path, other = tmp_path / "store", tmp_path / "other"
    answers = filled(path, 5)
    filled(other, 5)
    shutil.copy(segments.name(other, 1), segments.name(path, 2))
    store = Store(path)
    assert check(store).duplicates == 5
    flip(path, 1, 50, 1)
    collect(store)
    assert store.get(answers) == answers
    assert (check(store).records, check(store).duplicates, check(store).damaged) == (5, 0, [])


def test_a_kill_during_a_collection_leaves_every_good_answer(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "FULL", 40_000)
    path, again = tmp_path / "store", tmp_path / "again"
    answers = filled(path, 2_000)
    places = places_of(path)
    instants = random.Random(0)
    for _ in range(8):
        shutil.rmtree(again, ignore_errors=True)
        shutil.copytree(path, again)
        hit = set()
        for number in segments.numbers(path):
            (n, start, _), key = instants.choice([item for item in places.items() if item[0][0] == number])
            flip(again, n, start + 48, 7)
            hit.add(key)
        collector = run(COLLECTOR, again)
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
    answers = filled(path, 3_000)
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
        first.put(key_of(i), Completion(str(i), i, "eos"))
    assert second.get([key_of(49)])
    for file in path.glob("index.sqlite*"):
        file.unlink()
    third = Store(path)
    for i in range(50, 100):
        first.put(key_of(i), Completion(str(i), i, "eos"))
    second.put(key_of(100), Completion("100", 100, "eos"))
    expected = {key_of(i): Completion(str(i), i, "eos") for i in range(101)}
    for store in (first, second, third):
        assert store.get(expected) == expected
        store.close()
    assert Store(path).get(expected) == expected
