import click

from limo import params, sources, tables, timing


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write data/sources/NAME.parquet from the source that params.yaml describes under `sources.NAME`."""
    options = params.load()
    with timing.record(f"acquire@{name}") as counts:
        table = sources.rows(name, options.sources[name], options.pool.max_characters)
        tables.write(table, f"data/sources/{name}.parquet", tables.SOURCE, ["source", "source_id"])
        kept = tables.kept(table).height
        counts.update({"in": table.height, "kept": kept, "rejected": table.height - kept, **tables.reasons(table)})


if __name__ == "__main__":
    main()
