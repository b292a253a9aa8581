"""What one row of a record holds, whatever its layout; used by recorded and import."""

from typing import Any, NamedTuple


class Said(NamedTuple):
    """A text for a question.

    Attributes:
        text: the attempt or chain; null where the row lacks it.
        claimed: `correct`, `wrong` or None, as the publisher says.
        stop: `length` where it was cut, `eos` where it ended by itself, None where the row does not say.
        author: who wrote it; None for the section's `author`.
        summary: the author's own short answer after it.
        fault: why it is of no use.
    """

    text: Any
    claimed: str | None = None
    stop: str | None = None
    author: str | None = None
    summary: str | None = None
    fault: str | None = None


class PassCount(NamedTuple):
    """Correct draws of one author, or why the row's count is of no use."""

    correct: int | None
    drawn: int | None
    author: str | None = None
    fault: str | None = None


class TraceRow(NamedTuple):
    """A question with what is recorded for it.

    Attributes:
        id: what the publisher calls the row; None where it has no name.
        fault: why the whole row is of no use.
    """

    id: Any
    question: Any
    said: list[Said]
    counted: list[PassCount]
    fault: str | None = None


def verdict(value: Any) -> str | None:
    """What a publisher's mark claims: true, 1 and their words are `correct`, false and 0 are `wrong`, else None.

    Raises:
        ValueError: the mark is neither.
    """
    if value is None or value == "":
        return None
    word = str(value).strip().lower()
    if word in {"true", "1", "1.0", "yes", "correct"}:
        return "correct"
    if word in {"false", "0", "0.0", "no", "wrong", "incorrect"}:
        return "wrong"
    raise ValueError(f"verdict {value!r} is neither correct nor wrong")


def stopped(value: Any) -> str | None:
    """Why a text ended: `length` and its like where it was cut, None where nothing is said, else `eos`."""
    if value is None or value == "":
        return None
    return "length" if str(value).strip().lower() in {"length", "max_tokens", "truncated"} else "eos"


def of_share(share: Any, draws: int, author: str | None = None) -> PassCount:
    """The count that a share of correct draws stands for: a number or its text; it must be whole."""
    try:
        given = float(share)
    except (TypeError, ValueError):
        return PassCount(None, None, author, f"no count: {share!r} is no share")
    correct = given * draws
    if not 0 <= given <= 1 or abs(correct - round(correct)) > 0.01:  # shares are published rounded
        return PassCount(None, None, author, f"no count: {share!r} is no share of {draws} draws")
    return PassCount(round(correct), draws, author)
