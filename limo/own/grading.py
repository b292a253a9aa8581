"""A user's file of responses → a verdict for every row, and counts; used by `limo grade`."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from tqdm import tqdm

from limo import params
from limo.answers.verify import Case, Verifier
from limo.base.files import write_json
from limo.lines.jsonl import InputError, Line, check, identifier, regular, rows, whole, write
from limo.own import judge

CHUNK = 2_000  # rows in memory at once

_SURROGATE = re.compile("[\ud800-\udfff]")


def grade(
    source: str, out: str, answers: params.Answers, judging: judge.Judging | None, metrics: str | None
) -> dict[str, Any]:
    """Grade every row of a file and write one verdict per row, in the same order.

    Every row is checked before anything is written, and a file appears whole or not at all. What is written does not
    depend on `answers.workers`.

    Args:
        source: .jsonl, .jsonl.gz or .jsonl.zst with a `ResponseRow` on every line; `-` is standard input.
        out: a .jsonl of id, verdict, extracted and rule; `-` is standard output.
        answers: how answers are read and compared.
        judging: who judges what the rules leave undecided, or None.
        metrics: a .json for the counts that are returned, or None.

    Returns:
        Counts of rows by verdict, by rule and by kind; under `judge` its own, None without one.

    Raises:
        InputError: bad rows, a damaged file, or a judge that cannot run.
        OSError: a file or model cannot be read or written.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    judged: Counter[tuple[str, str]] = Counter()
    with ExitStack() as stack:
        path, name = stack.enter_context(regular(source))
        total = check(name, _rows(path), lambda row: row.id)
        verdict_lines = stack.enter_context(whole(out))
        if judging is not None:
            opened = stack.enter_context(_judge(judging))
            judgement_lines = stack.enter_context(whole(judging.out))
        verifier = stack.enter_context(Verifier(answers))
        bar = stack.enter_context(tqdm(total=total, desc="grade", unit="row", disable=None))
        for chunk in _chunks(path):
            cases = [row.case() for row in chunk]
            verdicts = verifier.verify_many(cases)
            if judging is not None:
                graded = [(row.id, case, verdict) for row, case, verdict in zip(chunk, cases, verdicts, strict=True)]
                verdicts, judgements = judge.settle(opened, graded, every=judging.every)
                for judgement in judgements:
                    write(judgement_lines, asdict(judgement))
                    judged[judgement.rules, judgement.judgement] += 1
            for row, verdict in zip(chunk, verdicts, strict=True):
                write(verdict_lines, {"id": row.id, **asdict(verdict)})
                counts[verdict.verdict, verdict.rule, row.kind or ""] += 1
            bar.update(len(chunk))
        report = {**_counted(counts), "judge": None if judging is None else judge.tally(opened, judged)}
        if metrics is not None:
            write_json(report, metrics)
    return report


@contextmanager
def _judge(judging: judge.Judging) -> Iterator[judge.Judge]:
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(judge.open_judge(judging.folder, judging.engine, judging.max_tokens))
        except ValueError as error:
            raise InputError(f"judge {judging.folder}: {error}") from error
        yield opened


def _counted(counts: Counter[tuple[str, str, str]]) -> dict[str, Any]:
    verdicts = Counter(correct=0, wrong=0, undecided=0, truncated=0)
    rules: defaultdict[str, Counter[str]] = defaultdict(Counter)
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (verdict, rule, kind), count in sorted(counts.items()):
        for group in (verdicts, rules[rule], kinds[kind]):
            group[verdict] += count
    return {"rows": counts.total(), "verdicts": verdicts, "rules": rules, "kinds": kinds}


class _Spelt(float):
    """A number that prints as its file spells it: 1.50 stays 1.50."""

    text: str

    def __new__(cls, text: str) -> "_Spelt":
        made = super().__new__(cls, text)
        made.text = text
        return made

    def __str__(self) -> str:
        return self.text


def _answer(value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str | int | float) for part in parts):
        raise ValueError("give text, a number, true, false or a list of these")
    return ", ".join(str(part).lower() if isinstance(part, bool) else str(part) for part in parts)


Answer = Annotated[str, BeforeValidator(_answer)]


class ResponseRow(BaseModel):
    """One line of the input. Keys beyond these are passed over; null is as good as left out.

    A row whose `gold` is empty or null goes through, undecided: one hole in a reference file is no reason to grade none
    of it. An answer may be a number, a truth value or a list: it is graded as the text that the file shows.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    id: Annotated[str | int, BeforeValidator(identifier)]
    gold: Answer | None
    response: str | None = None
    answer: Answer | None = None
    question: str | None = None
    kind: str | None = None
    stop: Literal["eos", "length"] | None = None
    opened: bool | None = None

    @model_validator(mode="after")
    def _gradable(self) -> "ResponseRow":
        if self.response is None and self.answer is None:
            raise ValueError("give `response` or `answer`")
        if broken := [key for key, value in self if isinstance(value, str) and _SURROGATE.search(value)]:
            raise ValueError(f"`{broken[0]}` holds half of a character (a lone surrogate): write it whole")
        return self

    def case(self) -> Case:
        response = self.response if self.answer is None else None  # an answer that is given counts
        question, kind, opened = self.question or "", self.kind or "", self.opened or False
        return Case(self.gold or "", response, self.answer, question, kind, self.stop, opened)


def _rows(path: Path) -> Iterator[Line[ResponseRow]]:
    return rows(path, ResponseRow, parse_float=_Spelt)


def _chunks(path: Path) -> Iterator[list[ResponseRow]]:
    parsed = (line.row for line in _rows(path))
    while chunk := list(islice(parsed, CHUNK)):
        if not all(isinstance(row, ResponseRow) for row in chunk):
            raise InputError(f"{path} changed while it was read: run again once it is complete")
        yield [row for row in chunk if isinstance(row, ResponseRow)]
