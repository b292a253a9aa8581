from pathlib import Path

import click

from limo import params
from limo.base import timing
from limo.base.scratch import scratch
from limo.sources import acquire


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write data/sources/NAME.parquet from the source that params.yaml describes under `sources.NAME`."""
    options = params.load()
    with timing.record(f"acquire@{name}") as counts, scratch() as folder:
        out = Path(f"data/sources/{name}.parquet")
        counts.update(acquire.write(name, options.sources[name], options.pool.max_characters, folder, out))


if __name__ == "__main__":
    main()
