"""SCORED rows → why a right chain may stand in no dataset, before any weight is looked at; used by tiers."""

import polars as pl

from limo import params

READ = ["thought", "boxes", "loop", "repeats", "false", "foreign"]  # columns that gates look at


def reason(p: params.Gates) -> pl.Expr:
    """The first gate that a chain does not pass, null where it passes all but that of near duplicates."""
    checks: list[tuple[str, pl.Expr]] = []
    if p.tags == "refuse":
        checks.append(("tags around a thought", pl.col("thought").is_not_null()))
    if p.boxes == "one":
        checks.append(("conflicting boxes: {} answers", pl.col("boxes") > 1))
    checks += [
        (f"{said}: {{}} > {limit:g}", pl.col(column) > limit)
        for column, said, limit in (
            ("loop", "loop", p.max_loop),
            ("repeats", "repeats", p.max_repeats),
            ("false", "false equality", p.max_false),
            ("foreign", "foreign script", p.max_foreign),
        )
        if limit is not None
    ]
    return pl.coalesce(*(pl.when(fails).then(_said(text, fails)) for text, fails in checks), pl.lit(None, pl.String))


def _said(text: str, fails: pl.Expr) -> pl.Expr:
    """A reason with the value of the column that the condition reads."""
    return pl.format(text, pl.col(fails.meta.root_names()[0]).round(3)) if "{}" in text else pl.lit(text)
