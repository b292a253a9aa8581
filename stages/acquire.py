from pathlib import Path

import click

from limo import params, timing
from limo.scratch import scratch
from limo.sources import sort


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write data/sources/NAME.parquet from the source that params.yaml describes under `sources.NAME`."""
    options = params.load()
    with timing.record(f"acquire@{name}") as counts, scratch() as folder:
        out = Path(f"data/sources/{name}.parquet")
        counts.update(sort.write(name, options.sources[name], options.pool.max_characters, folder, out))


if __name__ == "__main__":
    main()
