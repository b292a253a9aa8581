import click

from limo import params
from limo.base import timing
from limo.models import fetch


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Make models/base/NAME hold the model that params.yaml describes."""
    model = params.load().models[name]
    with timing.record(f"fetch@{name}") as counts:
        counts.update(fetch.fetch(model, f"models/base/{name}"))


if __name__ == "__main__":
    main()
