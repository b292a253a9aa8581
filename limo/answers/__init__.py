"""From a response to a verdict: `extract` reads the final answer, `compare` decides, `Verifier` does both safely."""
