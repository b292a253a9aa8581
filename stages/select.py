from pathlib import Path

import click

from limo import params
from limo.base import tables, timing
from limo.base.files import write_json
from limo.graph import schemas
from limo.problems.diversity import diversity
from limo.problems.select import select


@click.command()
def main() -> None:
    """Write data/questions.parquet, the rows that `rate` kept, each chosen or with the reason why not, and how diverse
    the chosen ones are to metrics/diversity.json."""
    p = params.load()
    with timing.record("select") as counts:
        rated = tables.kept(tables.read("data/rated.parquet", schemas.RATED))
        questions = select(rated, p.select)
        tables.write(questions, "data/questions.parquet", schemas.QUESTIONS, ["id"])
        write_json(diversity(questions, p.select), Path("metrics/diversity.json"))
        chosen = tables.kept(questions).height
        reasons = tables.reasons(questions)
        counts.update({"in": rated.height, "kept": chosen, "rejected": rated.height - chosen, **reasons})


if __name__ == "__main__":
    main()
