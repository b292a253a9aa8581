"""Examples trained and the clock → tokens a second, TFLOPS and MFU; used by the training loop (stage train)."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from limo.training.examples import Example

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

# Peak dense bf16 TFLOPS of one device, without sparsity, from the makers' data sheets; the first pattern that is found
# in the device's name counts.
PEAK_TFLOPS = (
    (r"\bB200\b", 2250),
    (r"H200\b", 989),  # also of GH200
    (r"\bH20\b", 148),
    (r"\bH[18]00 NVL\b", 835),
    (r"\bH[18]00 PCIe\b", 756),
    (r"\bH[18]00\b", 989),
    (r"\bA[18]00\b", 312),
    (r"\bA40\b", 149.7),
    (r"\bA10\b", 125),
    (r"\bL40S\b", 362),
    (r"\bL4\b", 121),
    (r"\bRTX 4090\b", 165.2),
)


def peak_tflops(device: str) -> float | None:
    """Peak dense bf16 TFLOPS of a device by the name that torch gives it; None for one that is not in the table."""
    return next((peak for pattern, peak in PEAK_TFLOPS if re.search(pattern, device)), None)


@dataclass(frozen=True)
class Operations:
    """What training floating-point operations are reckoned from: parameters, layers, and heads × head size."""

    parameters: int
    layers: int
    width: int

    def flops(self, examples: Sequence[Example]) -> float:
        """Operations of forward and backward pass: 6·N·tokens + 12·layers·width·Σ length², of each document its own.

        As in PaLM (arXiv 2204.02311, appendix B): all parameters count, attention as if nothing were masked, and
        what activation checkpointing or the loss computes again does not count.
        """
        lengths = [len(example.ids) for example in examples]
        return 6.0 * self.parameters * sum(lengths) + 12.0 * self.layers * self.width * sum(n * n for n in lengths)


def operations_of(config: "PreTrainedConfig", parameters: int) -> Operations:
    """The numbers for a model of the llama family, from its configuration and its count of parameters."""
    heads = config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // heads
    return Operations(parameters, config.num_hidden_layers, heads * size)


@dataclass
class Speedometer:
    """Tokens and operations since it was made, of all processes together, against the clock of this one.

    `peak` is that of all devices together in operations a second, None where it is not known.
    """

    model: Operations
    peak: float | None
    start: float = field(default_factory=time.perf_counter)
    busy: float = field(default_factory=time.process_time)
    tokens: int = 0
    trained: int = 0
    flops: float = 0.0

    def add(self, examples: Sequence[Example]) -> None:
        self.tokens += sum(len(example.ids) for example in examples)
        self.trained += sum(example.trained for example in examples)
        self.flops += self.model.flops(examples)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Leave the time of a block out."""
        begun, busy = time.perf_counter(), time.process_time()
        yield
        self.start += time.perf_counter() - begun
        self.busy += time.process_time() - busy

    def figures(self) -> dict[str, Any]:
        """Seconds, tokens and trained tokens a second, TFLOPS, and MFU where the peak is known.

        `cpu_seconds` are this process's on all threads: far fewer than there were say that something else was waited
        for, such as a busy machine or the other processes.
        """
        seconds = time.perf_counter() - self.start
        figures = {"train_seconds": round(seconds, 1), "cpu_seconds": round(time.process_time() - self.busy, 1)}
        if not self.tokens:
            return figures
        figures |= {
            "tokens_per_s": round(self.tokens / seconds, 1),
            "trained_tokens_per_s": round(self.trained / seconds, 1),
            "tflops": round(self.flops / seconds / 1e12, 4),
        }
        return figures if self.peak is None else figures | {"mfu": round(self.flops / seconds / self.peak, 4)}
