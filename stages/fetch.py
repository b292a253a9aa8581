"""A model as it is published → its folder in models/base."""

import click

from limo import params
from limo.base import timing
from limo.graph import places
from limo.models import fetch


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Make the folder of model NAME hold what params.yaml describes."""
    model = params.load().models[name]
    with timing.record(f"fetch@{name}") as counts:
        counts.update(fetch.fetch(model, places.base_model(name).path))


if __name__ == "__main__":
    main()
