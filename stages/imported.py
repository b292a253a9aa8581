"""Chains that others wrote → those for problems of the pool, in data/chains."""

from pathlib import Path

import click

from limo import params
from limo.base import tables, timing
from limo.base.scratch import scratch
from limo.chains import gather
from limo.graph import outs, schemas
from limo.problems.known import known
from limo.sources.recorded import table


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write the chains that params.yaml describes under `imports.NAME`."""
    p = params.load()
    with timing.record(f"imported@{name}") as counts, scratch() as folder:
        ids, traces = known(outs.scan(outs.POOL, Path()), outs.scan(outs.POOL_REJECTED, Path())), folder / "out.parquet"
        counts.update(table.write(name, p.imports[name], ids, folder / "parts", traces))
        usable = tables.kept(tables.read(traces, schemas.TRACE))
        chains = gather.from_traces(usable, name)
        outs.write(outs.imported(name), chains)
        counts.update({"chains": chains.height, "identical": usable.height - chains.height})


if __name__ == "__main__":
    main()
