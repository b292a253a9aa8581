"""A dataset and a base model → a trained model, and the record of its training."""

import click

from limo import params
from limo.base import timing
from limo.training import launch
from limo.training.job import job_of


@click.command()
@click.argument("variant")
def main(variant: str) -> None:
    """Train variants.VARIANT: models/VARIANT and data/training/VARIANT.json."""
    with timing.record(f"train@{variant}") as counts:
        counts.update(launch.run(job_of(params.load(), variant)))


if __name__ == "__main__":
    main()
