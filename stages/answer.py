import click
import polars as pl

from limo import params
from limo.base import tables, timing
from limo.base.scratch import scratch
from limo.generation import attempts
from limo.graph import schemas


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Let candidate NAME answer every benchmark under its protocol (paper 7.2)."""
    p = params.load()
    rule = p.evaluate
    label = pl.format("{}:{}", pl.col("benchmark"), pl.col("source_id"))
    rows = tables.read("data/benchmarks.parquet", schemas.BENCHMARK).with_columns(label.alias("label"))
    of = dict(rows.select("label", "benchmark").iter_rows())

    def sampling(label: str) -> tuple[int, params.Sampling]:
        protocol = rule.protocols[of[label]]
        settings = params.Sampling(temperature=protocol.temperature, top_p=protocol.top_p, max_tokens=rule.max_tokens)
        return protocol.draws, settings

    with timing.record(f"answer@{name}") as counts, scratch() as folder:
        _, tally = attempts.draw(
            rows.select(pl.col("label").alias("id"), "question", "answer"),
            p.candidates[name],
            name,
            rule.engine,
            sampling,
            p.prompt.system,
            p,
            lambda _: False,
            max(protocol.draws for protocol in rule.protocols.values()),
            "answer",
            folder / "attempts.parquet",
        )
        drawn = tables.read(folder / "attempts.parquet", schemas.ATTEMPT)
        table = (
            drawn.rename({"id": "label"})
            .join(rows.select("label", "benchmark", "source_id", "id"), on="label", how="left", maintain_order="left")
            .select(schemas.ANSWER.names())
        )
        tables.write(table, f"data/answers/{name}.parquet", schemas.ANSWER, ["benchmark", "source_id", "sample"])
        counts.update({"problems": rows.height, "answers": table.height, **tally})


if __name__ == "__main__":
    main()
