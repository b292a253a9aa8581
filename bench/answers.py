"""Verdicts per second and core, memory and agreement of `limo.answers` and of Math-Verify, side by side in one run.

Usage: python bench/answers.py FOLDER [--repeats 3] [--disagreements 200 --seed 0]

FOLDER holds .jsonl.zst files of responses with labels: rows with `problem`, `gold` and either `response` and `correct`,
or lists `responses` and `exact_match`. Each measurement is a fresh process on one core, the two graders in turn.
Seconds are processor time of that process and its workers, since waiting for a busy core is no work. Cold counts all
from the start of the process but for reading the files; warm is one half of the problems in a process that has graded
the other half. The last line is JSON.
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
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import psutil
import zstandard

Case = dict[str, Any]
Found = tuple[str, str, str]  # verdict, extracted answer, rule
GRADERS = ("limo", "math_verify")
MODES = ("cold", "warm")


def cases(folder: Path) -> list[Case]:
    """All labelled responses of a folder's files; `half` is the same wherever a problem occurs."""
    labelled = []
    order: dict[str, int] = {}
    for path in sorted(folder.glob("*.jsonl.zst")):
        with path.open("rb") as packed:
            lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed), encoding="utf-8")
            for row in map(json.loads, lines):
                if "responses" in row:
                    pairs = list(zip(row["responses"], row["exact_match"], strict=True))
                elif "response" in row and "correct" in row:
                    pairs = [(row["response"], row["correct"])]
                else:
                    continue
                # One problem is in several rows and files: graded in one half, it must not be timed in the other.
                half = order.setdefault(row["problem"].strip(), len(order)) % 2
                key = {"file": path.name.split(".")[0], "half": half, "gold": str(row["gold"])}
                labelled += [
                    {**key, "question": row["problem"], "response": text, "label": bool(label)} for text, label in pairs
                ]
    return labelled


def limo_grader() -> tuple[Callable[[list[Case]], list[Found]], Callable[[], None]]:
    """How to grade a batch with this project, and how to end its worker processes."""
    from limo.answers.verify import DEFAULTS, Verifier
    from limo.answers.verify import Case as Asked

    verifier = Verifier(DEFAULTS)

    def run(batch: list[Case]) -> list[Found]:
        asked = [Asked(case["gold"], response=case["response"], question=case["question"]) for case in batch]
        return [(verdict.verdict, verdict.extracted or "", verdict.rule) for verdict in verifier.verify_many(asked)]

    return run, lambda: verifier.__exit__(None, None, None)


def math_verify_grader() -> tuple[Callable[[list[Case]], list[Found]], Callable[[], None]]:
    """The same with Math-Verify and its defaults; each reference answer is parsed once, and it has no workers."""
    from math_verify import parse, verify

    logging.disable(logging.ERROR)
    golds: dict[str, Any] = {}

    def run(batch: list[Case]) -> list[Found]:
        verdicts = []
        for case in batch:
            gold = golds.get(case["gold"])
            if gold is None:
                gold = golds[case["gold"]] = parse(f"${case['gold']}$")
            answer = parse(case["response"])
            verdicts.append(("correct" if verify(gold, answer) else "wrong", str(answer[-1]) if answer else "", ""))
        return verdicts

    return run, lambda: None


def measure(grader: str, mode: str, folder: Path, out: Path) -> None:
    """Grade in this process: write seconds, number of verdicts, peak memory and, when cold, the verdicts."""
    start = _spent()
    todo = cases(folder)
    reading = _spent() - start
    run, end = limo_grader() if grader == "limo" else math_verify_grader()
    if mode == "warm":
        run([case for case in todo if case["half"] == 0])
        start = _spent()
        verdicts = run([case for case in todo if case["half"] == 1])
        seconds = _spent() - start
    else:
        verdicts = run(todo)
        seconds = _spent() - reading
    end()  # only workers that have ended count in RUSAGE_CHILDREN
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    figures = {"seconds": seconds, "verdicts": len(verdicts), "peak_mib": round(peak)}
    out.write_text(json.dumps({**figures, "found": verdicts if mode == "cold" else []}), encoding="utf-8")


def _spent() -> float:
    """Processor seconds of this process since its start, imports included, and of its workers."""
    this = psutil.Process()
    own = this.cpu_times()
    ended = own.children_user + own.children_system
    workers = [worker.cpu_times() for worker in this.children(recursive=True)]
    return own.user + own.system + ended + sum(times.user + times.system for times in workers)


def _run(grader: str, mode: str, folder: Path) -> dict[str, Any]:
    """Figures of one measurement in a process of its own, bound to one core with all its children."""
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
@click.option("--disagreements", default=0, show_default=True, help="Show so many distinct cases.")
@click.option("--seed", default=0, show_default=True, help="Of the sample of cases.")
@click.option("--only", hidden=True)
@click.option("--out", hidden=True, type=click.Path(path_type=Path))
def main(folder: Path, repeats: int, disagreements: int, seed: int, only: str | None, out: Path | None) -> None:
    """Compare the two graders on the labelled responses in FOLDER."""
    if only and out:
        grader, mode = only.split(":")
        measure(grader, mode, folder, out)
        return
    todo = cases(folder)
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {(grader, mode): [] for grader in GRADERS for mode in MODES}
    for _ in range(repeats):
        for mode in MODES:
            for grader in GRADERS:
                runs[grader, mode].append(_run(grader, mode, folder))
    figures = _speed(runs)
    verdicts = {grader: runs[grader, "cold"][0]["found"] for grader in GRADERS}
    agreement = _agreement(todo, verdicts)
    _show(todo, verdicts, disagreements, seed)
    click.echo(json.dumps({**figures, **agreement, "answers": len(todo)}))


def _speed(runs: dict[tuple[str, str], list[dict[str, Any]]]) -> dict[str, float]:
    """Median verdicts per second, how many times the peer's they are, and the largest peak; printed with the spread."""
    figures = {}
    click.echo(f"{'grader':12} {'mode':5} {'verdicts/s':>10} {'(lowest to highest)':>20} {'peak MiB':>9}")
    for (grader, mode), measured in runs.items():
        rates = [run["verdicts"] / run["seconds"] for run in measured]
        peak = max(run["peak_mib"] for run in measured)
        figures[f"{grader}_{mode}_per_s"] = round(statistics.median(rates), 1)
        figures[f"{grader}_peak_mib"] = max(peak, figures.get(f"{grader}_peak_mib", 0))
        spread = f"({min(rates):,.0f} to {max(rates):,.0f})"
        click.echo(f"{grader:12} {mode:5} {statistics.median(rates):10,.0f} {spread:>20} {peak:9,}")
    ours, peer = GRADERS
    times = {f"speedup_{mode}": figures[f"{ours}_{mode}_per_s"] / figures[f"{peer}_{mode}_per_s"] for mode in MODES}
    return {**{name: round(value, 2) for name, value in times.items()}, **figures}


def _agreement(todo: list[Case], verdicts: dict[str, list[Found]]) -> dict[str, float]:
    """Shares of answers on which two of limo, labels and peer agree; prints the counts of each file behind them.

    "correct" stands against everything else: `undecided` and `truncated` agree with a label that says wrong.
    """
    words = ("correct", "wrong", "undecided", "truncated")
    click.echo(f"\n{'grader':12} {'file':42} {'label':8}" + "".join(f"{word:>11}" for word in words))
    for grader, said in verdicts.items():
        counts = Counter((case["file"], case["label"], verdict[0]) for case, verdict in zip(todo, said, strict=True))
        for name, label in sorted({key[:2] for key in counts}):
            row = "".join(f"{counts[name, label, word]:11,}" for word in words)
            click.echo(f"{grader:12} {name:42} {'correct' if label else 'wrong':8}{row}")
    labels = [case["label"] for case in todo]
    ours, peer = ([verdict[0] == "correct" for verdict in verdicts[grader]] for grader in GRADERS)
    pairs = {
        "agreement": ("limo, label", ours, labels),
        "peer_label_agreement": ("math_verify, label", peer, labels),
        "peer_agreement": ("limo, math_verify", ours, peer),
    }
    click.echo(
        f"\n{'share of equal verdicts':42} {'answers':>8}" + "".join(f"{title:>20}" for title, *_ in pairs.values())
    )
    shares: dict[str, float] = {}
    for name in [*sorted({case["file"] for case in todo}), "all"]:
        places = [place for place, case in enumerate(todo) if name in {case["file"], "all"}]
        shares = {
            key: statistics.fmean(one[place] == other[place] for place in places)
            for key, (_, one, other) in pairs.items()
        }
        click.echo(f"{name:42} {len(places):8,}" + "".join(f"{share:20.4f}" for share in shares.values()))
    return {key: round(share, 4) for key, share in shares.items()}


def _show(todo: list[Case], verdicts: dict[str, list[Found]], number: int, seed: int) -> None:
    """A sample of the distinct disagreements; where they are too few, also of the answers that all call wrong.

    A disagreement is a case in which limo, label and peer are not of one mind, or limo does not decide.
    """
    if not number:
        return
    differ: dict[tuple[str, str, str, str], list[tuple[Case, Found, Found]]] = {}
    wrong: dict[tuple[str, str, str, str], list[tuple[Case, Found, Found]]] = {}
    for case, ours, peer in zip(todo, verdicts["limo"], verdicts["math_verify"], strict=True):
        said = {case["label"], ours[0] == "correct", peer[0] == "correct"}
        key = (case["gold"], ours[1], peer[1], case["question"].strip())
        if len(said) > 1 or ours[0] == "undecided":
            differ.setdefault(key, []).append((case, ours, peer))
        elif ours[0] == "wrong":
            wrong.setdefault(key, []).append((case, ours, peer))
    for title, several in (("of disagreement", differ), ("that all call wrong", wrong)):
        chosen = sorted(random.Random(seed).sample(sorted(several), min(number, len(several))))
        number -= len(chosen)
        click.echo(
            f"\n{len(chosen)} of {len(several)} distinct cases {title}, {sum(map(len, several.values()))} answers"
        )
        for place, key in enumerate(chosen, 1):
            case, ours, peer = several[key][0]
            click.echo(
                f"{place:3} x{len(several[key])} gold={case['gold']!r} read={ours[1][:200]!r} "
                f"limo={ours[0]} ({ours[2]}) label={'correct' if case['label'] else 'wrong'} "
                f"math_verify={peer[0]} (read={peer[1][:120]!r})"
            )


if __name__ == "__main__":
    main()
