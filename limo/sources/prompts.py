"""A prompt as a publisher's files for training hold it → the problem that it asks; used by layouts."""

import json
import re
from collections.abc import Mapping
from typing import Any

# What publishers put before and after every problem.
_BOXED = r"Let's think step by step and output the final answer within \boxed{}."
_REASON = r"Please reason step by step, and put your final answer within \boxed{}."
_LAST_LINE = (
    "Solve the following math problem step by step. The last line of your response should be of the form Answer: "
    "$Answer (without quotes) where $Answer is the answer to the problem."
)
_FRAMES = [
    (_LAST_LINE, 'Remember to put your answer on its own line after "Answer:".'),
    *((before, after) for words in (_BOXED, _REASON) for before, after in ((words, ""), ("", words))),
]
# What is said to a model and not of a problem: words around a problem that no frame above has.
_SAID = re.compile(
    r"\\boxed|\bstep[ -]by[ -]step\b|\bput your\b|<think>|\banswer:|^\s*(?:question|problem|user|human):",
    re.IGNORECASE | re.MULTILINE,
)
_ASKING = {"user", "human"}


def asked(prompt: Any) -> Any:
    """The text of a prompt: it is a text, or a list of turns (also as JSON text), whose last one of the user counts.

    What is neither is given back as it is.
    """
    if isinstance(prompt, str) and prompt.lstrip().startswith(("[{", "{")):
        prompt = _parsed(prompt)
    turns = [prompt] if isinstance(prompt, Mapping) else prompt
    if not isinstance(turns, list):
        return prompt
    turns = [turn for turn in turns if isinstance(turn, Mapping)]
    of_user = [turn for turn in turns if turn.get("role", turn.get("from", "user")) in _ASKING]
    return of_user[-1].get("content", of_user[-1].get("value")) if of_user else prompt


def unframed(content: Any) -> tuple[Any, str | None]:
    """A prompt's problem without the fixed words around it, and what is wrong where unknown words stand there."""
    if not isinstance(content, str):
        return content, None
    text = content.strip()
    for before, after in _FRAMES:
        if text.startswith(before) and text.endswith(after):
            return text.removeprefix(before).removesuffix(after).strip(), None
    if _SAID.search(text):
        return text, "prompt in unknown words: write the words around its problem into limo/sources/prompts.py"
    return text, None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
