import click

from limo import params
from limo.base import timing
from limo.base.tables import kept, read, reasons, write
from limo.chains.tiers import LEVELS, tier
from limo.graph.schemas import QUESTIONS, SCORED, TIERS


@click.command()
def main() -> None:
    """Mark the best chain per question, the global rank and the quality levels."""
    p = params.load().tiers
    with timing.record("tiers") as counts:
        scored = read("data/scored.parquet", SCORED)
        tiers = tier(scored, read("data/questions.parquet", QUESTIONS), p)
        write(tiers, "data/tiers.parquet", TIERS, ["chain_id"])
        usable = kept(tiers)
        rejected = reasons(tiers)
        counts.update({"in": scored.height, "kept": usable.height, **rejected, "best": int(tiers["best"].sum())})
        counts.update({f"L{level}": usable.filter(usable["level"] == level).height for level in range(1, LEVELS + 1)})
        assert usable.height + sum(rejected.values()) == scored.height


if __name__ == "__main__":
    main()
