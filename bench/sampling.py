"""Draws that early stopping saves on real pass rates, and whether its verdicts are those of the full draw.

Usage: python bench/sampling.py FOLDER [--seed 1]

FOLDER holds the .jsonl.zst files named in FILES. Each draw of a problem is right with the problem's pass rate, decided
by a hash of seed, problem and number of the draw, so that every rule sees the same outcomes. `limo.generation.band`
stops the draws. Beside it stand draws in rounds of 8, which stop at the end of the round that decides. `exact` is what
limo.plan expects of these rates, `error` its distance from the measured mean in standard errors. `screened` rules see
only the problems that pass v2's screen, by other draws of the same rates: the graph gives `rate` no easier ones. The
last line is JSON.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
from problems import rows_of

from limo.generation.band import settled
from limo.plan.course import course

FILES = ("deepscaler_passrate__train", "gsm8k_difficulty__train", "sky_passrates__aime24_amc23")
ROUND = 8


class Rule(NamedTuple):
    """Keep a problem when `low` to `high` of `draws` are correct."""

    draws: int
    low: int
    high: int


RULES = {
    "v2_screen": Rule(4, 0, 0),  # correct in any of 4 draws: dropped
    "v2_rate": Rule(32, 1, 3),
    "issue_28_rate": Rule(32, 0, 3),  # an author's reply lets 0 pass
    "v1_rate": Rule(16, 0, 7),  # success rate below a half in 16 draws; the first recipe names neither number
}


SCREENED = {f"{name}_screened": RULES[name] for name in ("v2_rate", "issue_28_rate")}


def verdict(rule: Rule, draws: list[str]) -> str:
    """What the count of correct draws says."""
    correct = draws.count("correct")
    return "too easy" if correct > rule.high else "too hard" if correct < rule.low else "kept"


def rate_of(row: dict[str, Any]) -> float | None:
    """A problem's labelled pass rate; None where it has no label."""
    if "n" in row:
        return float(row["correct"] / row["n"])
    if "difficulty" in row:  # int((1 - pass rate) * 10)
        return float(1 - row["difficulty"] / 10)
    rate: float | None = row["offline_pass_rate"]
    return rate


def labelled(folder: Path) -> Iterator[tuple[str, float]]:
    """(id, pass rate) of every labelled problem of the files."""
    for name in FILES:
        for number, row in enumerate(rows_of(folder / f"{name}.jsonl.zst")):
            rate = rate_of(row)
            if rate is not None:
                yield f"{name}/{number}", rate


def outcomes(seed: int, problem: str, rate: float, draws: int) -> list[str]:
    """Verdicts of the first `draws` draws of a problem."""
    limit = round(rate * 2**64)
    hashes = (hashlib.sha256(f"{seed} {problem} {draw}".encode()).digest() for draw in range(draws))
    return ["correct" if int.from_bytes(digest[:8], "big") < limit else "wrong" for digest in hashes]


def measured(rule: Rule, problems: list[tuple[str, float]], seed: int) -> dict[str, Any]:
    """One rule over all problems."""
    stops, rounds, kept, agreed, expected = [], 0, 0, 0, 0.0
    for problem, rate in problems:
        full = outcomes(seed, problem, rate, rule.draws)
        stop = next(n for n in range(rule.draws + 1) if settled(full[:n], *rule))
        stops.append(stop)
        rounds += min(rule.draws, math.ceil(stop / ROUND) * ROUND)
        kept += verdict(rule, full) == "kept"
        agreed += verdict(rule, full) == verdict(rule, full[:stop])
        expected += course(rate, *rule, lookahead=1).decided
    count = len(problems)
    mean = sum(stops) / count
    spread = math.sqrt(sum((stop - mean) ** 2 for stop in stops) / count)
    return {
        "problems": count,
        "draws": rule.draws,
        "band": f"{rule.low}-{rule.high}",
        "kept": round(kept / count, 4),
        "mean": round(mean, 3),
        "exact": round(expected / count, 3),
        "error": round((mean - expected / count) / (spread / math.sqrt(count)), 2),
        "saved": round(1 - mean / rule.draws, 4),
        "saved_rounds_of_8": round(1 - rounds / count / rule.draws, 4),
        "agreement": agreed / count,
    }


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seed", default=1, show_default=True)
def main(folder: Path, seed: int) -> None:
    problems = list(labelled(folder))
    figures = {name: measured(rule, problems, seed) for name, rule in RULES.items()}
    screen = RULES["v2_screen"]
    hard = [each for each in problems if verdict(screen, outcomes(seed + 1, *each, screen.draws)) == "kept"]
    figures |= {name: measured(rule, hard, seed) for name, rule in SCREENED.items()}
    columns = next(iter(figures.values()))
    click.echo("  ".join(["rule".ljust(22), *(name.rjust(max(8, len(name))) for name in columns)]))
    for name, row in figures.items():
        cells = (str(value).rjust(max(8, len(column))) for column, value in row.items())
        click.echo("  ".join([name.ljust(22), *cells]))
    summary = {
        "problems": len(problems),
        "saved": {name: row["saved"] for name, row in figures.items()},
        "saved_rounds_of_8": {name: row["saved_rounds_of_8"] for name, row in figures.items()},
        "agreement": {name: row["agreement"] for name, row in figures.items()},
        "rules": figures,
    }
    click.echo(json.dumps(summary))


if __name__ == "__main__":
    main()
