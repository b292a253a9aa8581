"""The caps on CPU arithmetic: each case in a process of its own, since torch reads them once."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from pydantic import ValidationError

from limo import params
from limo.base.numerics import PORTABLE, PORTABLE_BITS

UNIT = """
import sys
from limo.base.numerics import settle, unit
settle(sys.argv[1])
print(unit(sys.argv[1], int(sys.argv[2])))
"""
FLAGS = set(Path("/proc/cpuinfo").read_text().split()) if platform.system() == "Linux" else set()


def unit_of(numerics: str, threads: int, cores: int) -> str:
    environment = {key: value for key, value in os.environ.items() if key not in PORTABLE}
    arguments = [sys.executable, "-c", UNIT, numerics, str(threads)]
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True) as process:
        if hasattr(psutil.Process, "cpu_affinity"):
            psutil.Process(process.pid).cpu_affinity(list(range(cores)))
        return process.communicate()[0].strip()


@pytest.mark.skipif("avx2" not in FLAGS, reason="needs a processor with AVX2")
def test_portable_numerics_give_the_published_bits_on_any_number_of_threads_and_cores() -> None:
    assert {unit_of("portable", threads, cores) for threads, cores in ((1, 1), (2, 1), (4, 2))} == {
        f"portable-{PORTABLE_BITS}"
    }


@pytest.mark.skipif("avx512f" not in FLAGS, reason="needs a processor with AVX-512")
def test_native_numerics_name_another_class_where_the_processor_has_more() -> None:
    named = unit_of("native", 1, 1)
    assert named.startswith("AVX512-")
    assert not named.endswith(PORTABLE_BITS)


def test_portable_numerics_are_refused_for_a_gpu() -> None:
    p = params.load()
    for section in (p.engines["local"], p.train):
        with pytest.raises(ValidationError, match="portable is a mode of CPUs"):
            type(section).model_validate(section.model_dump() | {"device": "cuda"})
