"""Stores with answers, their bytes, and other processes that use them."""

import hashlib
import random
import subprocess
import sys
from pathlib import Path

from limo.store import segments
from limo.store.request import Completion
from limo.store.store import Store


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def key_of(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


def filled(path: Path, count: int) -> dict[str, Completion]:
    """A closed store with answers that compress badly, so that records differ in size and content."""
    chance = random.Random(count)
    answers = {
        key_of(i): Completion("".join(chance.choices("abcdefgh é\n", k=chance.randrange(200))), i, "eos")
        for i in range(count)
    }
    store = Store(path)
    for key, completion in answers.items():
        assert store.put(key, completion)
    store.close()
    return answers


def places_of(path: Path) -> dict[tuple[int, int, int], str]:
    """Segment, first byte and end of every record, to its key."""
    return {
        (number, piece.offset, piece.offset + piece.size): piece.key.hex()
        for number in segments.numbers(path)
        for piece in segments.scan(segments.name(path, number))
        if isinstance(piece, segments.Record)
    }


def flip(path: Path, number: int, offset: int, change: int) -> None:
    with segments.name(path, number).open("r+b") as stream:
        stream.seek(offset)
        (old,) = stream.read(1)
        stream.seek(offset)
        stream.write(bytes([old ^ change]))
