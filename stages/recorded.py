"""Attempts or counts as others recorded them → a row each with its problem's id, in data/recorded."""

from pathlib import Path

import click

from limo import params
from limo.base import timing
from limo.base.scratch import scratch
from limo.graph import outs
from limo.problems.known import known
from limo.sources.recorded import table


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write what the record that params.yaml describes under `recorded.NAME` holds."""
    p = params.load()
    with timing.record(f"recorded@{name}") as counts, scratch() as folder:
        ids = known(outs.scan(outs.POOL, Path()), outs.scan(outs.POOL_REJECTED, Path()))
        counts.update(table.write(name, p.recorded[name], ids, folder, Path(outs.recorded(name).path)))


if __name__ == "__main__":
    main()
