"""Verdicts per second and core, memory and agreement of `limo.answers` and of Math-Verify, side by side in one run.

Usage: python benchmarks/answers.py FOLDER [--repeats 3] [--disagreements 200]

FOLDER holds .jsonl.zst files of responses with labels: rows with `problem`, `gold` and either `response` and `correct`,
or lists `responses` and `exact_match`. Each measurement is a fresh process on one core, the two graders in turn. Cold
counts everything from the start of the process but for reading the files; warm is the second half of the problems in a
process that has graded the first half. The last line is JSON.
"""

import io
import json
import logging
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import zstandard

Case = dict[str, Any]
GRADERS = ("limo", "math_verify")


def cases(folder: Path) -> list[Case]:
    """All labelled responses of a folder's files, with the file and the problem's place in it."""
    found = []
    for path in sorted(folder.glob("*.jsonl.zst")):
        with path.open("rb") as packed:
            lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed), encoding="utf-8")
            for place, row in enumerate(map(json.loads, lines)):
                if "responses" in row:
                    pairs = list(zip(row["responses"], row["exact_match"], strict=True))
                elif "response" in row and "correct" in row:
                    pairs = [(row["response"], row["correct"])]
                else:
                    continue
                key = {"file": path.name.split(".")[0], "problem": place, "gold": str(row["gold"])}
                found += [
                    {**key, "question": row["problem"], "response": text, "label": bool(label)} for text, label in pairs
                ]
    return found


def limo_grader() -> Callable[[list[Case]], list[tuple[str, str, str]]]:
    """Verdict, extracted answer and rule of each case, by this project."""
    from limo import answers  # noqa: PLC0415 - its import is part of the cold time
    from limo.answers.verify import DEFAULTS  # noqa: PLC0415

    verifier = answers.Verifier(DEFAULTS)

    def run(batch: list[Case]) -> list[tuple[str, str, str]]:
        asked = [answers.Case(case["gold"], response=case["response"], question=case["question"]) for case in batch]
        return [(found.verdict, found.extracted or "", found.rule) for found in verifier.verify_many(asked)]

    return run


def math_verify_grader() -> Callable[[list[Case]], list[tuple[str, str, str]]]:
    """The same by Math-Verify with its defaults; the gold of each problem is parsed once."""
    from math_verify import parse, verify  # noqa: PLC0415

    logging.disable(logging.ERROR)
    golds: dict[str, Any] = {}

    def run(batch: list[Case]) -> list[tuple[str, str, str]]:
        found = []
        for case in batch:
            gold = golds.get(case["gold"])
            if gold is None:
                gold = golds[case["gold"]] = parse(f"${case['gold']}$")
            answer = parse(case["response"])
            found.append(("correct" if verify(gold, answer) else "wrong", str(answer[-1]) if answer else "", ""))
        return found

    return run


def measure(grader: str, mode: str, folder: Path, out: Path) -> None:
    """Grade in this process: write seconds, number of verdicts, peak memory and, when cold, the verdicts."""
    start = time.monotonic()
    todo = cases(folder)
    reading = time.monotonic() - start
    run = limo_grader() if grader == "limo" else math_verify_grader()
    if mode == "warm":
        run([case for case in todo if not case["problem"] % 2])
        start = time.monotonic()
        verdicts = run([case for case in todo if case["problem"] % 2])
        seconds = time.monotonic() - start
    else:
        verdicts = run(todo)
        seconds = _process_age() - reading
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    figures = {"seconds": seconds, "verdicts": len(verdicts), "peak_mib": round(peak)}
    out.write_text(json.dumps({**figures, "found": verdicts if mode == "cold" else []}), encoding="utf-8")


def _process_age() -> float:
    """Seconds since this process was started, imports included."""
    ticks = int(Path("/proc/self/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[19])
    uptime = float(Path("/proc/uptime").read_text(encoding="utf-8").split()[0])
    return uptime - ticks / os.sysconf("SC_CLK_TCK")


def _run(grader: str, mode: str, folder: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as room:
        out = Path(room) / "figures.json"
        core = {min(os.sched_getaffinity(0))}
        subprocess.run(
            [sys.executable, __file__, str(folder), "--only", f"{grader}:{mode}", "--out", str(out)],
            check=True,
            preexec_fn=lambda: os.sched_setaffinity(0, core),
        )
        figures: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return figures


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--repeats", default=3, show_default=True, type=click.IntRange(1))
@click.option("--disagreements", default=0, show_default=True, help="Show so many distinct cases of disagreement.")
@click.option("--seed", default=0, show_default=True, help="Of the sample of disagreements.")
@click.option("--only", hidden=True)
@click.option("--out", hidden=True, type=click.Path(path_type=Path))
def main(folder: Path, repeats: int, disagreements: int, seed: int, only: str | None, out: Path | None) -> None:
    """Compare the two graders on the labelled responses in FOLDER."""
    if only and out:
        grader, mode = only.split(":")
        measure(grader, mode, folder, out)
        return
    runs = {(grader, mode): [] for grader in GRADERS for mode in ("cold", "warm")}  # type: dict[tuple[str, str], list[dict[str, Any]]]
    for _ in range(repeats):
        for mode in ("cold", "warm"):
            for grader in GRADERS:
                runs.setdefault((grader, mode), []).append(_run(grader, mode, folder))
    speed = {}
    for (grader, mode), measured in runs.items():
        rates = [run["verdicts"] / run["seconds"] for run in measured]
        speed[grader, mode] = statistics.median(rates)
        peak = max(run["peak_mib"] for run in measured)
        spread = f"{min(rates):,.0f} to {max(rates):,.0f}"
        click.echo(f"{grader:12} {mode}: {speed[grader, mode]:8,.0f} verdicts/s ({spread}), peak {peak:,} MiB")
    todo = cases(folder)
    found = {grader: runs[grader, "cold"][0]["found"] for grader in GRADERS}
    agreement = {grader: _agreement(grader, todo, found[grader]) for grader in GRADERS}
    same = sum((a[0] == "correct") == (b[0] == "correct") for a, b in zip(*found.values(), strict=True)) / len(todo)
    _show(todo, found, disagreements, seed)
    click.echo(
        json.dumps(
            {
                "speedup_warm": round(speed["limo", "warm"] / speed["math_verify", "warm"], 2),
                "speedup_cold": round(speed["limo", "cold"] / speed["math_verify", "cold"], 2),
                "agreement": round(agreement["limo"], 4),
                "peer_agreement": round(agreement["math_verify"], 4),
                "agreement_with_peer": round(same, 4),
                "answers": len(todo),
            }
        )
    )


def _agreement(grader: str, todo: list[Case], found: list[tuple[str, str, str]]) -> float:
    """Share of cases in which "correct" is said exactly where the label says so; prints the table behind it."""
    counts: Counter[tuple[str, bool, str]] = Counter(
        (case["file"], case["label"], verdict[0]) for case, verdict in zip(todo, found, strict=True)
    )
    for (name, label, verdict), count in sorted(counts.items()):
        click.echo(f"{grader:12} {name:45} label {'correct' if label else 'wrong  '}  {verdict:10} {count:6}")
    return sum(count for (_, label, verdict), count in counts.items() if label == (verdict == "correct")) / len(todo)


def _show(todo: list[Case], found: dict[str, list[tuple[str, str, str]]], number: int, seed: int) -> None:
    distinct = {}
    for case, ours, peer in zip(todo, *found.values(), strict=True):
        said = (case["label"], ours[0] == "correct", peer[0] == "correct")
        if len(set(said)) > 1:
            distinct[case["gold"], ours[1]] = (case, ours, peer)
    chosen = sorted(random.Random(seed).sample(sorted(distinct), min(number, len(distinct))))
    for key in chosen:
        case, ours, peer = distinct[key]
        click.echo(
            f"{case['file'][:20]} label={case['label']} gold={case['gold']!r} read={ours[1][:120]!r} "
            f"limo={ours[0]} ({ours[2]}) math_verify={peer[0]} ({peer[1][:80]})"
        )


if __name__ == "__main__":
    main()
