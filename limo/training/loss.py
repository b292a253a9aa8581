from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from limo.training.examples import Example

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel

# Architectures whose attention honours packed documents and whose logits are a plain product with the head's weight;
# each is tested against one-by-one training.
ARCHITECTURES = ("llama", "qwen2", "qwen3")


class Packed(NamedTuple):
    """Documents laid end to end: ids and positions (1, length); where to predict (n,) and which token (n,)."""

    ids: Tensor
    positions: Tensor
    predict: Tensor
    targets: Tensor


def layout(examples: Sequence[Example], filler: int, device: torch.device | str) -> Packed:
    """Tensors of one forward pass; positions start anew with each document, which is what keeps documents apart.

    A pass without examples becomes one `filler` token that predicts itself, so that every rank runs the same
    collectives; its loss must be weighted with zero.
    """
    if not examples:
        one, zero = torch.tensor([[filler]], device=device), torch.zeros(1, dtype=torch.long, device=device)
        return Packed(one, zero[None], zero, one[0])
    ids: list[int] = []
    positions: list[int] = []
    predict: list[int] = []
    targets: list[int] = []
    for example in examples:
        start = len(ids)
        ids.extend(example.ids)
        positions.extend(range(len(example.ids)))
        predict.extend(range(start + example.prompt - 1, start + len(example.ids) - 1))
        targets.extend(example.ids[example.prompt :])
    return Packed(
        torch.tensor([ids], device=device),
        torch.tensor([positions], device=device),
        torch.tensor(predict, device=device),
        torch.tensor(targets, device=device),
    )


class TokenLoss(nn.Module):
    """Summed cross-entropy in chunks, so that logits of at most `chunk` × vocabulary exist at a time.

    The chunk's logits are computed again in the backward pass. Not through the head's own forward: under ZeRO-3 each
    call of that would be a collective, and the number of chunks differs between ranks. The weight is gathered once
    around this module instead, as an external parameter of it.
    """

    def __init__(self, head: nn.Linear, chunk: int) -> None:
        super().__init__()
        # In a tuple the head does not become a child of this module; it stays the model's alone.
        self.heads = (head,)
        self.chunk = chunk

    def forward(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Sum over n of −log p(targets[n] | hidden[n]); hidden is (n, width), targets is (n,); a float32 scalar."""
        weight = self.heads[0].weight
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        for part, wanted in zip(hidden.split(self.chunk), targets.split(self.chunk), strict=True):
            total = total + checkpoint(_cross_entropy, part, weight, wanted, use_reentrant=False)
        return total


def _cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    return functional.cross_entropy(functional.linear(hidden, weight).float(), targets, reduction="sum")


class Objective(nn.Module):
    """A causal language model with its loss: what DeepSpeed wraps."""

    def __init__(self, model: "PreTrainedModel", chunk: int) -> None:
        super().__init__()
        self.model = model
        self.token_loss = TokenLoss(model.get_output_embeddings(), chunk)

    def forward(self, packed: Packed) -> Tensor:
        """Summed loss of the predicted tokens of one packed pass."""
        # With a cache or an attention mask the models ignore the restarts of the positions without a word.
        states = self.model.base_model(input_ids=packed.ids, position_ids=packed.positions, use_cache=False)
        return self.token_loss(states.last_hidden_state[0].index_select(0, packed.predict), packed.targets)


def check_supported(config: "PreTrainedConfig", longest: int) -> None:
    """Refuse a model whose packed training would be wrong.

    Raises:
        ValueError: unknown architecture, dropout (a resumed run would draw other noise), a sliding window, or
            positions too few for the longest example.
    """
    if config.model_type not in ARCHITECTURES:
        raise ValueError(f"architecture {config.model_type!r} is not known to train packed; known: {ARCHITECTURES}")
    if config.attention_dropout:
        raise ValueError(f"attention_dropout={config.attention_dropout} makes training irreproducible; set it to 0")
    if getattr(config, "use_sliding_window", False):
        raise ValueError("use_sliding_window is not supported in packed training; set it to false in config.json")
    if longest > config.max_position_embeddings:
        raise ValueError(
            f"the longest example has {longest} tokens, the model takes {config.max_position_embeddings}; "
            "lower tiers.max_tokens or choose another base model"
        )
