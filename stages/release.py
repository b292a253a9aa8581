import shutil
from pathlib import Path

import click

from limo import params
from limo.base import timing
from limo.base.tables import read
from limo.graph.schemas import DATASET
from limo.release import facts, folder, gate


@click.command()
def main() -> None:
    """Write data/release: what is handed out of every dataset, cards, metadata and hashes, if the rows may be."""
    p = params.load()
    with timing.record("release") as counts:
        datasets = {name: read(spec.path, DATASET) for name, spec in p.datasets.items()}
        found = facts.load(row for table in datasets.values() for row in table["id"])
        gate.check(datasets, found.benchmarks, p.release)
        out = Path(folder.OUT)
        partial = out.with_name(out.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        manifest = folder.write(p, datasets, found, partial)
        shutil.rmtree(out, ignore_errors=True)
        partial.replace(out)
        made = manifest["datasets"].values()
        counts.update({name: sum(entry[name] for entry in made) for name in ("rows", "withheld")})
        counts.update({"datasets": len(made), "models": len(manifest["models"]), "files": len(manifest["files"])})


if __name__ == "__main__":
    main()
