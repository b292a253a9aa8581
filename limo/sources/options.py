"""Multiple choice in a question's text → the same question with its options in another order; used by benchmarks."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from limo.base.files import digest

Row = dict[str, Any]

LETTERS = "ABCDEFGHIJ"
_LABEL = re.compile(r"(?m)^[ \t]*\(?([A-J])[.):][ \t]+(?=\S)")
_BLANK = re.compile(r"\n[ \t]*\n")
# An option that speaks of the others by their place keeps its own.
_BOUND = re.compile(r"(?i)\b(?:all|none|both|any|either|neither|two|three)\b.{0,20}\b(?:above|below|options|choices)\b")
_LETTERS_ONLY = re.compile(r"(?i)(?:both|only|neither)?\s*\(?[A-J]\)?(?:\s*(?:,|and|or|nor|&)\s*\(?[A-J]\)?)+\.?")


class Choice(NamedTuple):
    """A question taken apart: what stands before the options, each one's label and text, and what stands after them.

    `gaps` are the blanks after each option but the last.
    """

    stem: str
    labels: tuple[str, ...]
    texts: tuple[str, ...]
    gaps: tuple[str, ...]
    tail: str

    def written(self, order: str) -> str:
        """The question with the options in the order of these letters."""
        texts = [self.texts[LETTERS.index(letter)] for letter in order]
        options = "".join(
            f"{label}{text}{gap}" for label, text, gap in zip(self.labels, texts, (*self.gaps, ""), strict=True)
        )
        return f"{self.stem}{options}{self.tail}"


def parse(question: str) -> Choice | None:
    """The last options of a question, from A on, each on a line of its own; None where there are no two.

    An option ends where the next one begins, and the last one at a blank line or the end of the text. Options may hold
    blank lines, each as many as the others: where their numbers differ, nobody can tell where the last one ends.
    """
    found = list(_LABEL.finditer(question))
    starts = [place for place, label in enumerate(found) if label[1] == "A"]
    if not starts:
        return None
    labels = []
    for label, letter in zip(found[starts[-1] :], LETTERS, strict=False):
        if label[1] != letter:
            break
        labels.append(label)
    if len(labels) < 2 or len(labels) != len(found) - starts[-1]:
        return None
    within = [question[one.end() : other.start()] for one, other in pairwise(labels)]
    blanks = {len(_BLANK.findall(text.rstrip())) for text in within}
    if len(blanks) > 1:
        return None
    rest = question[labels[-1].end() :]
    ends = [*(blank.start() for blank in _BLANK.finditer(rest)), len(rest)][blanks.pop() :]
    if not ends:
        return None
    texts = [text.rstrip() for text in [*within, rest[: ends[0]]]]
    if not all(texts):
        return None
    gaps = tuple(text[len(bare) :] for text, bare in zip(within, texts, strict=False))
    spelled = tuple(label[0] for label in labels)
    return Choice(question[: labels[0].start()], spelled, tuple(texts), gaps, rest[len(texts[-1]) :])


def asked(row: Row, seed: int, options: Literal["shuffle", "circular"]) -> Iterator[Row]:
    """The rows that are asked of one: with its options in an order of its own, or one of every rotation.

    The order depends on nothing but seed, benchmark and source id. An option that names others by their place ("all of
    the above") keeps its own, and where one names letters ("A and C") none moves. A row whose answer is no letter and
    that has no options is asked as it is.

    Args:
        row: with benchmark, source_id, question and answer.
        seed: the run's.
        options: what `benchmarks.NAME.options` says.

    Returns:
        The row with question and answer changed, `order`, the published letters in the order in which they are asked,
        and `written`, the published letter of the answer. Rotations after the first have source ids `ID~1`, `ID~2`, …

    Raises:
        ValueError: the answer is a letter, and the options cannot be told apart or lack it.
    """
    choice = parse(row["question"])
    lettered = len(row["answer"]) == 1 and row["answer"] in LETTERS
    if choice is None or (lettered and LETTERS.index(row["answer"]) >= len(choice.texts)):
        if lettered:
            raise ValueError(
                f"row {row['source_id']}: its options cannot be told apart, or none is {row['answer']}: only as_written"
            )
        yield row
        return
    orders = _rotations(choice) if options == "circular" else [_shuffled(choice, row, seed)]
    for turn, order in enumerate(orders):
        moved = {"question": choice.written(order), "order": order}
        if lettered:
            moved |= {"answer": LETTERS[order.index(row["answer"])], "written": row["answer"]}
        yield {**row, **moved, "source_id": f"{row['source_id']}~{turn}" if turn else row["source_id"]}


def _free(choice: Choice) -> str:
    """The letters of the options that may move."""
    letters = LETTERS[: len(choice.texts)]
    if any(_LETTERS_ONLY.fullmatch(text) for text in choice.texts):
        return ""
    return "".join(letter for letter, text in zip(letters, choice.texts, strict=True) if not _BOUND.search(text))


def _placed(choice: Choice, moved: str) -> str:
    """All letters in their order, those that may move in the order of `moved`."""
    following = iter(moved)
    return "".join(next(following) if letter in moved else letter for letter in LETTERS[: len(choice.texts)])


def _rotations(choice: Choice) -> list[str]:
    free = _free(choice)
    return [_placed(choice, free[turn:] + free[:turn]) for turn in range(max(1, len(free)))]


def _shuffled(choice: Choice, row: Row, seed: int) -> str:
    def drawn(letter: str) -> str:
        return digest(f"options {seed} {row['benchmark']} {row['source_id']} {letter}")

    return _placed(choice, "".join(sorted(_free(choice), key=drawn)))
