"""A prompt, its settings and a seed → the key of its answer in the store; used by all stages that sample."""

from dataclasses import asdict, dataclass

from limo.base.files import digest
from limo.params import Sampling


@dataclass(frozen=True)
class Request:
    """One answer to draw. `seed` decides every random choice in it, whatever runs beside it.

    `turns` are the (role, content) pairs that `prompt_ids` spell, for servers that take no token ids.
    """

    prompt_ids: tuple[int, ...]
    turns: tuple[tuple[str, str], ...]
    sampling: Sampling
    seed: int

    def key(self, model: str, numerics: str) -> str:
        """Hash of everything that decides the text (design, contract 3)."""
        return draw_key(series_key(model, numerics, self.prompt_ids, self.sampling), self.seed)


@dataclass(frozen=True)
class Completion:
    """A drawn answer: its text without the end token, its length in tokens, and why it ended (eos or length)."""

    text: str
    tokens: int
    stop: str

    def as_dict(self) -> dict[str, str | int]:
        """The completion as plain values, as the store keeps it."""
        return asdict(self)


def check_room(name: str, request: Request, length: int) -> None:
    """Refuse a request whose prompt and answer may need more than `length` tokens.

    Raises:
        ValueError: it does; the message names it and the remedy.
    """
    needed = len(request.prompt_ids) + request.sampling.max_tokens
    if needed > length:
        raise ValueError(
            f"{name}: prompt and answer need {needed} tokens, engines.*.max_length is {length}: raise it, or lower "
            "sampling.max_tokens"
        )


def draw_seed(seed: int, stage: str, model: str, problem: str, sample: int) -> int:
    """Seed of one draw, from (stage, model, problem, sample index) and never from a place in a batch (contract 4).

    Without the stage, the draws by which `screen` chose a problem would be the first ones of `rate` where both ask one
    model the same, and its count would be low by choice.
    """
    return int(digest(seed, stage, model, problem, sample)[:15], 16)


def series_key(model: str, numerics: str, prompt_ids: tuple[int, ...], sampling: Sampling) -> str:
    """Hash of what all draws of one problem share."""
    return digest(model, numerics, prompt_ids, sampling.model_dump())


def draw_key(series: str, seed: int) -> str:
    """Key of one draw of a series in the store."""
    return digest(series, seed)
