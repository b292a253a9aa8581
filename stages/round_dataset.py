"""Checked and measured chains of one round → a dataset made of them alone."""

import click

from limo import params
from limo.base import timing
from limo.chains import early
from limo.graph import outs, places
from limo.models import load


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Score and tier the chains of the round of `round_datasets.NAME`, and write that dataset."""
    p = params.load()
    with timing.record(f"round_dataset@{name}") as counts:
        of_round = outs.of_round(p.round_datasets[name].round)
        tables = {key: outs.read(table) for key, table in of_round.items()}
        tokenizer = load.load_tokenizer(places.base_model(p.score.tokenizer).path)
        built, kept = early.build(name, p, tables, tokenizer)
        outs.write(outs.round_dataset(name, p.round_datasets[name].dataset.path), built)
        counts.update(kept)


if __name__ == "__main__":
    main()
