"""Chains with human marks → how well measures and recipes tell clean from faulty ones, in metrics/validity.json."""

import click

from limo import params
from limo.base import timing
from limo.base.files import write_json
from limo.graph import places
from limo.models import load
from limo.quality.validity import validity
from limo.sources import champ_labels


@click.command()
def main() -> None:
    """Compare every measure and recipe with the marks of humans."""
    p = params.load()
    with timing.record("validity") as counts:
        labelled = list(champ_labels.labelled())
        tokenizer = load.load_counter(places.base_model(p.score.tokenizer).path)
        figures = validity(labelled, p.score, p.answers, tokenizer)
        write_json(figures, places.VALIDITY.path)
        counts.update({name: measure["chains"] for name, measure in figures.items()})


if __name__ == "__main__":
    main()
