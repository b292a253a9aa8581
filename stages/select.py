"""Rated problems → which of them go on, in data/questions.parquet."""

import click

from limo import params
from limo.base import tables, timing
from limo.base.files import write_json
from limo.graph import outs, places
from limo.problems.diversity import diversity
from limo.problems.select import select


@click.command()
def main() -> None:
    """Choose of the rows that `rate` kept, say of the others why not, and measure how diverse the chosen ones are."""
    p = params.load()
    with timing.record("select") as counts:
        questions = select(tables.kept(outs.read(outs.RATED)), p.select)
        outs.write(outs.QUESTIONS, questions)
        write_json(diversity(questions, p.select), places.DIVERSITY.path)
        chosen, entered = tables.kept(questions).height, questions.height
        counts.update({"in": entered, "kept": chosen, "rejected": entered - chosen, **tables.reasons(questions)})


if __name__ == "__main__":
    main()
