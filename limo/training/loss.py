"""A packed pass → the summed loss of its answers, without the logits of all tokens; used by stage train."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from limo.params import Train
from limo.training.attention import DOCUMENTS
from limo.training.batches import Step
from limo.training.examples import Example

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel

# Architectures whose attention honours packed documents and whose logits are a plain product with the head's weight;
# each is tested against one-by-one training.
ARCHITECTURES = ("llama", "qwen2", "qwen3")


class Packed(NamedTuple):
    """Documents laid end to end: ids and positions (1, length); where to predict (n,) and which token (n,).

    `documents` are their lengths. `runs` are the consecutive parts of the n predictions that share a weight, as (count,
    weight).
    """

    ids: Tensor
    positions: Tensor
    predict: Tensor
    targets: Tensor
    documents: tuple[int, ...]
    runs: tuple[tuple[int, float], ...]


def normaliser(step: Step, train: Train) -> int:
    """What the summed loss of a whole step, over all passes and ranks, is divided by: its trained tokens or examples.

    With `train.loss` token long and short examples weigh by their tokens, with example each weighs the same.
    """
    return step.trained if train.loss == "token" else len(step.examples)


def layout(examples: Sequence[Example], train: Train, filler: int, device: torch.device | str) -> Packed:
    """Tensors of one forward pass; positions start anew with each document, which is what keeps documents apart.

    A pass without examples becomes one `filler` token that predicts itself, so that every rank runs the same
    collectives; its loss has the weight zero.
    """
    if not examples:
        one, zero = torch.tensor([[filler]], device=device), torch.zeros(1, dtype=torch.long, device=device)
        return Packed(one, zero[None], zero, one[0], (1,), ((1, 0.0),))
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
        tuple(len(example.ids) for example in examples),
        ((len(targets), 1.0),)
        if train.loss == "token"
        else tuple((example.trained, 1 / example.trained) for example in examples),
    )


class TokenLoss(nn.Module):
    """Weighted sum of cross-entropies that never holds the logits of all tokens.

    `train.fused_loss` chunks: logits of at most `train.loss_chunk` × vocabulary exist at a time and are computed again
    in the backward pass; liger: the Triton kernel of liger-kernel, which takes gradients along with the loss. It keeps
    the head's whole gradient, in float32, until the backward pass: with a weight of its own for each document there
    would be one for each, gigabytes; so they are then computed again, one after the other.

    Not through the head's own forward: under ZeRO-3 each call of that would be a collective, and the number of chunks
    differs between ranks. The weight is gathered once around this module instead, as an external parameter of it.
    """

    def __init__(self, head: nn.Linear, train: Train) -> None:
        super().__init__()
        # In a tuple the head does not become a child of this module; it stays the model's alone.
        self.heads = (head,)
        self.chunk = train.loss_chunk
        self.kernel = _liger() if train.fused_loss == "liger" else None

    def forward(self, hidden: Tensor, targets: Tensor, runs: Sequence[tuple[int, float]]) -> Tensor:
        """Sum over n of −weight[n] · log p(targets[n] | hidden[n]), as a float32 scalar.

        Args:
            hidden: (n, width).
            targets: (n,).
            runs: (count, weight) of consecutive targets; the counts sum to n.
        """
        weight = self.heads[0].weight
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        counts = [count for count, _ in runs]
        for (_, share), states, wanted in zip(runs, hidden.split(counts), targets.split(counts), strict=True):
            total = total + share * self._sum(states, weight, wanted, alone=len(runs) == 1)
        return total

    def _sum(self, hidden: Tensor, weight: Tensor, targets: Tensor, *, alone: bool) -> Tensor:
        if self.kernel is not None:
            arguments = (weight, hidden, targets)
            loss: Tensor = (
                self.kernel(*arguments) if alone else checkpoint(self.kernel, *arguments, use_reentrant=False)
            )
            return loss.float()
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        for part, wanted in zip(hidden.split(self.chunk), targets.split(self.chunk), strict=True):
            total = total + checkpoint(_cross_entropy, part, weight, wanted, use_reentrant=False)
        return total


def _liger() -> Any:
    try:
        from liger_kernel.transformers import LigerFusedLinearCrossEntropyLoss  # noqa: PLC0415 - an extra, for GPUs
    except ImportError:
        raise ImportError(
            "train.fused_loss=liger needs liger-kernel: run `make setup-gpu`, or set it to chunks"
        ) from None
    # The head's gradient is summed over the kernel's own chunks: in bfloat16 that would lose the small ones.
    return LigerFusedLinearCrossEntropyLoss(reduction="sum", accum_dtype=torch.float32)


def _cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    return functional.cross_entropy(functional.linear(hidden, weight).float(), targets, reduction="sum")


class Objective(nn.Module):
    """A causal language model with its loss: what DeepSpeed wraps."""

    def __init__(self, model: "PreTrainedModel", train: Train) -> None:
        super().__init__()
        self.model = model
        self.token_loss = TokenLoss(model.get_output_embeddings(), train)
        self.by_document = train.attention == "sdpa"
        if self.by_document:
            model.set_attn_implementation(DOCUMENTS)

    def forward(self, packed: Packed) -> Tensor:
        """Weighted sum of the losses of the predicted tokens of one packed pass."""
        # Flash attention takes the documents from the restarts of the positions, and ignores them without a word where
        # there is a cache or a mask.
        lengths = {"documents": packed.documents} if self.by_document else {}
        states = self.model.base_model(input_ids=packed.ids, position_ids=packed.positions, use_cache=False, **lengths)
        predicted = states.last_hidden_state[0].index_select(0, packed.predict)
        return self.token_loss(predicted, packed.targets, packed.runs)


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
