"""Chains that others wrote → those for problems of the pool, in data/chains/0."""

import click

from limo import params
from limo.base import timing
from limo.chains import gather
from limo.graph import outs
from limo.problems.known import known
from limo.sources.recorded import table


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write the chains that params.yaml describes under `imports.NAME`."""
    with timing.record(f"imported@{name}") as counts:
        ids = known(outs.read(outs.POOL).lazy(), outs.read(outs.POOL_REJECTED).lazy())
        usable, tally = table.usable(name, params.load().imports[name], ids)
        chains = gather.from_traces(usable, name)
        outs.write(outs.imported(name), chains)
        counts.update({**tally, "chains": chains.height, "identical": usable.height - chains.height})


if __name__ == "__main__":
    main()
