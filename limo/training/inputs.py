"""A file of examples, a dataset of the graph or a user's own → questions, solutions and thoughts (stage train)."""

from pathlib import Path
from typing import Any

import polars as pl

from limo.base.files import digest


def rows(path: str | Path) -> list[dict[str, Any]]:
    """Read what training needs of a table with the columns `question` and `solution`: .parquet, or .jsonl.

    Returns:
        Dicts of `id`, `question`, `solution` and `thought`, in the order of the file. Where it has no `id`, the digest
        of the question is one, by which training orders rows and tells that a held-out question is trained; `thought`,
        the characters of the solution that are its thought, is None where the file does not say.

    Raises:
        FileNotFoundError: the file is not there; the message says which command makes it.
        ValueError: it cannot be read, lacks a column, or a row lacks a text.
    """
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(f"{path} is missing: run `dvc repro`, or `dvc pull {path}` where a remote holds it")
    try:
        table = pl.read_ndjson(file, infer_schema_length=None) if file.suffix == ".jsonl" else pl.read_parquet(file)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{path} cannot be read as {file.suffix}: {error}") from error
    for column in ("question", "solution"):
        if table.schema.get(column) != pl.String:
            raise ValueError(f"{path}: training needs a column {column!r} of texts, the columns are {table.columns}")
        if missing := table[column].null_count():
            raise ValueError(f"{path}: {missing} of {table.height} rows have no {column}")
    if "id" not in table.columns:
        table = table.with_columns(id=pl.Series([digest(question) for question in table["question"]], dtype=pl.String))
    said = table.schema.get("thought", pl.Null)
    if not (said.is_integer() or said == pl.Null):
        raise ValueError(f"{path}: a column 'thought' counts characters of the solution, and is of {said}: rename it")
    thought = pl.col("thought") if "thought" in table.columns else pl.lit(None, pl.Int64).alias("thought")
    return table.select(pl.col("id").cast(pl.String), "question", "solution", thought).to_dicts()
