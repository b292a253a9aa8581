import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from limo.generation.request import Completion
from limo.generation.store import DamagedRecordError, Store, folder, open_store

# Prints a key only after `put` has returned: what is printed is acknowledged.
WRITER = """
import sys
from pathlib import Path
from limo.generation.request import Completion
from limo.generation.store import Store
store = Store(Path(sys.argv[1]))
for i in range(int(sys.argv[3])):
    key = f"{sys.argv[2]}-{i}"
    store.put(key, Completion(f"answer {key} " * 20, i, "eos"))
    print(key, flush=True)
"""


def _writer(path: Path, name: str, count: int = 1_000_000) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(count)], stdout=subprocess.PIPE, text=True
    )


def _expected(key: str) -> Completion:
    return Completion(f"answer {key} " * 20, int(key.rsplit("-", 1)[1]), "eos")


def test_every_acknowledged_answer_survives_kill_9(tmp_path):
    path = tmp_path / "answers.sqlite"
    instants = random.Random(0)
    acknowledged = []
    for round_ in range(6):
        writer = _writer(path, f"round{round_}")
        assert writer.stdout is not None
        acknowledged.append(writer.stdout.readline().strip())
        time.sleep(instants.uniform(0, 0.15))
        writer.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
        writer.wait()
    store = Store(path)
    assert store.get(acknowledged) == {key: _expected(key) for key in acknowledged}
    # A record that was written but not yet acknowledged may be there too: one per kill.
    assert len(acknowledged) <= len(store) <= len(acknowledged) + 6
    assert len(acknowledged) > 50


def test_two_processes_write_side_by_side(tmp_path):
    path = tmp_path / "answers.sqlite"
    writers = [_writer(path, name, 300) for name in ("a", "b")]
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    keys = [f"{name}-{i}" for name in ("a", "b") for i in range(300)]
    assert Store(path).get(keys) == {key: _expected(key) for key in keys}


def test_the_first_answer_under_a_key_stays(tmp_path):
    store = Store(tmp_path / "answers.sqlite")
    store.put("k", Completion("first", 1, "eos"))
    store.put("k", Completion("second", 2, "length"))
    assert store.get(["k", "unknown"]) == {"k": Completion("first", 1, "eos")}
    assert len(store) == 1


@pytest.mark.parametrize("position", [0, 7, -1])
def test_a_flipped_byte_is_an_error_that_names_the_record(tmp_path, position):
    path = tmp_path / "answers.sqlite"
    store = Store(path)
    store.put("good", Completion("six", 3, "eos"))
    store.put("bad", Completion("seven", 3, "eos"))
    with sqlite3.connect(path) as connection:
        record = bytearray(connection.execute("SELECT record FROM answers WHERE key = 'bad'").fetchone()[0])
        record[position] ^= 1
        connection.execute("UPDATE answers SET record = ? WHERE key = 'bad'", (bytes(record),))
    with pytest.raises(DamagedRecordError, match=r"answers\.sqlite: the answer stored under bad is damaged"):
        store.get(["good", "bad"])
    assert store.get(["good"]) == {"good": Completion("six", 3, "eos")}


def test_a_record_moved_to_another_key_is_damaged(tmp_path):
    path = tmp_path / "answers.sqlite"
    store = Store(path)
    store.put("mine", Completion("six", 3, "eos"))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE answers SET key = 'yours'")
    with pytest.raises(DamagedRecordError, match="yours"):
        store.get(["yours"])


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
        store.put("k", Completion("six", 3, "eos"))
    assert [file.name for file in (tmp_path / "chosen").glob("*.sqlite")] == ["f" * 32 + ".sqlite"]
