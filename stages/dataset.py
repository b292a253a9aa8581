"""Tiers and the rule of a dataset → the rows that are handed out."""

import click

from limo import params
from limo.base import timing
from limo.chains import dataset
from limo.graph import outs


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write dataset NAME by the rule that params.yaml gives it."""
    p = params.load()
    with timing.record(f"dataset@{name}") as counts:
        names = {"tiers": outs.TIERS, "pool": outs.POOL, "screened": outs.SCREENED, "rated": outs.RATED}
        tables = {key: outs.read(table) for key, table in names.items()}
        material = dataset.Material(**tables, sets=p.question_sets, seed=p.seed)
        built = dataset.build(name, p.datasets, material)
        outs.write(outs.dataset(name, p.datasets[name].path), built)
        counts.update(dataset.counts(p.datasets[name], tables["tiers"], built))


if __name__ == "__main__":
    main()
