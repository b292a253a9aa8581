"""Answers of all candidates and a judge → its judgements, and what they are worth."""

import click

from limo import params
from limo.base import timing
from limo.base.files import write_json
from limo.graph import outs, places
from limo.metrics import judged
from limo.own import exams


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Let judge NAME settle what rules leave undecided, on the benchmarks that it names (paper 7.2)."""
    p = params.load()
    with timing.record(f"judge@{name}") as counts:
        benchmarks, answers = outs.read(outs.BENCHMARKS), {one: outs.read(outs.answers(one)) for one in p.candidates}
        table = exams.judged(answers, benchmarks, name, p)
        outs.write(outs.judged(name), table)
        write_json(judged.figures(table, answers, benchmarks, params.exams(p.evaluate)), places.judged(name).path)
        counts.update(table["judgement"].value_counts().sort("judgement").iter_rows())


if __name__ == "__main__":
    main()
