import pytest

from limo.answers.extract import extract
from limo.answers.hints import Hints
from limo.answers.thoughts import Apart, begun, opening, split
from limo.answers.verify import Case, verify_many

ONE = Hints(1, choice=False, options={})
# Opening and closing marks of published models.
MARKS = {
    "R1": ("<think>\n", "\n</think>\n\n"),
    "capitals": ("<Think>", "</Think>"),
    "spelled out": ("<thinking>", "</thinking>"),
    "EXAONE": ("<thought>\n", "</thought>\n"),
    "plural": ("<thoughts>", "</thoughts>"),
    "prompted": ("<reasoning>\n", "\n</reasoning>\n"),
    "scratchpad": ("<scratchpad>", "</scratchpad>"),
    "analysis": ("<analysis>", "</analysis>"),
    "inner": ("<inner_monologue>", "</inner_monologue>"),
    "attribute": ('<think effort="high">', "</think>"),
    "Seed": ("<seed:think>", "</seed:think>"),
    "LongCat": ("<longcat_think>\n", "\n</longcat_think>\n"),
    "Magistral": ("[THINK]", "[/THINK]"),
    "Kimi": ("◁think▷", "◁/think▷"),
    "Sky-T1": ("<|begin_of_thought|>\n\n", "\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\n"),
    "Command": ("<|START_THINKING|>", "<|END_THINKING|><|START_RESPONSE|>"),
    "gpt-oss": ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    "gpt-oss, control tokens left out": ("analysis", "assistantfinal"),
    "Gemma": ("<|channel>thought\n", "<channel|>"),
    "MedGemma": ("<unused94>thought\n", "<unused95>"),
    "Pangu": ("[unused16]", "[unused17]"),
    "Granite": ("Here is my thought process:\n", "\nHere is my response:\n"),
}
THOUGHT = r"We try 3 · 4 and get \boxed{12}. Wait, is 5 not larger?"


@pytest.mark.parametrize("name", MARKS)
def test_thought_and_answer_come_apart(name: str) -> None:
    begin, end = MARKS[name]
    answer = "Taking all together, it is 5."
    assert split(f"{begin}{THOUGHT}{end}{answer}", opened=False) == Apart(THOUGHT, answer, closed=True)
    assert split(f"{THOUGHT}{end}{answer}", opened=True) == Apart(THOUGHT, answer, closed=True)
    assert split(f"{begin}{THOUGHT}", opened=False) == Apart(THOUGHT, "", closed=False)
    assert split(f"{begin}{THOUGHT}{end}", opened=False) == Apart(THOUGHT, "", closed=True)


@pytest.mark.parametrize("name", MARKS)
def test_a_box_in_a_thought_is_no_answer(name: str) -> None:
    begin, end = MARKS[name]
    assert extract(f"{begin}{THOUGHT}", "flexible", ONE, "length").answer is None
    assert extract(f"{begin}{THOUGHT}{end}I give up.", "flexible", ONE, "eos").answer is None
    assert extract(f"{begin}{THOUGHT}{end}So it is 5.", "flexible", ONE, "eos").answer == "5"


@pytest.mark.parametrize("stop", ["length", None, "eos"])
def test_a_response_that_ends_in_a_thought_that_its_prompt_opened_is_truncated(stop: str | None) -> None:
    cases = [Case("12", THOUGHT, stop=stop, opened=opened) for opened in (False, True)]
    assert [verdict.verdict for verdict in verify_many(cases)] == ["correct", "truncated"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It is 5.", Apart("", "It is 5.", closed=True)),
        ("", Apart("", "", closed=True)),
        ("First.</think>It is 5.", Apart("First.", "It is 5.", closed=True)),
        ("<think>One.</think>Two.<think>Three.</think>Four.", Apart("One.Two.Three.", "Four.", closed=True)),
        ("<think>One.</think>Two.<think>Three.", Apart("One.Two.Three.", "", closed=False)),
        ("<think>\n\n</think>\n\nIt is 5.", Apart("", "It is 5.", closed=True)),
        (
            "We use [thinking] and <b>bold</b>: |x| < 3.",
            Apart("", "We use [thinking] and <b>bold</b>: |x| < 3.", closed=True),
        ),
        ("analysis of the case", Apart("", "analysis of the case", closed=True)),
        ("<|begin_of_solution|>It is 5.<|end_of_solution|>", Apart("", "It is 5.", closed=True)),
    ],
)
def test_responses_of_other_forms(text: str, parts: Apart) -> None:
    assert split(text, opened=False) == parts


@pytest.mark.parametrize(
    ("prompt", "mark"),
    [
        ("<|User|>What is 3 + 4?<|Assistant|><think>\n", "<think>\n"),
        ("<|im_start|>assistant\n<think>", "<think>"),
        ("[INST]What?[/INST][THINK]", "[THINK]"),
        ("<|start|>assistant<|channel|>analysis<|message|>", "<|channel|>analysis<|message|>"),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", ""),
        ("Write your thoughts between <think> and </think>.<|im_end|>\n<|im_start|>assistant\n", ""),
        ("Begin with <think> and go on.<|im_end|>\n<|im_start|>assistant\n", ""),
        ("", ""),
    ],
)
def test_the_end_of_a_prompt_says_whether_it_opened_a_thought(prompt: str, mark: str) -> None:
    assert opening(prompt) == mark


def test_a_response_gets_the_mark_of_its_prompt_once() -> None:
    assert begun("We try 3.", "<think>\n") == "<think>\nWe try 3."
    assert begun("\n<think>We try 3.", "<think>\n") == "\n<think>We try 3."
    assert begun("We try 3.", "") == "We try 3."
