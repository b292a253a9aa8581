import json
from pathlib import Path

import click

from limo import params, timing
from limo.report import cards
from limo.tables import DATASET, read, write_json

OUT = Path("data/release")


@click.command()
def main() -> None:
    """Write the cards and the manifest of what is handed out, if every row may be."""
    p = params.load()
    with timing.record("release") as counts:
        path, model = Path(p.datasets[cards.RELEASED].path), Path("models") / cards.RELEASED
        dataset = read(path, DATASET)
        cards.refuse_licences(dataset, p.release.redistributable)
        funnel = json.loads(Path("metrics/funnel.json").read_text(encoding="utf-8"))
        evaluation = json.loads(Path("metrics/evaluation.json").read_text(encoding="utf-8"))
        files = cards.manifest([path, *(file for file in model.iterdir() if file.is_file())])
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / "dataset_card.md").write_text(cards.dataset_card(p, dataset, funnel), encoding="utf-8")
        (OUT / "model_card.md").write_text(cards.model_card(p, evaluation, dataset.height), encoding="utf-8")
        described = {**p.release.model_dump(include={"name", "version"}), "rows": dataset.height}
        write_json({**described, "sources": cards.origins(dataset), "files": files}, OUT / "manifest.json")
        counts.update({"rows": dataset.height, "files": len(files)})


if __name__ == "__main__":
    main()
