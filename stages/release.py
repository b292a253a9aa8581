"""Datasets, models and figures → what licences permit, with cards and hashes, in data/release."""

import click

from limo import params
from limo.base import timing
from limo.graph import outs
from limo.release import facts, folder, gate


@click.command()
def main() -> None:
    """Write what is handed out of every dataset, cards, metadata and hashes, if the rows may be."""
    p = params.load()
    with timing.record("release") as counts:
        datasets = {name: outs.read(table) for name, table in outs.datasets(p).items()}
        cited = facts.load(identity for table in datasets.values() for identity in table["id"])
        gate.check(datasets, cited.benchmarks, p.release)
        counts.update(folder.replace(p, datasets, cited))


if __name__ == "__main__":
    main()
