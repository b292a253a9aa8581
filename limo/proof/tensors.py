"""Two safetensors files → the first tensor element whose bits differ; used by `limo verify`."""

from pathlib import Path

import torch
from safetensors import safe_open

# Whole numbers of the same width, so that equal means equal bits: NaN equals itself, and 0.0 does not equal -0.0.
BITS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def first(committed: Path, rebuilt: Path) -> str | None:
    """The first difference of two safetensors files, with the number of elements that differ in all of them.

    Returns:
        None when every tensor has the same bits and only the header differs.
    """
    with safe_open(committed, framework="pt") as left, safe_open(rebuilt, framework="pt") as right:
        names = sorted({*left.keys(), *right.keys()})
        for name in names:
            if name not in right.keys():  # noqa: SIM118 - no mapping
                return f"tensor {name} is not rebuilt"
            if name not in left.keys():  # noqa: SIM118
                return f"tensor {name} is new"
        line, elements, tensors, total = "", 0, 0, 0
        for name in names:
            one, other = left.get_tensor(name), right.get_tensor(name)
            if (one.shape, one.dtype) != (other.shape, other.dtype):
                return f"tensor {name} is {_kind(one)}, rebuilt {_kind(other)}"
            unequal = (_bits(one) != _bits(other)).flatten()
            count = int(unequal.sum())
            total += unequal.numel()
            if count:
                line = line or f"tensor {name}{_place(one, other, int(unequal.int().argmax()))}"
                elements, tensors = elements + count, tensors + 1
    if not line:
        return None
    return f"{line}; {elements} of {total} elements differ, in {tensors} of {len(names)} tensors"


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous().flatten().view(BITS[tensor.element_size()])


def _kind(tensor: torch.Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"


def _place(one: torch.Tensor, other: torch.Tensor, flat: int) -> str:
    index = [int(axis) for axis in torch.unravel_index(torch.tensor(flat), one.shape)] if one.dim() else []
    return f"{index}: {one.flatten()[flat].item()!r}, rebuilt {other.flatten()[flat].item()!r}"
