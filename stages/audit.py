import click

from limo import params
from limo.base import timing
from limo.base.files import write_json
from limo.problems.audit import audit, labelled


@click.command()
def main() -> None:
    """Write metrics/problems.json: how well the pool's two decisions do on the labelled pairs."""
    p = params.load()
    with timing.record("audit") as counts:
        found = audit(labelled(), p.pool)
        write_json(found, "metrics/problems.json")
        for name, figures in found.items():
            counts.update({f"{name} {figure}": figures[figure] for figure in ("pairs", "precision", "recall")})


if __name__ == "__main__":
    main()
