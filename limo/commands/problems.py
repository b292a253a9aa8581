"""`limo dedup` and `limo decontaminate`: a user's file of problems → a file of verdicts, and counts."""

import click

from limo import params
from limo.commands.refused import RefusedError
from limo.lines import jsonl
from limo.own import curate

_source = click.argument("source", metavar="IN")
_out = click.option(
    "-o", "--out", required=True, metavar="OUT", help="A .jsonl of id, kept, reason, match, score; - is stdout."
)
_metrics = click.option("--metrics", metavar="FILE", help="Write the counts to this .json.")
_similarity = click.option(
    "--similarity",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Least share of common tokens; short texts need more.",
)
_workers = click.option(
    "--workers", type=click.IntRange(1), default=1, show_default=True, help="Threads; no result changes."
)


@click.command()
@_source
@_out
@_metrics
@_similarity
@_workers
def dedup(source: str, out: str, metrics: str | None, similarity: float, workers: int) -> None:
    """Find problems that come again in IN, a .jsonl, .jsonl.gz or .jsonl.zst; - is standard input.

    A row has id and problem; optional are rank (lower survives), solution and answer. Of each cluster the row of the
    lowest rank is kept, then one with a solution, then the lowest id; `match` is that row. A problem with other numbers
    or another question is no duplicate. Exit code 2, and nothing written, when a row or an option is not right.
    """
    near = params.Near(shingle=2, permutations=64, bands=32, threshold=similarity)
    try:
        jsonl.check_names(source, {"-o": out, "--metrics": metrics})
        counts = curate.dedup(source, out, near, workers, metrics)
    except (jsonl.InputError, OSError) as error:
        raise RefusedError(str(error)) from error
    click.echo(_counts(counts), err=True)


@click.command()
@_source
@click.option("--benchmarks", required=True, metavar="FILE", help="A .jsonl of id and problem to keep apart.")
@_out
@_metrics
@_similarity
@_workers
def decontaminate(
    source: str,
    benchmarks: str,
    out: str,
    metrics: str | None,
    similarity: float,
    workers: int,
) -> None:
    """Find problems of IN that a benchmark holds, in other words or inside a longer text; - is standard input.

    Rows of both files have id and problem. `match` is the benchmark's row, `reason` the rule: exact, reworded, renamed
    or embedded. The same template with other numbers is no hit. Exit code 2, and nothing written, when a row or an
    option is not right.
    """
    options = params.Decontamination(ngram=4, threshold=0.3, similarity=similarity)
    try:
        jsonl.check_names(source, {"-o": out, "--metrics": metrics}, {"--benchmarks": benchmarks})
        counts = curate.decontaminate(source, benchmarks, out, options, workers, metrics)
    except (jsonl.InputError, OSError) as error:
        raise RefusedError(str(error)) from error
    click.echo(_counts(counts), err=True)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
