import click
import polars as pl

from limo import params
from limo.base import timing
from limo.base.tables import read, write
from limo.chains.score import score
from limo.graph.schemas import CHECKED, SCORED
from limo.models import load


@click.command()
def main() -> None:
    """Give every correct chain its rule score."""
    p = params.load().score
    with timing.record("score") as counts:
        checked = read("data/chains_checked.parquet", CHECKED)
        scored = score(checked, p, load.load_tokenizer(f"models/base/{p.tokenizer}"))
        write(scored, "data/scored.parquet", SCORED, ["chain_id"])
        given = scored.filter(pl.col("score").is_not_null()).height
        counts.update({"in": checked.height, "scored": given, "not correct": scored.height - given})
        assert scored.height == checked.height


if __name__ == "__main__":
    main()
