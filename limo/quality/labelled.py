"""A chain in which humans have looked for mistakes; used by validity and vote."""

from typing import NamedTuple


class Labelled(NamedTuple):
    """A chain, who wrote it (`group`), its problem, and whether a human found no mistake in it."""

    group: str
    problem: str
    question: str
    answer: str
    chain: str
    clean: bool
