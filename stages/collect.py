import click

from limo import params
from limo.base import tables, timing
from limo.base.scratch import scratch
from limo.chains import gather
from limo.generation import attempts
from limo.graph import schemas


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Let teacher NAME write chains for every selected question."""
    p = params.load()
    teacher = p.teachers[name]
    questions = tables.kept(tables.read("data/questions.parquet", schemas.QUESTIONS))
    with timing.record(f"collect@{name}") as counts, scratch() as folder:
        _, tally = attempts.draw(
            questions,
            f"models/base/{teacher.model}",
            teacher.model,
            teacher.engine,
            lambda _: (teacher.draws, teacher.sampling),
            teacher.system,
            p,
            lambda _: False,
            teacher.draws,
            f"collect {name}",
            folder / "attempts.parquet",
        )
        drawn = tables.read(folder / "attempts.parquet", schemas.ATTEMPT)
        table = gather.from_samples(drawn, name)
        tables.write(table, f"data/chains/{name}.parquet", schemas.CHAIN, ["chain_id"])
        identical = drawn.height - table.height
        counts.update({"questions": questions.height, "chains": table.height, "identical": identical, **tally})


if __name__ == "__main__":
    main()
