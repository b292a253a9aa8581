"""Requests → answers of transformers, bit for bit the same in any company; opened by `engines.single`."""

import importlib.metadata
import math
from collections import OrderedDict, deque
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from transformers import AutoModelForCausalLM, DynamicCache
from transformers.cache_utils import Cache

from limo.base.numerics import unit
from limo.generation.engines.slots import ATTENTION, KERNEL_NAMES, SlotLayer, kernels
from limo.generation.noise import sample
from limo.models.load import end_tokens, load_tokenizer, resolve
from limo.params import TransformersEngine
from limo.store.request import Completion, Request, check_room

# The cache is read in windows of whole blocks. Columns that the mask hides weigh exactly 0 and a block is a multiple of
# every vector register, so that each lane of a sum adds the same terms in the same order under any window.
BLOCK = 64


def numerics(settings: TransformersEngine) -> str:
    """See `choose.numerics`: library versions, class of processors or GPU, type and the fixed shapes."""
    on_cpu = settings.device == "cpu"
    gpu = "" if on_cpu else f"{torch.cuda.get_device_name()} attention={KERNEL_NAMES}"
    device = unit(settings.numerics, settings.threads) if on_cpu else gpu
    versions = f"transformers-{importlib.metadata.version('transformers')} torch-{torch.__version__.split('+')[0]}"
    return (
        f"{versions} {settings.device}-{device} {settings.dtype} "
        f"slots={settings.slots} length={settings.max_length} threads={settings.threads}"
    )


class TransformersSampler:
    """Samples on transformers with results that depend on the request alone, bit for bit.

    A prompt is read on its own, in one pass of its own length. Decoding then always runs the same number of slots,
    with each sequence at the start of its slot, so every product with a weight has one shape and a row's numbers are
    those it would have in any company. Finished slots are refilled at once.
    """

    def __init__(self, folder: str | Path, settings: TransformersEngine):
        torch.set_num_threads(settings.threads)
        self.settings = settings
        self.capacity = settings.slots
        self.tokenizer: Any = load_tokenizer(folder)
        self.model: Any = AutoModelForCausalLM.from_pretrained(
            **resolve(folder), dtype=getattr(torch, settings.dtype), attn_implementation=ATTENTION
        )
        self.model.to(settings.device).eval()  # type: ignore[arg-type]  # the wrapped method loses its own self
        self.eos = end_tokens(folder, self.tokenizer)
        self.waiting: deque[tuple[str, Request]] = deque()
        self.prefixes: OrderedDict[tuple[int, ...], tuple[torch.Tensor, list[tuple[torch.Tensor, torch.Tensor]]]]
        self.prefixes = OrderedDict()
        slots, device = settings.slots, settings.device
        self.slots: list[tuple[str, Request] | None] = [None] * slots
        self.drawn: list[list[int]] = [[] for _ in range(slots)]
        self.positions = torch.zeros(slots, dtype=torch.long, device=device)
        self.last = torch.zeros(slots, dtype=torch.long, device=device)
        config = self.model.config
        width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        like = next(self.model.parameters())
        self.layers = [
            SlotLayer(slots, settings.max_length, config.num_key_value_heads, width, like, self.positions)
            for _ in range(config.num_hidden_layers)
        ]
        self.cache = Cache(layers=list(self.layers))
        self.columns = torch.arange(settings.max_length, device=device)

    def submit(self, requests: Iterable[tuple[str, Request]]) -> None:
        """Queue requests, each under a name of the caller's.

        Raises:
            ValueError: prompt and answer together do not fit the engine's `max_length`.
        """
        for name, request in requests:
            check_room(name, request, self.settings.max_length)
            self.waiting.append((name, request))

    @torch.inference_mode()
    def finished(self, patience: float | None = None) -> list[tuple[str, Completion]]:
        """See `Engine`; a step that has begun is ended."""
        done: list[tuple[str, Completion]] = []
        until = perf_counter() + patience if patience is not None else math.inf
        while not done:
            for slot in range(len(self.slots)):
                while self.slots[slot] is None and self.waiting:
                    done += self._start(slot, *self.waiting.popleft())
            if all(entry is None for entry in self.slots):
                return done
            done += self._step()
            if perf_counter() >= until:
                break
        return done

    def close(self) -> None:
        """Let go of the model and the caches."""
        self.waiting.clear()
        del self.model, self.layers, self.cache, self.prefixes

    def _start(self, slot: int, name: str, request: Request) -> list[tuple[str, Completion]]:
        logits, layers = self._prefill(request.prompt_ids)
        length = len(request.prompt_ids)
        for own, (keys, values) in zip(self.layers, layers, strict=True):
            own.keys[slot, :, :length] = keys
            own.values[slot, :, :length] = values
        self.slots[slot] = (name, request)
        self.drawn[slot] = []
        self.positions[slot] = length
        return self._take([slot], logits)

    def _prefill(self, prompt: tuple[int, ...]) -> tuple[torch.Tensor, list[tuple[torch.Tensor, torch.Tensor]]]:
        if prompt in self.prefixes:
            self.prefixes.move_to_end(prompt)
            return self.prefixes[prompt]
        cache: Any = DynamicCache()
        ids = torch.tensor([prompt], device=self.settings.device)
        with kernels(self.settings.device):
            logits = self.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1).logits[:, -1]
        self.prefixes[prompt] = (logits, [(layer.keys[0], layer.values[0]) for layer in cache.layers])
        if len(self.prefixes) > 2 * self.capacity:  # no fewer than the problems that the sampler has under way
            self.prefixes.popitem(last=False)
        return self.prefixes[prompt]

    def _step(self) -> list[tuple[str, Completion]]:
        window = min((int(self.positions.max()) // BLOCK + 1) * BLOCK, len(self.columns))
        for layer in self.layers:
            layer.window = window
        mask = torch.zeros(len(self.slots), 1, 1, window, dtype=self.model.dtype, device=self.last.device)
        mask.masked_fill_(self.columns[:window] > self.positions[:, None, None, None], torch.finfo(mask.dtype).min)
        with kernels(self.settings.device):
            logits = self.model(
                input_ids=self.last[:, None],
                position_ids=self.positions[:, None],
                attention_mask=mask,
                past_key_values=self.cache,
                use_cache=True,
            ).logits[:, -1]
        live = [slot for slot, entry in enumerate(self.slots) if entry is not None]
        self.positions[live] += 1
        return self._take(live, logits[live])

    def _take(self, live: list[int], logits: torch.Tensor) -> list[tuple[str, Completion]]:
        """Draw the next token of each live slot and free the slots that end with it."""
        requests = [entry[1] for slot in live if (entry := self.slots[slot]) is not None]
        chosen = torch.empty(len(live), dtype=torch.long, device=logits.device)
        for sampling in {request.sampling for request in requests}:
            rows = [row for row, request in enumerate(requests) if request.sampling == sampling]
            seeds = torch.tensor([requests[row].seed for row in rows], device=logits.device)
            steps = torch.tensor([len(self.drawn[live[row]]) for row in rows], device=logits.device)
            chosen[rows] = sample(logits[rows], seeds, steps, sampling.temperature, sampling.top_p)
        self.last[live] = chosen
        done = []
        for slot, token, request in zip(live, chosen.tolist(), requests, strict=True):
            self.drawn[slot].append(token)
            ended = token in self.eos
            if not ended and len(self.drawn[slot]) < request.sampling.max_tokens:
                continue
            entry = self.slots[slot]
            assert entry is not None
            ids = self.drawn[slot][:-1] if ended else self.drawn[slot]
            text = self.tokenizer.decode(ids, skip_special_tokens=True)
            done.append((entry[0], Completion(text, len(self.drawn[slot]), "eos" if ended else "length")))
            self.slots[slot] = None
            self.positions[slot] = 0
        return done
