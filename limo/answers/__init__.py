"""From a response to a verdict: `extract` the final answer, `quick` and `symbolic` comparison, `Verifier`."""

from limo.answers.extract import extract
from limo.answers.verify import Verdict, Verifier, verify, verify_many

__all__ = ["Verdict", "Verifier", "extract", "verify", "verify_many"]
