"""nvidia-smi → the processes that hold memory of GPUs, in words; used by the vLLM engine when it starts."""

import os
import subprocess

_ASKED = ["nvidia-smi", "--query-compute-apps=pid,used_memory,gpu_uuid,process_name", "--format=csv,noheader,nounits"]
_PATIENCE_S = 20


def holders() -> list[str]:
    """Other processes that hold memory of a GPU, such as `process 4711 (python) holds 70123 MiB of GPU-8f…`.

    Empty where none does, and where nvidia-smi is missing, fails or is not told of them, as within some containers.
    """
    try:
        done = subprocess.run(_ASKED, capture_output=True, text=True, timeout=_PATIENCE_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [line.split(", ", 3) for line in done.stdout.splitlines()]
    return [
        f"process {pid} ({name}) holds {used} MiB of {gpu}"
        for pid, used, gpu, name in (row for row in rows if len(row) == 4 and row[0].isdecimal())
        if int(pid) != os.getpid()
    ]
