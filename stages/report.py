"""The figures → one offline page, in data/report."""

import click

from limo import params
from limo.base import timing
from limo.report import build


@click.command()
def main() -> None:
    """Draw every figure and put them on one offline page."""
    with timing.record("report") as counts:
        counts.update(build.write(params.load()))


if __name__ == "__main__":
    main()
