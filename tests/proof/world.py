import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from click.testing import CliRunner, Result

from limo.commands.verify import verify

ROOT = Path(__file__).parents[2]

# A graph of five steps that has all that the real one has for `limo verify`: data without a model, answers of one, a
# model fetched and a model trained, and what follows from each.
WORDS = """
import random
draw = random.Random(1)
words = {draw.choice("bcdfg") + draw.choice("aeiou") + str(n) for n in range(200)}
open("data/words.txt", "w").write("\\n".join(sorted(words)))
"""
SCREEN = """
import os, sys, polars
if os.environ.get("NO_MODEL"):
    sys.exit("no model can be asked here")
words = open("data/words.txt").read().split()[:6]
polars.DataFrame({"id": words, "sample": [0] * 6, "text": [w[::-1] for w in words], "numerics": ["a GPU"] * 6}
).write_parquet("data/screen_attempts.parquet")
"""
COUNT = """
import json, polars, yaml
seed = yaml.safe_load(open("params.yaml"))["seed"]
table = polars.read_parquet("data/screen_attempts.parquet")
table = table.select("id", value=polars.col("text").str.len_chars().cast(polars.Int64) + seed)
table.write_parquet("data/counts.parquet")
json.dump({"rows": table.height, "by": {"sum": table["value"].sum()}}, open("metrics/counts.json", "w"), indent=1)
"""
FETCH = """
import os, numpy, safetensors.numpy
os.makedirs("models/base/tiny")
weights = {"bias": numpy.ones(2), "matrix": numpy.arange(6.0).reshape(2, 3)}
safetensors.numpy.save_file(weights, "models/base/tiny/model.safetensors")
open("models/base/tiny/config.json", "w").write('{"layers": 2}')
"""
TRAIN = """
import os, sys, json
if os.environ.get("NO_MODEL"):
    sys.exit("no model can be trained here")
os.makedirs("models/small", exist_ok=True)
weights = open("models/base/tiny/model.safetensors", "rb").read()
open("models/small/model.safetensors", "wb").write(weights)
json.dump({"numerics": "a GPU", "loss": [2.5, 1.5]}, open("data/training/small.json", "w"))
"""
CARD = """
import os, hashlib
os.makedirs("data/card")
weights = open("models/small/model.safetensors", "rb").read()
open("data/card/README.md", "w").write("# Card\\n" + hashlib.sha256(weights).hexdigest() + "\\n")
"""
SCRIPTS = {"words": WORDS, "screen": SCREEN, "count": COUNT, "fetch": FETCH, "train": TRAIN, "card": CARD}

GRAPH = {
    "stages": {
        "words": {"cmd": "python words.py", "deps": ["words.py"], "outs": ["data/words.txt"]},
        "screen": {
            "cmd": "python screen.py",
            "meta": {"kind": "sampling"},
            "deps": ["screen.py", "models/base/tiny", "data/words.txt"],
            "outs": ["data/screen_attempts.parquet"],
        },
        "count": {
            "cmd": "python count.py",
            "deps": ["count.py", "data/screen_attempts.parquet"],
            "params": ["seed"],
            "outs": ["data/counts.parquet"],
            "metrics": [{"metrics/counts.json": {"cache": False}}],
        },
        "fetch": {
            "foreach": {"tiny": 1},
            "do": {
                "cmd": "python fetch.py ${key}",
                "meta": {"kind": "fetching"},
                "deps": ["fetch.py"],
                "outs": ["models/base/${key}"],
            },
        },
        "train": {
            "foreach": {"small": 1},
            "do": {
                "cmd": "python train.py ${key}",
                "meta": {"kind": "training"},
                "deps": ["train.py", "models/base/tiny", "data/counts.parquet"],
                "outs": ["models/${key}", "data/training/${key}.json"],
            },
        },
        "card": {"cmd": "python card.py", "deps": ["card.py", "models/small"], "outs": ["data/card"]},
    }
}


@dataclass
class World:
    """A small DVC repository and `limo verify` in it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str) -> str:
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def repro(self) -> None:
        self.run("python", "-m", "dvc", "repro", "--quiet")

    def commit(self) -> None:
        self.run("git", "add", "--all")
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        self.run("git", *identity, "commit", "--quiet", "--message", "A graph")

    def verify(self, *arguments: str) -> Result:
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            return CliRunner(env=self.environment).invoke(verify, arguments)
        finally:
            os.chdir(before)

    def copy(self, folder: Path) -> "World":
        shutil.copytree(self.folder, folder, symlinks=True)
        return World(folder)

    def md5(self, out: str) -> str:
        stages = yaml.safe_load((self.folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]
        return next(o["md5"] for stage in stages.values() for o in stage["outs"] if o["path"] == out)

    def cached(self, out: str) -> Path:
        """Where the cache holds an out, or the list of its files."""
        md5 = self.md5(out)
        return self.folder / ".dvc/cache/files/md5" / md5[:2] / md5[2:]


def states(result: Result) -> dict[str, str]:
    """The state of every out in the printed table."""
    known = ("identical", "different", "taken", "not built", "not recorded")
    rows = [line for line in result.stdout.splitlines() if line.startswith(known)]
    return {line[14:].split()[0]: line[:14].strip() for line in rows}


def said(result: Result, out: str) -> list[str]:
    """What the table says below an out."""
    lines = result.stdout.splitlines()
    start = next(i for i, line in enumerate(lines) if line[14:].split()[:1] == [out])
    below = []
    for line in lines[start + 1 :]:
        if not line.startswith(" " * 14):
            break
        below.append(line.strip())
    return below


def make(folder: Path) -> World:
    """The graph, run once and committed."""
    world = World(folder)
    for name, text in SCRIPTS.items():
        world.write(f"{name}.py", text)
    world.write(".gitignore", "/data/\n/models/\n")
    world.write("metrics/.gitkeep", "")
    world.write("data/training/.gitkeep", "")
    world.write("params.yaml", (ROOT / "profiles/tiny.yaml").read_text(encoding="utf-8"))
    world.write("dvc.yaml", json.dumps(GRAPH))
    world.run("git", "init", "--quiet")
    world.run("git", "add", "--force", "data/training/.gitkeep")
    world.run("python", "-m", "dvc", "init", "--quiet")
    world.repro()
    world.commit()
    return world
