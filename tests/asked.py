"""A row of a benchmark, for tests that need one."""

from limo.graph.schemas import BENCHMARK
from limo.problems.canonical import problem_id


def asked(benchmark, source_id, question, answer, **changes):
    """The values of a BENCHMARK row that stands alone, its answer and options as they are published."""
    plain = dict.fromkeys(BENCHMARK) | {"answer_type": "integer", "cluster": source_id}
    own = {"benchmark": benchmark, "source_id": source_id, "question": question, "answer": answer}
    return {**plain, **own, "id": problem_id(question), "source_revision": "r1", "licence": "MIT", **changes}
