"""What runs in the processes for computer algebra."""

import subprocess
import sys

_LOADED = "import sys, limo.answers.worker; print(*(name for name in sys.modules if name[:4] in {'limo', 'pyda'}))"


def test_a_worker_loads_the_algebra_and_no_reader_of_responses_or_parameters():
    loaded = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True).stdout.split()
    assert "limo.answers.compare.symbolic" in loaded
    assert {"limo.params", "limo.answers.extract", "limo.answers.compare.decide", "pydantic"}.isdisjoint(loaded)
