"""Rows of a benchmark, and exams, for tests that need some."""

from limo import params
from limo.graph.schemas import BENCHMARK
from limo.problems.canonical import problem_id


def asked(benchmark, source_id, question, answer, **changes):
    """The values of a BENCHMARK row that stands alone, its answer and options as they are published."""
    plain = dict.fromkeys(BENCHMARK) | {"answer_type": "integer", "cluster": source_id}
    own = {"benchmark": benchmark, "source_id": source_id, "question": question, "answer": answer}
    return {**plain, **own, "id": problem_id(question), "source_revision": "r1", "licence": "MIT", **changes}


def sampled(**draws):
    """Exams of benchmarks by name, each under a protocol `sampled` of so many draws."""
    rules = {
        name: params.Protocol(draws=count, temperature=0.7, top_p=1.0, max_tokens=64, system=None)
        for name, count in draws.items()
    }
    return {name: params.Exam(name, "sampled", rule) for name, rule in rules.items()}
