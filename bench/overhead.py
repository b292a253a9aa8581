"""Seconds that `dvc status` and a `dvc repro` with nothing to do take here, and in a project of one stage.

Usage: python bench/overhead.py [--repeats 5]

Run it where `dvc status` has nothing to say; nothing is changed. The runs of both projects alternate, and the least
of each counts, since other work on the machine only adds. The last line is JSON.
"""

import json
import subprocess
import tempfile
import time
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
COMMANDS = ("status", "repro")
STAGE = "stages:\n  copy:\n    cmd: cp here there\n    deps: [here]\n    outs: [there]\n"


def run(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def bare(folder: Path) -> None:
    """A project whose one stage has run."""
    run(folder, "git", "init", "--quiet")
    run(folder, "dvc", "init", "--quiet")
    (folder / "here").write_text("one\n", encoding="utf-8")
    (folder / "dvc.yaml").write_text(STAGE, encoding="utf-8")
    run(folder, "dvc", "repro", "--quiet")


def seconds(folder: Path, command: str) -> float:
    start = time.perf_counter()
    run(folder, "dvc", command, "--quiet")
    return time.perf_counter() - start


@click.command()
@click.option("--repeats", default=5, show_default=True)
def main(repeats: int) -> None:
    if json.loads(run(ROOT, "dvc", "status", "--json")):
        raise click.ClickException("stages have changed: `dvc status` names them; run `dvc repro` first")
    figures = {}
    with tempfile.TemporaryDirectory() as made:
        bare(Path(made))
        for command in COMMANDS:
            runs = [(seconds(Path(made), command), seconds(ROOT, command)) for _ in range(repeats)]
            least, ours = map(min, zip(*runs, strict=True))
            click.echo(f"dvc {command:7} {ours:6.2f} s  bare {least:6.2f} s  over {ours - least:6.2f} s")
            figures |= {f"{command}_seconds": round(ours, 2), f"{command}_over": round(ours - least, 2)}
    click.echo(json.dumps(figures))


if __name__ == "__main__":
    main()
