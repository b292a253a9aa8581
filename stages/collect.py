"""A teacher and its questions → its chains, in data/chains/ROUND."""

import click

from limo import params
from limo.base import timing
from limo.chains import gather, rounds
from limo.generation import attempts, task
from limo.graph import outs


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Let teacher NAME write chains for every question that it is asked."""
    p = params.load()
    with timing.record(f"collect@{name}") as counts:
        questions = rounds.asked(outs.read(outs.questions(p.teachers[name])), p.teachers[name].sources)
        drawn, tally = attempts.drawn(questions, task.teacher(p, name), p)
        chains = gather.from_samples(drawn, name, p.teachers[name].round)
        outs.write(outs.taught(name, p.teachers[name].round), chains)
        identical = drawn.height - chains.height
        counts.update({"questions": questions.height, "chains": chains.height, "identical": identical, **tally})


if __name__ == "__main__":
    main()
