import click

from limo import params, tables, timing
from limo.generation import attempts
from limo.quality import chains


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Let teacher NAME write chains for every selected question."""
    p = params.load()
    teacher = p.teachers[name]
    questions = tables.kept(tables.read("data/questions.parquet", tables.QUESTIONS))
    with timing.record(f"collect@{name}") as counts:
        drawn, tally = attempts.draw(
            questions,
            f"models/base/{teacher.model}",
            teacher.model,
            p.engines[teacher.engine],
            lambda _: (teacher.draws, teacher.sampling),
            teacher.system,
            p.answers,
            p.seed,
            lambda _: False,
            teacher.draws,
            f"collect {name}",
        )
        table = chains.from_samples(drawn, name)
        tables.write(table, f"data/chains/{name}.parquet", tables.CHAIN, ["chain_id"])
        counts.update(
            {
                "questions": questions.height,
                "chains": table.height,
                "identical": drawn.height - table.height,
                "drawn": tally.drawn,
            }
        )


if __name__ == "__main__":
    main()
