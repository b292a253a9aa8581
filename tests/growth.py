import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

CODE = str(Path(__file__).parent.parent / "limo")
TIMES = 8  # how much longer the longer of two texts is
GROWTH = 24  # between 8, of work in proportion to a text, and 64, of work with its square
SLOW_S = 0.1  # of processor time: a pattern that works with the square of a text takes longer


def lines(work: Callable[[str], Any], text: str) -> int:
    """Lines of this project that run when work is done on a text; the same on every machine, however busy."""
    count = 0

    def step(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return step

    def call(frame: FrameType, _event: str, _argument: Any) -> Any:
        return step if frame.f_code.co_filename.startswith(CODE) else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work(text)
    finally:
        sys.settrace(before)
    return count


def seconds(work: Callable[[str], Any], text: str) -> float:
    """Processor time of work on a text."""
    start = time.process_time()
    work(text)
    return time.process_time() - start


def steeper(work: Callable[[str], Any], text: Callable[[int], str], length: int) -> bool:
    """Whether work grows faster than in proportion to a text, by the lines that run up to a length of the text, which
    see no pattern at work, or, where a text of that length is slow at all, by time.

    Time alone is no proof on a busy machine: the two texts are compared again and again, and once is enough.
    """
    short, middle, long = (text(size) for size in (length // TIMES**2, length // TIMES, length))
    if lines(work, middle) > GROWTH * (lines(work, short) + 100):
        return True
    return seconds(work, long) > SLOW_S and not any(
        seconds(work, long) <= GROWTH * seconds(work, middle) for _ in range(5)
    )


def steep(work: Callable[[str], Any], pieces: Iterable[str], length: int) -> list[str]:
    """Pieces whose text, the piece repeated up to a length, is too much work."""

    def repeated(piece: str) -> Callable[[int], str]:
        return lambda size: piece * (size // len(piece))

    return [piece for piece in pieces if steeper(work, repeated(piece), length)]
