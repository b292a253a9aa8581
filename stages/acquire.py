"""A source as it is published → its problems, one row each, in data/sources."""

from pathlib import Path

import click

from limo import params
from limo.base import timing
from limo.base.scratch import scratch
from limo.graph import outs
from limo.sources import acquire


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write the table of the source that params.yaml describes under `sources.NAME`."""
    p = params.load()
    with timing.record(f"acquire@{name}") as counts, scratch() as folder:
        out = Path(outs.source(name).path)
        counts.update(acquire.write(name, p.sources[name], p.pool.max_characters, folder, out))


if __name__ == "__main__":
    main()
