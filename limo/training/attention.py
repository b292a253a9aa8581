"""Queries, keys and values of documents laid end to end → attention of each alone; used by the loss of training."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

if TYPE_CHECKING:
    from torch import nn

# The name under which transformers finds it; it gets no mask, since none is registered under this name.
DOCUMENTS = "limo_documents"


def by_document(
    _module: "nn.Module",
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    scaling: float,
    documents: Sequence[int],
    dropout: float,
    **_: Any,
) -> tuple[Tensor, None]:
    """Causal attention of documents laid end to end, each of its own: the work is Σ length², not (Σ length)².

    Args:
        query: (1, heads, tokens, head size).
        key, value: (1, key-value heads, tokens, head size).
        attention_mask: None.
        scaling: of query times key.
        documents: the documents' lengths in tokens, which sum to `tokens`.
        dropout: 0.

    Returns:
        (1, tokens, heads, head size), and no weights.

    Raises:
        ValueError: a mask or dropout, which this attention would ignore.
    """
    if attention_mask is not None or dropout:
        raise ValueError("attention by document takes neither a mask nor dropout")
    lengths = list(documents)
    parts = zip(query.split(lengths, 2), key.split(lengths, 2), value.split(lengths, 2), strict=True)
    attended = [
        scaled_dot_product_attention(q, k, v, is_causal=True, scale=scaling, enable_gqa=True) for q, k, v in parts
    ]
    return torch.cat(attended, 2).transpose(1, 2).contiguous(), None


AttentionInterface.register(DOCUMENTS, by_document)
