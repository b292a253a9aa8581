"""dvc.yaml as DVC resolves it under a params file."""

import shutil
from contextlib import chdir
from pathlib import Path

from dvc.repo import Repo

ROOT = Path(__file__).parents[2]
PARAMS = [ROOT / "params.yaml", *sorted((ROOT / "profiles").glob("*.yaml"))]


def outs(file: Path, folder: Path) -> dict[str, set[str]]:
    """The paths of the outs of every stage, in the empty `folder`."""
    shutil.copy(ROOT / "dvc.yaml", folder)
    shutil.copy(file, folder / "params.yaml")
    with chdir(folder), Repo.init(no_scm=True) as repo:  # DVC names stages from the current folder
        return {stage.addressing: {out.def_path for out in stage.outs} for stage in repo.index.stages}
