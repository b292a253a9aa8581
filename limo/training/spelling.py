"""A row's solution → the text that is trained: thought and answer spelt alike, whoever wrote them; used by examples."""

from typing import NamedTuple

from limo.answers import thoughts
from limo.params import ThoughtMarks


class Written(NamedTuple):
    """A solution's thought, empty where it has none, and its answer, empty where the thought never ends."""

    thought: str
    answer: str


def parts(solution: str, thought: int | None) -> Written:
    """A solution without the marks that its writer, or a chat template, set around its thought.

    Args:
        solution: as the dataset has it; marks of any published family may stand in it, a closing one alone included.
        thought: how many of its first characters are its thought, where marks no longer say so (`limo.quality.form`);
            null where it has none of its own, or where that is not known.
    """
    if thoughts.marked(solution):
        return Written(*thoughts.split(solution, opened=False)[:2])
    if thought:
        return Written(solution[:thought].strip(), solution[thought:].strip())
    return Written("", solution)


def spelt(written: Written, marks: ThoughtMarks | None, opening: str) -> str:
    """The text that follows the prompt.

    Args:
        written: thought and answer.
        marks: of `train.thought`.
        opening: the mark with which the prompt has opened the thought already, which is not written again; may be "".
    """
    if marks is None:
        return "\n\n".join(part for part in written if part)
    return f"{marks.open.removeprefix(opening)}{written.thought}{marks.close}{written.answer}"


def check(marks: ThoughtMarks | None, opening: str) -> None:
    """Refuse marks that are not those of the chat template, or that nobody would read as marks.

    Raises:
        ValueError: which of the two, and what to set `train.thought` to.
    """
    if marks is None:
        if opening:
            raise ValueError(
                f"the chat template of the base model opens a thought with {opening!r}, which train.thought: null "
                f"would never close: set train.thought to {{open: {opening!r}, close: its closing mark}}"
            )
        return
    if thoughts.split(f"{marks.open}a{marks.close}b", opened=False) != ("a", "b", True):
        raise ValueError(
            f"train.thought: {marks.open!r} and {marks.close!r} are not read as marks around a thought, so that what "
            "is trained could not be judged: take those that the base model was trained with"
        )
    if not marks.open.startswith(opening):
        raise ValueError(
            f"the chat template of the base model opens a thought with {opening!r}, train.thought.open is "
            f"{marks.open!r}: it must begin with what the template writes"
        )
