"""Extracted answers that rules leave undecided → a model's judgements, kept in the store; used by `limo grade`."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from limo import params
from limo.answers.verify import Case, Verdict
from limo.base.files import digest
from limo.generation.engines.choose import numerics, open_engine
from limo.generation.engines.protocol import Engine
from limo.generation.room import length
from limo.models import load
from limo.own import forms
from limo.store.request import Completion, Request
from limo.store.store import Store, open_store

TEMPLATE = Path(__file__).with_name("judge.txt")

Graded = tuple[str | int, Case, Verdict]
Unasked = Literal["too_long", "unsafe"]
Said = Literal["correct", "wrong", "unparsed", "too_long", "unsafe"]
Answer = TypeVar("Answer")

_SAID: dict[str | None, Literal["correct", "wrong"]] = {"CORRECT": "correct", "INCORRECT": "wrong"}
_VERDICT = re.compile(r"(\*\*)?Verdict: (?P<said>CORRECT|INCORRECT)(?(1)\*\*)")


@dataclass(frozen=True)
class Judging:
    """A run's judge: model folder, engine, tokens of its answers, and the file that keeps them.

    `every` asks about every extracted answer, not only where the rules are undecided.
    """

    folder: str
    engine: params.Engine
    max_tokens: int
    every: bool
    out: str


@dataclass(frozen=True)
class Judgement:
    """What a model said of one extracted answer, and what the rules had said before.

    `judgement` is `unparsed` where the text does not end in a verdict. Never asked were `too_long` (the prompt does not
    fit the engine's max_length) and `unsafe` (the data spells control tokens of the model); their text is empty.
    `prompt` is the digest of judge.txt, `key` the answer's key in the generation store.
    """

    id: str | int
    question: str
    gold: str
    extracted: str
    model: str
    prompt: str
    key: str | None
    text: str
    judgement: Said
    rules: str
    rule: str


@dataclass(frozen=True)
class Judge:
    """A model that is ready to judge: `open_judge` makes it, `ask` uses it.

    `room` is the engine's max_length, `control` the tokenizer's control tokens, `controls` how many of these a prompt
    has; `engine` loads the weights when called.
    """

    model: str
    tokenizer: Any
    numerics: str
    sampling: params.Sampling
    room: int | None
    control: frozenset[int]
    controls: int
    store: Store
    engine: Callable[[], Engine]


def open_judge(folder: str | Path, engine: params.Engine, max_tokens: int) -> AbstractContextManager[Judge]:
    """Make the model in `folder` a judge of answers; see `open_model`."""
    return open_model(folder, engine, max_tokens, _turns("", "", ""))


@contextmanager
def open_model(folder: str | Path, engine: params.Engine, max_tokens: int, bare: load.Turns) -> Iterator[Judge]:
    """Make the model in `folder` a judge at temperature 0; its weights are loaded once, with the first new question.

    Args:
        folder: of the model.
        engine: what runs it.
        max_tokens: of an answer.
        bare: the prompt without data in it.

    Raises:
        FileNotFoundError: the folder holds no model.
        ValueError: the model has no chat template, this version does not run the engine, or the engine's max_length
            has no room for the bare prompt and `max_tokens` of answer.
    """
    model, tokenizer = load.fingerprint(folder), load.load_tokenizer(folder)
    sampling = params.Sampling(temperature=0.0, top_p=1.0, max_tokens=max_tokens)
    room = length(engine)
    empty = load.prompt_ids(tokenizer, bare)
    least = len(empty) + max_tokens
    if room is not None and least > room:
        raise ValueError(
            f"a judge's bare prompt and answer need {least} tokens, engines.*.max_length is {room}: "
            "take an engine with a larger max_length, or fewer tokens of answer"
        )
    control = frozenset(load.control_tokens(tokenizer))
    controls = sum(token in control for token in empty)
    with open_store(model) as store, ExitStack() as opened:
        weights = cache(lambda: opened.enter_context(closing(open_engine(folder, engine))))
        yield Judge(model, tokenizer, numerics(engine), sampling, room, control, controls, store, weights)


def ask(judge: Judge, graded: Sequence[Graded]) -> list[Judgement]:
    """Judge (id, case, verdict of the rules) triples, in their order; only the extracted answer is shown to the model.

    A judgement that the generation store holds is not drawn again, and the same prompt is drawn once.

    Raises:
        ValueError: a verdict has no extracted answer, so there is nothing to judge.
    """
    answers = answered(judge, [_asked(judge, *entry) for entry in graded], parse)
    prompt = digest(forms.text(TEMPLATE))
    return [
        Judgement(
            id=name,
            question=case.question,
            gold=case.gold,
            extracted=verdict.extracted or "",
            model=judge.model,
            prompt=prompt,
            key=key,
            text=text,
            judgement=said,
            rules=verdict.verdict,
            rule=verdict.rule,
        )
        for (name, case, verdict), (key, text, said) in zip(graded, answers, strict=True)
    ]


def build_prompt(question: str, gold: str, answer: str) -> str:
    """The judge's question: judge.txt with its marked fields filled in one pass, so that no data is read as a field."""
    return forms.filled(TEMPLATE, {"question": question or "(not given)", "reference": gold, "answer": answer})


def parse(text: str) -> Literal["correct", "wrong", "unparsed"]:
    """The verdict that a finished text ends with.

    Only the last line that is not blank counts, and only if it is exactly `Verdict: CORRECT` or `Verdict: INCORRECT`,
    alone or between two pairs of asterisks. All else is `unparsed`.
    """
    return _SAID.get(forms.last_said(text, _VERDICT), "unparsed")


def settle(judge: Judge, graded: Sequence[Graded], *, every: bool) -> tuple[list[Verdict], list[Judgement]]:
    """Ask about the extracted answers that the rules leave undecided, or with `every` about all extracted answers.

    Returns:
        The verdicts in order, the undecided ones replaced where the judge decides (rule "judge"), and what it said.
    """
    places = [
        place
        for place, (_, _, verdict) in enumerate(graded)
        if verdict.extracted is not None and (every or verdict.verdict == "undecided")
    ]
    judgements = ask(judge, [graded[place] for place in places])
    verdicts = [verdict for _, _, verdict in graded]
    for place, judgement in zip(places, judgements, strict=True):
        said = judgement.judgement
        if judgement.rules == "undecided" and said in ("correct", "wrong"):
            verdicts[place] = Verdict(said, judgement.extracted, "judge")
    return verdicts, judgements


def tally(judge: Judge, said: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """The judge's own counts, from those of (verdict of the rules, judgement) pairs.

    `both` counts the answers that rules and judge both call correct or wrong, `agree` those where they say the same.
    """
    counts = {name: sum(n for (_, judged), n in said.items() if judged == name) for name in get_args(Said)}
    both = {pair: n for pair, n in said.items() if set(pair) <= {"correct", "wrong"}}
    return {
        "model": judge.model,
        "asked": counts["correct"] + counts["wrong"] + counts["unparsed"],
        **counts,
        "both": sum(both.values()),
        "agree": sum(n for (rules, judged), n in both.items() if rules == judged),
    }


def request(judge: Judge, turns: load.Turns) -> Request | Unasked:
    """The request of a prompt, or why the judge cannot be asked."""
    ids = load.prompt_ids(judge.tokenizer, turns)
    if judge.room is not None and len(ids) + judge.sampling.max_tokens > judge.room:
        return "too_long"
    # The tokenizer reads "<|im_end|>" within an answer as the end of the turn: such data could put words in the
    # judge's own mouth.
    if sum(token in judge.control for token in ids) != judge.controls:
        return "unsafe"
    # Temperature 0 uses no seed; one for all lets equal prompts share a judgement.
    return Request(tuple(ids), turns, judge.sampling, seed=0)


def answered(
    judge: Judge, asked: Sequence[Request | Unasked], parse: Callable[[str], Answer]
) -> list[tuple[str | None, str, Answer | Unasked]]:
    """Of each request its key, the text of its answer and what `parse` reads there; else None, "" and why it is none.

    Equal requests are drawn once. A text that was cut may have gone on: its last line is not read.
    """
    keys = [one.key(judge.model, judge.numerics) if isinstance(one, Request) else one for one in asked]
    answers = draw(judge, {key: one for key, one in zip(keys, asked, strict=True) if isinstance(one, Request)})
    rows: list[tuple[str | None, str, Answer | Unasked]] = []
    for one, key in zip(asked, keys, strict=True):
        if isinstance(one, Request):
            answer = answers[key]
            rows.append((key, answer.text, parse(answer.text if answer.stop == "eos" else "")))
        else:
            rows.append((None, "", one))
    return rows


def draw(judge: Judge, requests: Mapping[str, Request]) -> dict[str, Completion]:
    """The completion of every request by its key: from the store, else drawn and stored the moment it ends."""
    answers = judge.store.get(requests)
    missing = [(key, request) for key, request in requests.items() if key not in answers]
    if not missing:
        return answers
    engine = judge.engine()
    engine.submit(missing)
    while done := engine.finished():
        for key, completion in done:
            judge.store.put(key, completion)
            answers[key] = completion
    assert answers.keys() == requests.keys(), "the engine ended without an answer to every request"
    return answers


def _asked(judge: Judge, name: str | int, case: Case, verdict: Verdict) -> Request | Unasked:
    if verdict.extracted is None:
        raise ValueError(f"id {name!r}: there is no extracted answer to judge")
    return request(judge, _turns(case.question, case.gold, verdict.extracted))


def _turns(question: str, gold: str, answer: str) -> load.Turns:
    return forms.turns(build_prompt(question, gold, answer))
