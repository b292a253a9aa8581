"""From a response to a verdict: `extract` reads the final answer, `compare` decides, `Verifier` does both safely."""

from limo.answers.verify import Case, Verdict, Verifier, verify, verify_many

__all__ = ["Case", "Verdict", "Verifier", "verify", "verify_many"]
