"""`limo grade`: a user's file of responses → a file of verdicts, and counts."""

from pathlib import Path
from typing import Any

import click

from limo import params
from limo.commands.refused import RefusedError
from limo.lines import jsonl
from limo.own import grading, judge


@click.command()
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
def grade(source: str, out: str, metrics: str | None, **options: Any) -> None:
    """Grade the answers in IN, a .jsonl, .jsonl.gz or .jsonl.zst; - is standard input.

    A row has id, gold, and response (a whole text) or answer (read from it already); optional are question, kind,
    stop (eos or length), and opened, true where the prompt opened the response's thought. The verdict is correct,
    wrong, undecided or truncated. Exit code 2, and nothing written, when a row or an option is not right.
    """
    try:
        jsonl.check_names(source, {"-o": out, "--judgements": options["judgements"], "--metrics": metrics})
        report = grading.grade(source, out, _answers(options), _judging(options), metrics)
    except (jsonl.InputError, OSError) as error:
        raise RefusedError(str(error)) from error
    click.echo(_summary(report), err=True)


def _answers(options: dict[str, Any]) -> params.Answers:
    return params.Answers(
        extraction=options["extraction"],
        workers=options["workers"],
        timeout_s=options["timeout"],
        memory_mb=options["memory"],
    )


def _judging(options: dict[str, Any]) -> judge.Judging | None:
    """The judge that the options ask for, None where they ask for none."""
    folder, out, every = options["folder"], options["judgements"], options["judge_all"]
    knobs, engine = options["knobs"], options["engine"]
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
    return judge.Judging(folder, engines[engine], options["tokens"], every, out)


def _summary(report: dict[str, Any]) -> str:
    def listed(counts: dict[str, int]) -> str:
        return ", ".join(f"{name} {count}" for name, count in counts.items())

    lines = [f"{report['rows']} rows: {listed(report['verdicts'])}"]
    for group in ("rules", "kinds"):
        lines += [f"  {group[:-1]} {name or '(none)'}: {listed(counts)}" for name, counts in report[group].items()]
    if (said := report["judge"]) is not None:
        named = listed({name: said[name] for name in ("correct", "wrong", "unparsed", "too_long", "unsafe")})
        agreed = f"agrees with the rules on {said['agree']} of {said['both']} answers that both decide"
        lines.append(f"  judge, asked {said['asked']}: {named}; {agreed}")
    return "\n".join(lines)
