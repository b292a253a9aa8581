"""Labelled pairs → precision and recall of deduplication and decontamination, in metrics/problems.json."""

import click

from limo import params
from limo.base import timing
from limo.base.files import write_json
from limo.graph import places
from limo.problems.audit import audit, labelled


@click.command()
def main() -> None:
    """Measure the pool's two decisions on the labelled pairs."""
    p = params.load()
    with timing.record("audit") as counts:
        audited = audit(labelled(), p.pool)
        write_json(audited, places.AUDIT.path)
        for name, figures in audited.items():
            counts.update({f"{name} {figure}": figures[figure] for figure in ("pairs", "precision", "recall")})


if __name__ == "__main__":
    main()
