"""Keys and values of a step → a cache of fixed slots and attention over it; used by the transformers engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import AttentionInterface
from transformers.cache_utils import CacheLayerMixin
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

ATTENTION = "limo_slots"
# On a GPU torch chooses among these, in this order, by dtype, mask and sizes of heads, which are the same for all
# requests. cuDNN's kernels, which it may take before them, depend on lengths and release, and sum in other orders.
KERNELS = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
KERNEL_NAMES = "flash,efficient,math"


@contextmanager
def kernels(device: str) -> Iterator[None]:
    """Run attention on the kernels of `KERNELS` alone; a CPU has but one."""
    if device == "cpu":
        yield
        return
    with sdpa_kernel(KERNELS, set_priority=True):
        yield


class SlotLayer(CacheLayerMixin):
    """Keys and values of a fixed number of slots, each with its own length: row i writes at `positions[i]`.

    Only the first `window` columns are read; they hold every sequence under way.
    """

    keys: torch.Tensor
    values: torch.Tensor

    def __init__(self, slots: int, length: int, heads: int, width: int, like: torch.Tensor, positions: torch.Tensor):
        super().__init__()
        self.keys = torch.zeros(slots, heads, length, width, dtype=like.dtype, device=like.device)
        self.values = torch.zeros_like(self.keys)
        self.positions = positions
        self.window = length
        self.rows = torch.arange(slots, device=like.device)
        self.is_initialized = True

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:  # noqa: ARG002
        raise AssertionError("a slot layer is made whole")

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any) -> tuple[Any, Any]:
        """Store one new key and value per slot and return the window; the mask hides what lies beyond a row's end."""
        self.keys[self.rows, :, self.positions] = key_states[:, :, 0]
        self.values[self.rows, :, self.positions] = value_states[:, :, 0]
        return self.keys[:, :, : self.window], self.values[:, :, : self.window]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:  # noqa: ARG002 - the base class's signature
        return self.window, 0

    def get_seq_length(self) -> int:
        return self.window

    def get_max_length(self) -> int:
        return self.keys.shape[2]


def slot_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **settings: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of one query token per slot without repeating the shared keys and values of grouped heads.

    `query` is [slots, heads, 1, width], `key` and `value` [slots, shared heads, length, width]. The query heads that
    share a key head become its query rows, which is the same product. A prompt (more than one query token) goes to
    transformers' own sdpa attention.
    """
    if query.shape[2] > 1:
        return sdpa_attention_forward(module, query, key, value, attention_mask, **settings)
    rows = query.reshape(query.shape[0], key.shape[1], -1, query.shape[3])
    out = torch.nn.functional.scaled_dot_product_attention(
        rows, key, value, attn_mask=attention_mask, scale=settings.get("scaling")
    )
    return out.reshape(query.shape[0], 1, -1, query.shape[3]), None


AttentionInterface.register(ATTENTION, slot_attention)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
