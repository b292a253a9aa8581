import hashlib
import os
from pathlib import Path

import pytest

from limo.store import segments
from limo.store.segments import Gap, Record, append, pack, read, scan, take


def _key(i: int) -> bytes:
    return hashlib.sha256(str(i).encode()).digest()


def _segment(folder: Path, payloads: list[bytes]) -> tuple[Path, list[Record]]:
    number, handle = take(folder, {})
    for i, payload in enumerate(payloads):
        append(handle, pack(_key(i), payload))
    os.close(handle)
    path = segments.name(folder, number)
    return path, [piece for piece in scan(path) if isinstance(piece, Record)]


def _change(path: Path, offset: int, new: bytes) -> None:
    with path.open("r+b") as stream:
        stream.seek(offset)
        stream.write(new)


def test_what_was_appended_is_read_back_in_order(tmp_path):
    payloads = [b"", b"one", bytes(3_000_000), segments.MAGIC * 50]
    path, records = _segment(tmp_path, payloads)
    assert [(record.key, record.payload) for record in records] == [(_key(i), p) for i, p in enumerate(payloads)]
    with path.open("rb") as stream:
        for record in records:
            assert read(stream.fileno(), record.offset, record.size, record.key) == record.payload
            assert read(stream.fileno(), record.offset, record.size, _key(99)) is None
            assert read(stream.fileno(), record.offset + 1, record.size, record.key) is None


@pytest.mark.parametrize("bit", range(8))
def test_a_flip_anywhere_in_a_record_costs_that_record_alone(tmp_path, bit):
    path, records = _segment(tmp_path, [b"first " * 9, b"second " * 9, b"third " * 9])
    whole = path.read_bytes()
    for hit in records:
        for offset in range(hit.offset, hit.offset + hit.size):
            _change(path, offset, bytes([whole[offset] ^ (1 << bit)]))
            pieces = list(scan(path))
            assert [piece for piece in pieces if isinstance(piece, Record)] == [r for r in records if r != hit]
            gaps = [piece for piece in pieces if isinstance(piece, Gap)]
            assert [(gap.offset, gap.size) for gap in gaps] == [(hit.offset, hit.size)]
            assert gaps[0].reason in ("bad check", "truncated", "unknown bytes")
            _change(path, offset, whole[offset : offset + 1])


def test_the_beginning_of_a_record_at_the_end_is_torn_and_is_cut_off(tmp_path):
    path, records = _segment(tmp_path, [b"first", b"second"])
    whole, last = path.read_bytes(), records[1]
    for end in range(last.offset + 1, last.offset + last.size):
        path.write_bytes(whole[:end])
        assert [piece.reason for piece in scan(path) if isinstance(piece, Gap)] == ["torn"]
        number, handle = take(tmp_path, {1: last.offset})
        assert append(handle, pack(last.key, last.payload)) == last.offset
        os.close(handle)
        assert number == 1
        assert path.read_bytes() == whole


def test_foreign_bytes_are_a_gap_of_their_own_and_are_never_cut(tmp_path):
    path, (first, second) = _segment(tmp_path, [b"first", b"second"])
    whole = path.read_bytes()
    path.write_bytes(b"stray" + whole[: second.offset] + bytes(2_000_000) + whole[second.offset :] + bytes(7))
    pieces = [(type(piece), piece.size, getattr(piece, "reason", None)) for piece in scan(path)]
    assert pieces == [
        (Gap, 5, "unknown bytes"),
        (Record, first.size, None),
        (Gap, 2_000_000, "unknown bytes"),
        (Record, second.size, None),
        (Gap, 7, "unknown bytes"),
    ]
    before = path.stat().st_size
    _, handle = take(tmp_path, {})
    assert append(handle, pack(_key(7), b"later")) == before
    os.close(handle)
    assert [piece.key for piece in scan(path) if isinstance(piece, Record)] == [first.key, second.key, _key(7)]


def test_a_segment_is_taken_when_it_is_free_has_room_and_is_as_long_as_its_index(tmp_path, monkeypatch):
    first, handle = take(tmp_path, {})
    second, other = take(tmp_path, {})
    assert (first, second) == (1, 2)
    append(handle, pack(_key(0), b"text"))
    os.close(handle)
    os.close(other)
    long = segments.size(tmp_path, 1)
    for indexed, full, expected in [({}, 10**6, 1), ({1: long}, 10**6, 1), ({1: long + 1}, 10**6, 2), ({}, long, 2)]:
        monkeypatch.setattr(segments, "FULL", full)
        number, handle = take(tmp_path, indexed)
        os.close(handle)
        assert number == expected
    number, handle = take(tmp_path, {1: long + 1, 2: 1, 8: 5})
    os.close(handle)
    assert number == 9  # the number of a segment that is gone is not given again


def test_a_payload_that_no_reader_would_take_is_refused(monkeypatch):
    monkeypatch.setattr(segments, "LARGEST", 10)
    with pytest.raises(ValueError, match="11 bytes"):
        pack(_key(0), b"x" * 11)
