import click

from limo import params, tables, timing
from limo.generation import attempts, task
from limo.quality import chains


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Let teacher NAME write chains for every selected question."""
    p = params.load()
    questions = tables.kept(tables.read("data/questions.parquet", tables.QUESTIONS))
    with timing.record(f"collect@{name}") as counts:
        drawn, tally = attempts.drawn(questions, task.teacher(p, name), p)
        table = chains.from_samples(drawn, name)
        tables.write(table, f"data/chains/{name}.parquet", tables.CHAIN, ["chain_id"])
        identical = drawn.height - table.height
        counts.update({"questions": questions.height, "chains": table.height, "identical": identical, **tally})


if __name__ == "__main__":
    main()
