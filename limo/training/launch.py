"""A Job → torchrun's processes, and what they made in its place: the model and its record (stage train)."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from limo.base import numerics
from limo.base.files import digest, write_json
from limo.graph import places
from limo.params import Train
from limo.training.agent import LIMIT, UNREACHED
from limo.training.job import EPOCHS, Job

ALLOCATOR = "PYTORCH_ALLOC_CONF"  # how torch keeps a GPU's memory; one's own setting of it stays
STAGE = "LIMO_STAGE"  # variable with which the first process says whose result it wrote


def run(job: Job) -> dict[str, Any]:
    """Train under torchrun, then put model and record in their places: models/VARIANT and data/training/VARIANT.json.

    A run that was killed goes on from its last checkpoint. Checkpoints are removed once the outs are complete. Of
    several nodes the one with the first process does this; the others wait for it.

    Returns:
        Speed and totals for the stage's counts; nothing on a node that helped another one.

    Raises:
        ValueError: this node has fewer GPUs than it would start processes.
        RuntimeError: the processes failed; they have written why to stderr.
    """
    check_devices(job.train)
    with _turn(job):
        return _run(job)


def check_devices(train: Train) -> None:
    """Refuse to start more processes on this node than it has GPUs.

    Raises:
        ValueError: how many there are, and how many are asked for.
    """
    if train.device != "cuda":
        return
    import torch  # noqa: PLC0415 - seconds to import, and the processes are others

    there, wanted = torch.cuda.device_count(), train.processes // train.nodes
    if wanted > there:
        seen = os.environ.get("CUDA_VISIBLE_DEVICES")
        limited = "" if seen is None else f" (CUDA_VISIBLE_DEVICES={seen!r})"
        raise ValueError(
            f"train.processes={train.processes} on train.nodes={train.nodes} are {wanted} processes on this machine, "
            f"which has {there} GPUs for them{limited}: each process needs one of its own; lower train.processes"
        )


@contextmanager
def _turn(job: Job) -> Iterator[None]:
    """Wait until no other stage trains the very same, as experiments that run at once may. Nodes share one turn."""
    if job.train.nodes > 1:
        yield
        return
    folder = Path(job.checkpoints).parent / "turns"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{job.variant}-{digest(job.decisive())[:16]}").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"train@{job.variant}: another run trains the same; this one waits for its end", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(job: Job) -> dict[str, Any]:
    result, token = Path(job.result), uuid.uuid4().hex
    code = supervise(command(job), {**os.environ, **environment(job.train), STAGE: token})
    if code == UNREACHED:
        raise RuntimeError(
            f"training {job.variant}: nodes did not meet at train.rendezvous={job.train.rendezvous}, or the node there "
            "was lost: start all nodes again, a run that had begun goes on from its last checkpoint"
        )
    if code:
        lost = "; where that is a lost connection, start all nodes again and the run goes on" * (job.train.nodes > 1)
        raise RuntimeError(f"training {job.variant} failed with exit code {code}; the reason is printed above{lost}")
    written = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
    if written.get("token") != token:
        if job.train.nodes == 1:
            raise RuntimeError(f"training {job.variant} ended without a result: start it again, it goes on")
        _await_outs(result, job)
        return {}
    model, checkpoints = Path(places.model(job.variant).path), Path(written["checkpoints"])
    if (checkpoints / EPOCHS).exists():
        shutil.move(checkpoints / EPOCHS, Path(job.export) / EPOCHS)
    shutil.rmtree(model, ignore_errors=True)
    Path(job.export).replace(model)
    write_json(written["training"], places.training(job.variant).path)
    shutil.rmtree(checkpoints)
    result.unlink()
    shown = ("examples", "over_length", "truncated_answers", "trained_tokens", "trained_share", "padding_share")
    return {**{key: written["training"][key] for key in shown}, **written["speed"]}


def _await_outs(result: Path, job: Job) -> None:
    """Wait until the node with the first process has put everything in its place: then it removes the result."""
    deadline = time.monotonic() + job.train.rendezvous_timeout_s
    while result.exists():
        if time.monotonic() > deadline:
            raise RuntimeError(
                f"{result} is still there: the node that wrote it did not end; start {job.variant} again"
            )
        time.sleep(0.1)


def command(job: Job) -> list[str]:
    """The command that starts this node's processes: torchrun, alone or with the other nodes at the rendezvous."""
    train = job.train
    arguments = [sys.executable, "-m", "limo.training.agent", f"--nproc-per-node={train.processes // train.nodes}"]
    arguments += [f"--max-restarts={train.restarts}"]
    if train.nodes == 1:
        arguments += ["--standalone"]
    else:
        arguments += [f"--nnodes={train.nodes}", "--rdzv-backend=c10d", f"--rdzv-endpoint={train.rendezvous}"]
        # Nodes with other inputs wait for each other in vain, and do not train a mixture.
        arguments += [f"--rdzv-id={job.variant}-{digest(job.model_dump())[:16]}"]
        limit = train.rendezvous_timeout_s
        arguments += [f"--rdzv-conf=join_timeout={limit},read_timeout={limit},last_call_timeout=1"]
    return [*arguments, "-m", "limo.training.loop", job.model_dump_json()]


def environment(train: Train) -> dict[str, str]:
    """Variables that the processes need before they import anything."""
    meeting = {LIMIT: f"{train.rendezvous} {train.rendezvous_timeout_s}"} if train.nodes > 1 else {}
    # Packed passes differ in length: memory in pieces of fixed size is lost between them.
    allocator = {ALLOCATOR: os.environ.get(ALLOCATOR, "expandable_segments:True")} if train.device == "cuda" else {}
    return {
        **meeting,
        **allocator,
        **numerics.environment(train.numerics),
        "DS_ACCELERATOR": train.device,
        "OMP_NUM_THREADS": str(train.threads),
        "TOKENIZERS_PARALLELISM": "false",
        # Torchrun's agents keep the address of the shared store from their first round: a node that comes back would
        # wait for it to be told again, until the time is up.
        "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",
        # The deterministic variants of cuBLAS and of flash attention's backward pass.
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        # NCCL chooses among algorithms that sum in different orders; this one is there for any number of devices.
        "NCCL_ALGO": "Ring",
        "FLASH_ATTENTION_DETERMINISTIC": "1",
    }


def supervise(command: list[str], env: dict[str, str]) -> int:
    """Run a command to its end; its exit code. Signals to this process are passed on, and it leaves no process behind.

    The child's processes read from a pipe that this process holds open: they see it close even after a kill -9.
    """
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, start_new_session=True) as process:

        def forward(number: int, _frame: object) -> None:
            process.send_signal(number)

        before = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            return process.wait()
        finally:
            process.kill()
            for number, handler in before.items():
                signal.signal(number, handler)
