"""Rows per second, memory, precision and recall of `limo dedup` and of three MinHash libraries, in one run.

Usage: python bench/problems.py FOLDER [--peers PYTHON] [--rows 50000] [--workers 2]

FOLDER holds .jsonl.zst files with rows that have `problem`. PYTHON is the interpreter of an environment with
text-dedup, datasketch and datatrove. Each tool is a process of its own and counts from its start to its last written
verdict.

The corpus has known duplicates. Its base is the first problem of each collection of numbers, so that no two base
problems are the same. To every third one comes a copy edited as publishers do, and to every third one a look-alike
with another number. A tool is right to drop all but one row of a problem. The last line is JSON.
"""

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import psutil

from limo.lines.packed import unpacked_lines

PEERS = Path(__file__).parent / "peers"
NUMBER = re.compile(r"\d+")
ADDED = re.compile(
    r"(?i)\[asy\]|diagram by|\bA(?:MC|IME|HSME)\b|\(A\)|\(?A[).:].*B[).:]|answer is in the form|original answer"
    r"|express|written (?:as|in)|in the form|please|答案|格式|形式|\[i\]"
    r"|\*[A-Z0-9]|^\W*(?:problem|example|task|\d+[.)])"
)


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a .jsonl.zst file."""
    with path.open("rb") as packed:
        yield from map(json.loads, filter(None, unpacked_lines(packed)))


def problems(folder: Path) -> Iterator[str]:
    """All texts of the folder's files, in the order of their names."""
    for path in sorted(folder.glob("*.jsonl.zst")):
        yield from (row["problem"] for row in rows_of(path) if isinstance(row.get("problem"), str))


def base(folder: Path, limit: int) -> list[str]:
    """Problems of which no two have the same numbers; each has two numbers or more, and none that is not its own: in
    the code of a figure, in a credit, in options or in a request for the form of the answer."""
    texts: dict[tuple[str, ...], str] = {}
    for text in problems(folder):
        numbers = tuple(sorted(NUMBER.findall(text)))
        if len(numbers) >= 2 and len(text) >= 40 and not ADDED.search(text):
            texts.setdefault(numbers, text)
        if len(texts) == limit:
            break
    return list(texts.values())


def copied(text: str, kind: int) -> str:
    """The same problem as another publisher would print it."""
    edits = [
        lambda: f"{text} Please reason step by step, and put your final answer within \\boxed{{}}.",
        lambda: f"Problem {kind % 97}. {text}",
        lambda: text.replace("\\frac", "\\dfrac").replace("\\leq", "\\le").replace("$", " $ "),
        lambda: re.sub(r"\bFind\b", "Determine", re.sub(r"\bHow many\b", "What is the number of", text)),
        lambda: text.replace("$", "").replace("  ", " ").upper() if text.isascii() and "\\" not in text else text + " ",
        lambda: f"{text} (AMC 12, 2009)",
        lambda: f"Let us consider the following task. {text}",
    ]
    return edits[kind % len(edits)]()


def other(text: str) -> str:
    """The same words with the last number changed."""
    *_, last = NUMBER.finditer(text)
    return text[: last.start()] + str(int(last.group()[:9]) + 1) + text[last.end() :]


def corpus(folder: Path, rows: int) -> list[tuple[str, str]]:
    """(problem, text) pairs: rows of one problem have one name."""
    pairs = []
    for number, text in enumerate(base(folder, rows * 3 // 5)):
        pairs.append((f"p{number}", text))
        if number % 3 == 0:
            pairs.append((f"p{number}", copied(text, number // 3)))
        if number % 3 == 1:
            pairs.append((f"q{number}", other(text)))
    pairs.sort(key=lambda pair: hash_of(pair[1]))
    return pairs


def hash_of(text: str) -> int:
    """A fixed pseudo-random order."""
    value = 0
    for char in text[:64]:
        value = (value * 1_000_003 + ord(char)) % (2**61 - 1)
    return value


def measured(command: list[str]) -> tuple[float, float]:
    """Seconds and GiB at the peak of a command and all its processes."""
    started, peak = time.perf_counter(), 0.0
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        waiter = threading.Thread(target=process.wait)
        waiter.start()
        while waiter.is_alive():
            peak = max(peak, memory(process.pid))
            waiter.join(0.1)
        seconds = time.perf_counter() - started
        if process.returncode:
            log.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{log.read().decode(errors='replace')[-3000:]}")
    return seconds, peak / 2**30


def memory(pid: int) -> int:
    """Resident bytes of a process and its children; shared pages count in each."""
    try:
        parent = psutil.Process(pid)
        return sum(each.memory_info().rss for each in [parent, *parent.children(recursive=True)])
    except psutil.NoSuchProcess:
        return 0


def quality(pairs: list[tuple[str, str]], kept: set[int]) -> dict[str, float]:
    """Precision, recall and F1 of dropping all but one row of each problem."""
    sizes = Counter(name for name, _ in pairs)
    dropped = Counter(name for row, (name, _) in enumerate(pairs) if row not in kept)
    right = sum(min(count, sizes[name] - 1) for name, count in dropped.items())
    wanted = sum(size - 1 for size in sizes.values())
    precision, recall = right / max(1, dropped.total()), right / wanted
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(1e-9, precision + recall), 4),
    }


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--peers", help="Interpreter with text-dedup, datasketch and datatrove; without it ours runs alone.")
@click.option("--rows", default=50_000, show_default=True)
@click.option("--workers", default=2, show_default=True)
def main(folder: Path, peers: str | None, rows: int, workers: int) -> None:
    pairs = corpus(folder, rows)
    results = {}
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "corpus.jsonl"
        with source.open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps({"id": row, "problem": text}) + "\n" for row, (_, text) in enumerate(pairs))
        ours = [sys.executable, "-m", "limo.cli", "dedup", str(source), "--workers", str(workers), "-o"]
        commands = {"limo": [*ours, f"{work}/limo.jsonl"]}
        for name in ("text_dedup", "datasketch", "datatrove") if peers else ():
            script = str(PEERS / f"{name}_minhash.py")
            commands[name] = [str(peers), script, str(source), f"{work}/{name}.jsonl", str(workers)]
        for name, command in commands.items():
            seconds, gib = measured(command)
            lines = map(json.loads, Path(f"{work}/{name}.jsonl").read_text(encoding="utf-8").splitlines())
            kept = {row["id"] for row in lines if row["kept"]}
            results[name] = {
                "rows_per_second": round(len(pairs) / seconds),
                "peak_gib": round(gib, 3),
                **quality(pairs, kept),
            }
            click.echo(f"{name}: {json.dumps(results[name])}")
    mine = results.pop("limo")
    if not results:
        return
    best = max(results.values(), key=lambda result: result["rows_per_second"])
    summary = {
        "rows": len(pairs),
        "speedup": round(mine["rows_per_second"] / best["rows_per_second"], 2),
        "f1": mine["f1"],
        "peer_f1": max(result["f1"] for result in results.values()),
        "rows_per_second": mine["rows_per_second"],
        "peak_gib": mine["peak_gib"],
    }
    click.echo(json.dumps(summary))


if __name__ == "__main__":
    main()
