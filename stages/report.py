import json
from pathlib import Path

import click
import polars as pl

from limo import params, timing
from limo.report import figures, page
from limo.report.tables import PLOTS
from limo.tables import DATASET, read

OUT = Path("data/report")


@click.command()
def main() -> None:
    """Draw every figure and put them on one offline page."""
    p = params.load()
    with timing.record("report") as counts:
        names = ("quality", "training")
        metrics = {name: json.loads(Path(f"metrics/{name}.json").read_text(encoding="utf-8")) for name in names}
        plots = {name: pl.read_csv(f"metrics/plots/{name}.csv", schema=schema) for name, schema in PLOTS.items()}
        drawn = {name: getattr(figures, name)(rows) for name, rows in plots.items()}
        OUT.mkdir(parents=True, exist_ok=True)
        for name, svg in drawn.items():
            (OUT / f"{name}.svg").write_text(svg + "\n", encoding="utf-8")
        dataset = read("data/limo.parquet", DATASET)
        funnel, evaluation = (plots[name].rows(named=True) for name in ("funnel", "evaluation"))
        text = page.render(
            release=p.release.model_dump(),
            metrics=metrics,
            funnel=funnel,
            evaluation=evaluation,
            figures=drawn,
            dataset=dataset,
        )
        (OUT / "index.html").write_text(text, encoding="utf-8")
        counts.update({"figures": len(drawn), "kilobytes": len(text.encode()) // 1024})


if __name__ == "__main__":
    main()
