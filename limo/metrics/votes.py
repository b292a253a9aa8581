"""The answers of one problem's samples → which of them are one value; used by metrics."""

from collections.abc import Sequence

from limo.answers.compare.decide import compare


def by_value(answers: Sequence[str | None], verdicts: Sequence[str]) -> list[str | None]:
    """For every answer the first one of the same value, so that spellings do not split a vote.

    All correct answers are one. The others are compared with each other by the rules that compare answers with a
    reference; where these do not decide, two are different.

    Args:
        answers: as read from the samples, None where one states none.
        verdicts: of the samples.
    """
    values: list[str] = []
    first: dict[str, str] = {}
    right = next((answer for answer, verdict in zip(answers, verdicts, strict=True) if verdict == "correct"), None)
    keys: list[str | None] = []
    for answer, verdict in zip(answers, verdicts, strict=True):
        if answer is None:
            keys.append(None)
        elif verdict == "correct":
            keys.append(right)
        else:
            if answer not in first:
                alike = (value for value in values if compare(value, answer, {})[0] == "correct")
                first[answer] = next(alike, answer)
                values += [answer] if first[answer] == answer else []
            keys.append(f"other {first[answer]}")
    return keys
