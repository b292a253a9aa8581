"""Rows of question, solution and thought → token ids, prompts told from what is trained; used by stage train."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import TemplateError

from limo.answers import thoughts
from limo.answers.boxes import boxes
from limo.models.load import control_tokens, held_control, prompt_ids, turns
from limo.params import Train
from limo.training import spelling

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Example:
    """One conversation as token ids; the first `prompt` of them are context, the others are trained."""

    id: str
    ids: tuple[int, ...]
    prompt: int

    @property
    def trained(self) -> int:
        """Number of tokens that the loss counts: the answer and its end-of-turn token."""
        return len(self.ids) - self.prompt


class Encoded(NamedTuple):
    """What is trained, how many rows were over train.max_length, and how many of those lost their last box."""

    examples: list[Example]
    over_length: int
    truncated_answers: int


def encode(
    rows: Iterable[Mapping[str, Any]], tokenizer: "PreTrainedTokenizerBase", system: str, train: Train
) -> Encoded:
    """Token ids of every row: the prompt exactly as sampling writes it, then the solution and the end of turn.

    Every solution is spelt alike, as `train.thought` says, whatever marks its writer set around its thought.
    A row over `train.max_length` tokens is an error, left out, or cut at that length, as `train.overlength` says. A
    cut answer has no end-of-turn token, since it does not end there (paper 6.4: the model then learns not to stop).

    Args:
        rows: mappings with `id`, `question`, `solution`, and `thought` where it is known (`limo.training.inputs.rows`).
        tokenizer: the base model's.
        system: the system turn (paper 6.2).
        train: `max_length` in tokens, `overlength` and `thought`.

    Raises:
        ValueError: no rows, or none left; a row without solution, with a thought that never ends, with a control token
            in question or solution, or too long; a system turn with one; a chat template that does not write the
            turns, or opens a thought otherwise than `train.thought` does. All faulty rows are counted, the first three
            named.
    """
    if tokenizer.eos_token_id is None:
        raise ValueError("the tokenizer has no end-of-turn token: set eos_token in its tokenizer_config.json")
    opening = check_template(tokenizer, system)
    spelling.check(train.thought, opening)
    control = control_tokens(tokenizer)
    if held := held_control(system, tokenizer, control):
        raise ValueError(f"prompt.system holds the control token {held}: the model would read a turn; remove it")
    examples, faults = [], []
    seen = over_length = truncated_answers = 0
    for row in rows:
        seen += 1
        prompt = prompt_ids(tokenizer, turns(system, row["question"]))
        written = spelling.parts(row["solution"], row.get("thought"))
        text = spelling.spelt(written, train.thought, opening)
        answer = tokenizer(text, add_special_tokens=False)["input_ids"]
        example = Example(row["id"], (*prompt, *answer, tokenizer.eos_token_id), len(prompt))
        texts = {"question": row["question"], "solution": "\n\n".join(written)}
        held_in = {name: held for name, said in texts.items() if (held := held_control(said, tokenizer, control))}
        fault = _fault(example, written, held_in, train)
        if fault:
            faults.append(f"  example {example.id}: {fault}")
            continue
        if len(example.ids) > train.max_length:
            over_length += 1
            if train.overlength == "drop":
                continue
            example = Example(example.id, example.ids[: train.max_length], example.prompt)
            truncated_answers += _loses_box(text, tokenizer, example.trained)
        examples.append(example)
    if not seen:
        raise ValueError("the dataset is empty: nothing to train on; see the rejections of the stages before it")
    if faults:
        shown = "\n".join(faults[:3])
        raise ValueError(f"{len(faults)} of {seen} examples cannot be trained, the first of them:\n{shown}")
    if not examples:
        raise ValueError(
            f"no token to train: all {seen} examples are over train.max_length={train.max_length} and "
            "train.overlength=drop leaves them out; raise train.max_length"
        )
    return Encoded(examples, over_length, truncated_answers)


def check_template(tokenizer: "PreTrainedTokenizerBase", system: str) -> str:
    """Refuse a chat template that fails, leaves a turn out, or does not open the answer.

    Returns:
        The mark by which it opens the answer's thought, or "".

    Raises:
        ValueError: which of these it does.
    """
    question = "What is 1 + 1?"
    messages = [{"role": role, "content": content} for role, content in turns(system, question)]
    try:
        closed, opened = (
            str(tokenizer.apply_chat_template(messages, add_generation_prompt=opens, tokenize=False))
            for opens in (False, True)
        )
    except TemplateError as error:
        raise ValueError(f"the chat template of the base model cannot write system and user turns: {error}") from None
    for name, content in (("system turn", system), ("question", question)):
        if content.strip() not in opened:
            raise ValueError(f"the chat template of the base model leaves the {name} out; choose another base model")
    if opened == closed:
        raise ValueError("the chat template of the base model opens no answer: it ignores add_generation_prompt")
    return thoughts.opening(opened)


def _fault(example: Example, written: spelling.Written, held_in: Mapping[str, str], train: Train) -> str | None:
    if not "".join(written).strip():
        return "no token to train: its solution is empty; remove the row"
    if not written.answer:
        return "its solution is a thought that never ends, without an answer; remove the row, or close the thought"
    for name, held in held_in.items():
        return f"its {name} holds the control token {held}, which would be read as a turn; remove it from the text"
    length = len(example.ids)
    if length > train.max_length and train.overlength == "refuse":
        return (
            f"{length} tokens, over train.max_length={train.max_length}; raise it, lower tiers.max_tokens, "
            "or set train.overlength to drop or truncate"
        )
    if example.prompt >= train.max_length and train.overlength == "truncate":
        return (
            f"no token to train: its prompt alone has {example.prompt} tokens, train.max_length is {train.max_length}"
        )
    return None


def _loses_box(solution: str, tokenizer: "PreTrainedTokenizerBase", kept: int) -> bool:
    """Whether a solution's last box is not whole within its first `kept` tokens."""
    every = boxes(solution)
    if not every:
        return False
    offsets = tokenizer(solution, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return bool(offsets[kept - 1][1] < every[-1].end)
