import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from limo.graph import lock
from tests.system import s3

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, random, sys
from pathlib import Path
import polars as pl
import yaml
from safetensors.numpy import save_file
import numpy as np

kind, name = sys.argv[1:]
values = yaml.safe_load(Path("params.yaml").read_text())
if kind == "tier":
    Path("data/tiers").mkdir(parents=True, exist_ok=True)
    chance = random.Random(name)
    rows = [chance.randbytes(1000) for _ in range(values["tiers"][name]["rows"])]
    pl.DataFrame({"id": range(len(rows)), "solution": rows}).write_parquet(f"data/tiers/{name}.parquet")
if kind == "model":
    folder = Path("models") / name
    folder.mkdir(parents=True)
    weights = np.random.default_rng(len(name)).random((300, 200), dtype=np.float32)
    for part in (1, 2):
        save_file({"weight": weights * part}, folder / f"model-{part}.safetensors")
    (folder / "config.json").write_text(json.dumps({"width": 200}))
if kind == "metrics":
    Path("metrics").mkdir(exist_ok=True)
    rows = {name: spec["rows"] for name, spec in values["tiers"].items()}
    Path("metrics/rows.json").write_text(json.dumps(rows))
"""
GRAPH = """
vars: [params.yaml]
stages:
  tier:
    foreach: ${tiers}
    do:
      cmd: python make.py tier ${key}
      deps: [make.py]
      params: ["tiers.${key}"]
      outs: ["data/tiers/${key}.parquet"]
  model:
    cmd: python make.py model small
    deps: [make.py, data/tiers/L1.parquet]
    outs: [models/small]
  metrics:
    cmd: python make.py metrics all
    deps: [make.py, data/tiers/L1.parquet, data/tiers/L2.parquet]
    params: [tiers]
    metrics: [{metrics/rows.json: {cache: false}}]
artifacts:
  tier-l1: {path: data/tiers/L1.parquet, type: dataset}
  model-small: {path: models/small, type: model}
"""
PARAMS = """
tiers:
  L1: {rows: 300}
  L2: {rows: 200}
"""


@dataclass(frozen=True)
class Clone:
    """A clone of a small data product, and the environment that keeps its runs to themselves."""

    folder: Path
    env: dict[str, str]

    def run(self, *command: str | Path) -> str:
        """Run a command that must succeed and return what it prints."""
        done = self.attempt(*command)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def attempt(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, which must come within two minutes."""
        return subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False, timeout=120
        )

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def commit(self, message: str) -> None:
        self.run("git", "add", "--all")
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        self.run("git", *identity, "commit", "--quiet", "--message", message)

    def point_at(self, bucket: str, server: s3.Server, secret: str = s3.SECRET) -> "Clone":
        """The same clone, told where its remote is and by which keys, as docs/remote.md says."""
        self.run("dvc", "remote", "modify", "--local", "store", "url", f"s3://{bucket}/product")
        return replace(self, env={**self.env, **keys(server, secret)})

    def cloned(self, folder: Path) -> "Clone":
        """A fresh clone: what git has, no data."""
        self.run("git", "clone", "--quiet", self.folder, folder)
        return replace(self, folder=folder, env=_environment(folder))

    def cached(self) -> dict[str, Path]:
        """Every object of the local cache under its hash."""
        return s3.objects(self.folder / ".dvc/cache")

    def outs(self) -> set[str]:
        """The hash of every object that a push brings to the remote: files, and the lists of folders."""
        listed = [hash_ for stage in lock.read(self.folder / "dvc.lock").values() for hash_ in stage.outs.values()]
        folders = {hash_.removesuffix(".dir") for hash_ in listed if hash_.endswith(".dir")}
        return folders | set(self.data().values())

    def data(self) -> dict[str, str]:
        """Every file that the product hands out, to the hash of its bytes."""
        found = {name: s3.files(self.folder / name) for name in ("data", "models")}
        return {f"{name}/{path}": hash_ for name, listed in found.items() for path, hash_ in listed.items()}


def keys(server: s3.Server, secret: str = s3.SECRET) -> dict[str, str]:
    """What the environment holds of a remote."""
    return {"AWS_ENDPOINT_URL": server.address, "AWS_ACCESS_KEY_ID": s3.KEY, "AWS_SECRET_ACCESS_KEY": secret}


def make(folder: Path) -> Clone:
    """Make the product: its graph has run and is committed; the settings of DVC are this project's own."""
    folder.mkdir(parents=True)
    made = Clone(folder, _environment(folder))
    made.run("git", "init", "--quiet")
    made.run("dvc", "init", "--quiet")
    shutil.copy(ROOT / ".dvc/config", folder / ".dvc/config")
    shutil.copy(ROOT / ".dvcignore", folder / ".dvcignore")
    for name, text in (("make.py", SCRIPT), ("dvc.yaml", GRAPH), ("params.yaml", PARAMS)):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / ".gitignore").write_text("/.limo/\n/data/\n/models/\n", encoding="utf-8")
    made.run("dvc", "repro", "--quiet")
    made.commit("The product")
    return made


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the machine's own settings and keys, and one try instead of many where a server is away."""
    site = folder.with_name(folder.name + "-dvc")
    private = ("DVC_", "LIMO_", "GIT_", "AWS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(private)} | {
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(site / "site"),
        "DVC_GLOBAL_CONFIG_DIR": str(site / "global"),
        "DVC_SYSTEM_CONFIG_DIR": str(site / "system"),
        "AWS_CONFIG_FILE": str(site / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(site / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
