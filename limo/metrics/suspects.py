"""Answers that count as not correct → those that seem to state the reference answer all the same; used by metrics."""

from collections.abc import Mapping
from typing import Any, Literal

from limo.answers.boxes import boxes
from limo.answers.compare.decide import compare
from limo.answers.extract import gold_answer

END = 200  # characters at the end of a text in which the reference answer is looked for
_EDGES = "0123456789.,/^_\\abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def suspicion(answer: Mapping[str, Any], gold: str) -> Literal["box", "end"] | None:
    """Where the text of an answer that is not correct states the reference answer, None where it does not.

    Somebody should read such an answer: the model may have given two, or the reading of it went wrong.

    Args:
        answer: with its text and verdict.
        gold: the reference answer.
    """
    if answer["verdict"] == "correct":
        return None
    wanted = gold_answer(gold)
    if any(compare(wanted, box.content, {})[0] == "correct" for box in boxes(answer["text"])):
        return "box"
    return "end" if _stands(_spelled(wanted), _spelled(answer["text"][-END:])) else None


def _spelled(text: str) -> str:
    return " ".join(text.replace("$", " ").split())


def _stands(wanted: str, text: str) -> bool:
    """Whether a value stands in a text, and not as a part of a longer one."""
    place = text.find(wanted) if wanted else -1
    while place >= 0:
        before, after = text[:place], text[place + len(wanted) :]
        ended = not after or after[0] not in _EDGES or (after[0] in ".," and not after[1:2].isdigit())
        if ended and not (before and before[-1] in f"{_EDGES}-"):
            return True
        place = text.find(wanted, place + 1)
    return False
