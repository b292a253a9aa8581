import sys
from pathlib import Path
from typing import Any

import click

from limo import lines, own, params
from limo import verify as verification
from limo.answers import grade as grading
from limo.answers import judge


class RefusedError(click.ClickException):
    """Bad usage or bad input, in one message without a traceback."""

    exit_code = 2


@click.group()
def main() -> None:
    """Less is more for reasoning, as a reproducible data product."""


@main.command()
@click.argument("targets", nargs=-1)
def verify(targets: tuple[str, ...]) -> None:
    """Rebuild TARGETS (default: everything) in a fresh clone and compare every out with the committed dvc.lock.

    Exit code 1 when an out differs, or when everything was asked for and something was not built.
    """
    table = verification.rebuild(Path.cwd(), targets)
    for path, state in table:
        click.echo(f"{state:<10} {path}")
    wrong = [path for path, state in table if state == "different" or (state == "not built" and not targets)]
    click.echo(f"{len(table)} outs, {sum(state == 'identical' for _, state in table)} identical, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


@main.command()
@click.argument("source", metavar="IN")
@click.option(
    "-o", "--out", required=True, metavar="OUT", help="A .jsonl of id, verdict, extracted, rule; - is stdout."
)
@click.option("--metrics", metavar="FILE", help="Write the counts to this .json.")
@click.option("--extraction", type=click.Choice(["boxed", "flexible"]), default="flexible", show_default=True)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes for computer algebra.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds of processor time per comparison.",
)
@click.option("--memory", type=click.IntRange(1), default=2048, show_default=True, help="MiB per process.")
@click.option("--judge", "folder", metavar="FOLDER", help="A model that judges what the rules leave undecided.")
@click.option(
    "--judge-all", is_flag=True, help="Let it judge every extracted answer; undecided ones alone take its word."
)
@click.option("--judgements", metavar="FILE", help="A .jsonl of all it said; needed with --judge.")
@click.option("--engine", default="local", show_default=True, help="The judge's engine, by its name in --params.")
@click.option(
    "--params", "knobs", metavar="FILE", default="params.yaml", show_default=True, help="Where engines stand."
)
@click.option("--tokens", type=click.IntRange(1), default=512, show_default=True, help="Longest text of a judgement.")
def grade(
    source: str,
    out: str,
    metrics: str | None,
    extraction: Any,
    workers: int,
    timeout: float,
    memory: int,
    folder: str | None,
    judge_all: bool,
    judgements: str | None,
    engine: str,
    knobs: str,
    tokens: int,
) -> None:
    """Grade the answers in IN, a .jsonl, .jsonl.gz or .jsonl.zst; - is standard input.

    A row has id, gold, and response (a whole text) or answer (read from it already); optional are question, kind and
    stop (eos or length). The verdict is correct, wrong, undecided or truncated. Exit code 2, and nothing written, when
    a row or an option is not right.
    """
    try:
        lines.check_names(source, {"-o": out, "--judgements": judgements, "--metrics": metrics})
        answers = params.Answers(extraction=extraction, workers=workers, timeout_s=timeout, memory_mb=memory)
        judging = _judging(folder, judgements, judge_all, engine, knobs, tokens)
        found = grading.grade(source, out, answers, judging, metrics)
    except (lines.InputError, OSError) as error:
        raise RefusedError(str(error)) from error
    click.echo(_summary(found), err=True)


@main.command()
@click.argument("source", metavar="IN")
@click.option(
    "-o", "--out", required=True, metavar="OUT", help="A .jsonl of id, kept, reason, match, score; - is stdout."
)
@click.option("--metrics", metavar="FILE", help="Write the counts to this .json.")
@click.option(
    "--similarity",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Least share of common tokens; short texts need more.",
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Threads; no result changes.")
def dedup(source: str, out: str, metrics: str | None, similarity: float, workers: int) -> None:
    """Find problems that come again in IN, a .jsonl, .jsonl.gz or .jsonl.zst; - is standard input.

    A row has id and problem; optional are rank (lower survives), solution and answer. Of each cluster the row of the
    lowest rank is kept, then one with a solution, then the lowest id; `match` is that row. A problem with other numbers
    or another question is no duplicate. Exit code 2, and nothing written, when a row or an option is not right.
    """
    near = params.Near(shingle=2, permutations=64, bands=32, threshold=similarity)
    try:
        lines.check_names(source, {"-o": out, "--metrics": metrics})
        counts = own.dedup(source, out, near, workers, metrics)
    except (lines.InputError, OSError) as error:
        raise RefusedError(str(error)) from error
    click.echo(_counts(counts), err=True)


@main.command()
@click.argument("source", metavar="IN")
@click.option("--benchmarks", required=True, metavar="FILE", help="A .jsonl of id and problem to keep apart.")
@click.option(
    "-o", "--out", required=True, metavar="OUT", help="A .jsonl of id, kept, reason, match, score; - is stdout."
)
@click.option("--metrics", metavar="FILE", help="Write the counts to this .json.")
@click.option(
    "--similarity",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Least share of common tokens; short texts need more.",
)
@click.option(
    "--max-document-frequency",
    type=click.FloatRange(0, 1),
    default=0.001,
    show_default=True,
    help="4-grams in more of the texts are common phrases and do not count.",
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Threads; no result changes.")
def decontaminate(
    source: str,
    benchmarks: str,
    out: str,
    metrics: str | None,
    similarity: float,
    max_document_frequency: float,
    workers: int,
) -> None:
    """Find problems of IN that a benchmark holds, in other words or inside a longer text; - is standard input.

    Rows of both files have id and problem. `match` is the benchmark's row, `reason` the rule: exact, reworded, renamed
    or embedded. The same template with other numbers is no hit. Exit code 2, and nothing written, when a row or an
    option is not right.
    """
    options = params.Decontamination(
        ngram=4, threshold=0.3, similarity=similarity, max_document_frequency=max_document_frequency
    )
    try:
        lines.check_names(source, {"-o": out, "--metrics": metrics}, {"--benchmarks": benchmarks})
        counts = own.decontaminate(source, benchmarks, out, options, workers, metrics)
    except (lines.InputError, OSError) as error:
        raise RefusedError(str(error)) from error
    click.echo(_counts(counts), err=True)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _judging(
    folder: str | None, out: str | None, every: bool, engine: str, knobs: str, tokens: int
) -> judge.Judging | None:
    if (folder is None) != (out is None) or (every and folder is None):
        raise RefusedError("--judge FOLDER and --judgements FILE go together, and --judge-all needs both")
    if folder is None or out is None:
        return None
    if not Path(knobs).is_file():
        raise RefusedError(f"--params {knobs} is no file: name a params.yaml that has the judge's engine")
    try:
        engines = params.load(knobs).engines
    except ValueError as error:
        raise RefusedError(f"--params {error}") from error
    if engine not in engines:
        raise RefusedError(f"--engine {engine}: {knobs} has the engines {', '.join(engines)}")
    return judge.Judging(folder, engines[engine], tokens, every, out)


def _summary(found: dict[str, Any]) -> str:
    def listed(counts: dict[str, int]) -> str:
        return ", ".join(f"{name} {count}" for name, count in counts.items())

    lines = [f"{found['rows']} rows: {listed(found['verdicts'])}"]
    for group in ("rules", "kinds"):
        lines += [f"  {group[:-1]} {name or '(none)'}: {listed(counts)}" for name, counts in found[group].items()]
    if (said := found["judge"]) is not None:
        named = listed({name: said[name] for name in ("correct", "wrong", "unparsed", "too_long", "unsafe")})
        agreed = f"agrees with the rules on {said['agree']} of {said['both']} answers that both decide"
        lines.append(f"  judge, asked {said['asked']}: {named}; {agreed}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
