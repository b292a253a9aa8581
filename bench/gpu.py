"""What this project claims of GPUs, on one of 80 GB or more, in under eight minutes and without a network.

Usage: python bench/gpu.py [--device cuda|cpu] [--only NAME ...] [--seconds 470] [--out FILE]

Each check is a process of its own with a limit, the most telling first; when the time is up, the others are left out,
which is said. Models are random ones of public shapes, texts are random too. Beside each check stands what is expected.
On a CPU the same checks run in tiny shapes, those that need a GPU excepted and without limits of their own, so that
only the device is new there.
Needs torch, transformers, deepspeed and the project's own requirements; liger-kernel and flash-attn for the checks that
name them. Exit code 1 when an expectation fails. FILE gets all figures as JSON. `repeated` compares with what `speed`
has trained: name both.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import click


class Check(NamedTuple):
    """A name in `gpu_steps.STEPS`, its limit in seconds on a GPU, whether it needs one, and what is expected."""

    name: str
    limit: int
    gpu_only: bool
    expected: str


CHECKS = (
    Check("positions", 90, False, "angles off by 0 rad, loss within 0.2 % of plain transformers"),
    Check("speed", 120, False, "17,000 to 29,000 tokens/s, MFU 30 to 40 %, peak within the plan"),
    Check("repeated", 120, False, "the same weights"),
    Check("attention", 60, False, "equal gradients when deterministic"),
    Check("killed", 180, False, "memory back within 30 s, the same weights as undisturbed"),
    Check("sampled", 90, False, "no answer differs"),
    Check("flash_attention", 150, True, "the same weights twice, not slower than sdpa"),
    Check("liger", 90, True, "peak within the plan"),
    Check("offload", 150, True, "peak within the plan, far below the one without"),
    Check("large", 120, False, "peak within the plan"),
    Check("determinism", 90, False, "a figure"),
    Check("fragmentation", 90, True, "reserved more above the peak than with segments that grow, as in the others"),
)
NAMES = [check.name for check in CHECKS]
LEAST_S = 15  # with less time left a check is not begun
LEFT_OUT: dict[str, Any] = {"ok": None, "seen": "left out: the time is up", "figures": {}, "seconds": 0}
MARKS = {True: "ok", False: "NOT AS EXPECTED", None: "-"}


def run(check: Check, device: str, folder: Path, seconds: float) -> dict[str, Any]:
    """The `gpu_steps.Finding` of a check as JSON has it, with its seconds; an error or a met limit is a finding too."""
    command = [sys.executable, str(Path(__file__).with_name("gpu_steps.py")), check.name, device, str(folder)]
    begun = time.monotonic()
    log = folder / f"{check.name}.log"
    with log.open("wb") as errors:
        try:
            done = subprocess.run(
                command,
                stdout=subprocess.PIPE,
                stderr=errors,
                timeout=min(check.limit, seconds) if device == "cuda" else seconds,
                text=True,
                check=False,
                env=environment(),
            )
            said = done.stdout.strip().splitlines()
            if done.returncode == 0 and said:
                return {**json.loads(said[-1]), "seconds": round(time.monotonic() - begun, 1)}
            why = f"exit code {done.returncode}"
        except subprocess.TimeoutExpired:
            why = f"not done after {time.monotonic() - begun:.0f} s"
    tail = log.read_text(errors="replace")[-1500:]
    return {"ok": False, "seen": f"{why}\n{tail}", "figures": {}, "seconds": round(time.monotonic() - begun, 1)}


def environment() -> dict[str, str]:
    """Variables with which a step finds the project."""
    import gpu_world  # once `main` has put the project on the path

    return gpu_world.environment()


def machine(device: str) -> dict[str, Any]:
    """What the figures are of."""
    import deepspeed
    import torch
    import transformers

    unit = torch.cuda.get_device_name() if device == "cuda" else torch.backends.cpu.get_cpu_capability()
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    return {"device": unit, **versions, "deepspeed": deepspeed.__version__}


@click.command()
@click.option("--device", type=click.Choice(["cuda", "cpu"]), default="cuda", show_default=True)
@click.option("--only", type=click.Choice(NAMES), multiple=True, help="Checks to run; all by default.")
@click.option("--seconds", default=470, show_default=True, help="Time for all checks together.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path))
def main(device: str, only: tuple[str, ...], seconds: int, out: Path | None) -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    deadline = time.monotonic() + seconds
    where = machine(device)
    click.echo(json.dumps(where))
    chosen = [check for check in CHECKS if check.name in (only or NAMES) and not (check.gpu_only and device == "cpu")]
    findings: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for check in chosen:
            left = deadline - time.monotonic()
            finding = LEFT_OUT if left < LEAST_S else run(check, device, Path(folder), left)
            findings[check.name] = finding
            click.echo(f"{check.name} [{MARKS[finding['ok']]}, {finding['seconds']} s]")
            click.echo(f"  expected {check.expected}\n  seen {finding['seen']}")
            if out:
                out.write_text(json.dumps({"machine": where, **findings}, indent=2))
    sys.exit(any(finding["ok"] is False for finding in findings.values()))


if __name__ == "__main__":
    main()
