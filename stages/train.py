import click

from limo import params
from limo.base import timing
from limo.training import launch


@click.command()
@click.argument("variant")
def main(variant: str) -> None:
    """Train variants.VARIANT: models/VARIANT and data/training/VARIANT.json."""
    with timing.record(f"train@{variant}") as counts:
        counts.update(launch.run(launch.plan(params.load(), variant)))


if __name__ == "__main__":
    main()
