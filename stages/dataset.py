import click

from limo import params
from limo.base import timing
from limo.base.tables import read, write
from limo.chains.dataset import build
from limo.graph.schemas import DATASET, POOL, RATED, SCREENED, TIERS


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write dataset NAME by the rule that params.yaml gives it."""
    p = params.load()
    spec = p.datasets[name]
    with timing.record(f"dataset@{name}") as counts:
        tiers = read("data/tiers.parquet", TIERS)
        dataset = build(
            name,
            p.datasets,
            tiers=tiers,
            pool=read("data/pool.parquet", POOL),
            screened=read("data/screened.parquet", SCREENED),
            rated=read("data/rated.parquet", RATED),
            seed=p.seed,
        )
        write(dataset, spec.path, DATASET, ["id"])
        rejected = tiers.filter(~tiers["chain_id"].is_in(dataset["chain_id"].to_list())).height
        counts.update(
            {
                "in": tiers.height,
                "kept": dataset.height,
                "rejected": rejected,
                "asked for": getattr(spec, "like", None) or spec.rows,
            }
        )
        assert dataset.height + rejected == tiers.height


if __name__ == "__main__":
    main()
