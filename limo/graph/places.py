"""Folders and JSON files of the graph: who makes them and where they are; used by every stage that has one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GraphOut:
    """A file or folder that the graph makes.

    Attributes:
        stage: who makes it, as DVC names it, such as `train@limo`.
        path: where, under the project's root.
    """

    stage: str
    path: str

    @property
    def remedy(self) -> str:
        """The command that makes it."""
        return f"dvc repro {self.stage}"


AUDIT = GraphOut("audit", "metrics/problems.json")
BENCHMARK_COUNTS = GraphOut("benchmarks", "metrics/benchmarks.json")
VALIDITY = GraphOut("validity", "metrics/validity.json")
DIVERSITY = GraphOut("select", "metrics/diversity.json")
FIGURES = {
    name: GraphOut("metrics", f"metrics/{name}.json")
    for name in ("funnel", "quality", "training", "scores", "evaluation", "comparisons", "candidates")
}
METRICS = {"problems": AUDIT, "diversity": DIVERSITY, "validity": VALIDITY, **FIGURES}
PLOTS = GraphOut("metrics", "metrics/plots")
CHECKED = GraphOut("check", "data/checked")
MEASURED = GraphOut("measure", "data/measured")
EVIDENCE = GraphOut("metrics", "data/evidence.json")
REPORT = GraphOut("report", "data/report")
RELEASE = GraphOut("release", "data/release")


def base_model(name: str) -> GraphOut:
    """The folder of a model of `models`, as it came."""
    return GraphOut(f"fetch@{name}", f"models/base/{name}")


def model(variant: str) -> GraphOut:
    """The folder of a variant's weights."""
    return GraphOut(f"train@{variant}", f"models/{variant}")


def training(variant: str) -> GraphOut:
    """The record of a variant's training."""
    return GraphOut(f"train@{variant}", f"data/training/{variant}.json")


def judged(judge: str) -> GraphOut:
    """What a judge of `judges` is worth and changes."""
    return GraphOut(f"judge@{judge}", f"metrics/judges/{judge}.json")


def voted(judge: str) -> GraphOut:
    """What a judge of `chain_judges` is worth, and how position and length move it."""
    return GraphOut(f"vote@{judge}", f"metrics/votes/{judge}.json")


def plot(name: str) -> str:
    """The path of the data of a figure (`schemas.PLOTS`), a CSV file."""
    return f"{PLOTS.path}/{name}.csv"
