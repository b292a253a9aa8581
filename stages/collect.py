import click

from limo import params
from limo.base import tables, timing
from limo.chains import gather
from limo.generation import attempts, task
from limo.graph import schemas


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Let teacher NAME write chains for every selected question."""
    p = params.load()
    questions = tables.kept(tables.read("data/questions.parquet", schemas.QUESTIONS))
    with timing.record(f"collect@{name}") as counts:
        drawn, tally = attempts.drawn(questions, task.teacher(p, name), p)
        table = gather.from_samples(drawn, name)
        tables.write(table, f"data/chains/{name}.parquet", schemas.CHAIN, ["chain_id"])
        identical = drawn.height - table.height
        counts.update({"questions": questions.height, "chains": table.height, "identical": identical, **tally})


if __name__ == "__main__":
    main()
