"""A chain as it was written → the one form in which it is measured, scored and stored; used by measure and score."""

from typing import NamedTuple

from limo.answers import thoughts


class Stored(NamedTuple):
    """A chain's text, and how many of its first characters are its thought; None where it has none of its own."""

    text: str
    thought: int | None


def stored(chain: str, tags: str) -> Stored:
    """A chain with its thought first and its answer after it.

    Args:
        chain: the text with the marks that its writer set around a thought.
        tags: of `gates.tags`; `strip` takes the marks away and leaves a blank line between, else the text stays.
    """
    apart = thoughts.split(chain, opened=False)
    if not apart.thought:
        nothing = tags == "strip" and thoughts.marked(chain)  # is what the marks stand around
        return Stored(apart.answer if nothing else chain, None)
    if tags == "strip":
        parts = [part for part in (apart.thought, apart.answer) if part]
        return Stored("\n\n".join(parts), len(apart.thought))
    return Stored(chain, chain.rfind(apart.answer) if apart.answer else len(chain))
