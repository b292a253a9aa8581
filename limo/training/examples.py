from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from limo.models import prompt_ids, turns
from limo.params import Train

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


def encode(
    rows: Iterable[Mapping[str, Any]], tokenizer: "PreTrainedTokenizerBase", system: str, train: Train
) -> list[Example]:
    """Token ids of every row: the prompt exactly as sampling writes it, then the solution and the end of turn.

    Args:
        rows: mappings with `id`, `question` and `solution` (schema `limo.tables.DATASET`).
        tokenizer: the base model's.
        system: the system turn (paper 6.2).
        train: `max_length` and `tokens_per_pass` bound an example's length in tokens.

    Raises:
        ValueError: no rows; a row without solution, with a control token inside its solution, or over a length bound.
            All faulty rows are counted, the first three are named.
    """
    if tokenizer.eos_token_id is None:
        raise ValueError("the tokenizer has no end-of-turn token: set eos_token in its tokenizer_config.json")
    examples, faults = [], []
    for row in rows:
        prompt = prompt_ids(tokenizer, turns(system, row["question"]))
        answer = tokenizer(row["solution"], add_special_tokens=False)["input_ids"]
        example = Example(row["id"], (*prompt, *answer, tokenizer.eos_token_id), len(prompt))
        fault = _fault(example, answer, set(tokenizer.all_special_ids), train)
        if fault:
            faults.append(f"  example {example.id}: {fault}")
        examples.append(example)
    if not examples:
        raise ValueError("the dataset is empty: nothing to train on; see the rejections of the stages before it")
    if faults:
        shown = "\n".join(faults[:3])
        raise ValueError(f"{len(faults)} of {len(examples)} examples cannot be trained, the first of them:\n{shown}")
    return examples


def _fault(example: Example, answer: list[int], control: set[int], train: Train) -> str | None:
    if not answer:
        return "no token to train: its solution is empty; remove the row"
    if control & set(answer):
        return f"its solution holds the control token {min(control & set(answer))}; remove it from the text"
    length = len(example.ids)
    if length > train.max_length:
        return f"{length} tokens, over train.max_length={train.max_length}; raise it, or lower tiers.max_tokens"
    if length > train.tokens_per_pass:
        return f"{length} tokens do not fit into one forward pass; raise train.tokens_per_pass={train.tokens_per_pass}"
    return None
