"""The pool → the problems of a question set, in data/question_sets."""

import click

from limo import params
from limo.base import timing
from limo.chains import rounds
from limo.graph import outs


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write the problems that params.yaml describes under `question_sets.NAME`."""
    p = params.load()
    with timing.record(f"question_set@{name}") as counts:
        pool, spec = outs.read(outs.POOL), p.question_sets[name]
        drawn = rounds.questions(name, spec, pool, p.seed)
        outs.write(outs.question_set(name), drawn)
        counts.update({"in": pool.height, "drawn": drawn.height, "asked for": spec.rows})


if __name__ == "__main__":
    main()
