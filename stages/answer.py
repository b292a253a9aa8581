import click

from limo import params
from limo.base import tables, timing
from limo.generation import exam
from limo.graph import schemas


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Let candidate NAME answer every benchmark under its protocol (paper 7.2)."""
    benchmarks = tables.read("data/benchmarks.parquet", schemas.BENCHMARK)
    with timing.record(f"answer@{name}") as counts:
        table, answered = exam.answer(benchmarks, name, params.load())
        tables.write(table, f"data/answers/{name}.parquet", schemas.ANSWER, ["benchmark", "source_id", "sample"])
        counts.update(answered)


if __name__ == "__main__":
    main()
