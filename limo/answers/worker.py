"""Two answers → whether computer algebra finds them equal, within limits; what runs in verify's worker processes.

A process of its own imports this module and no more of the project: the verifier's own imports would double its start.
"""

import logging
import resource
import signal
from typing import Literal

from limo.answers.compare.symbolic import symbolic

PROBE = (r"\frac{x}{2}+\sqrt{2}", r"\sqrt{2}+0.5x")  # a comparison that any worker can make


def limit(memory_mb: int) -> None:
    """Prepare a worker: parser and algebra are loaded first, then `memory_mb` MiB of address space are all it gets."""
    logging.getLogger("math_verify").setLevel(logging.ERROR)
    symbolic(*PROBE)
    # Default action: the kernel ends the process, even inside one long operation on huge integers.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20, memory_mb * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def algebra(gold: str, answer: str, seconds: float) -> Literal["correct", "wrong", "undecided"]:
    """What algebra says of two answers; after so many `seconds` of processor time the kernel ends the process."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return "correct" if symbolic(gold, answer) else "wrong"
    except Exception:  # noqa: BLE001 - the parser's and the algebra's errors, many of which cannot leave the process
        return "undecided"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
