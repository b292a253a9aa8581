"""A repository of a hub at a pinned commit ↔ its files in the hub's own cache; used by `limo fetch` and hub sources."""

from pathlib import Path
from typing import NamedTuple

from limo import params
from limo.models.pins import UNPINNED

TOKENIZER = ["*.json", "*.txt", "*.model", "*.jinja"]
WEIGHTS = ["*.safetensors"]


class Repository(NamedTuple):
    """What a run reads of a hub: `model` or `dataset`, its name, commit, and patterns of its files, None for all."""

    kind: str
    repo: str
    revision: str
    patterns: list[str] | None

    def __str__(self) -> str:
        part = ", without weights" if self.patterns == TOKENIZER else ""
        return f"{self.kind} {self.repo} at {self.revision}{part}"


def repositories(p: params.Params) -> list[Repository]:
    """Every repository that the graph of these params reads, once.

    Of a model that only a server runs, or whose tokenizer alone counts tokens, the weights are left out.
    """
    loaded = _loaded(p)
    found = [
        Repository("model", model.repo, model.revision, [*TOKENIZER, *(WEIGHTS if name in loaded else [])])
        for name, model in p.models.items()
        if isinstance(model, params.HubModel)
    ]
    tables = [
        *p.sources.values(),
        *(b.source for b in p.benchmarks.values()),
        *p.recorded.values(),
        *p.imports.values(),
    ]
    found += [
        Repository("dataset", table.repo, table.revision, None)
        for table in tables
        if isinstance(table, params.HubSource | params.TraceHub)
    ]
    return [each for place, each in enumerate(found) if each not in found[:place]]


def _loaded(p: params.Params) -> set[str]:
    """Names of the models whose weights a stage loads."""
    asked = [(Path(asker.path).name, asker.engine) for asker in (*p.raters.values(), *p.teachers.values())]
    for askers in (p.judges, p.chain_judges):
        asked += [(asker.model, asker.engine) for asker in askers.values()]
    if p.candidates:
        asked += [(Path(folder).name, p.evaluate.engine) for folder in p.candidates.values()]
    served = {name for name, engine in p.engines.items() if isinstance(engine, params.OpenaiEngine)}
    return {model for model, engine in asked if engine not in served} | {v.model for v in p.variants.values()}


def held(repository: Repository) -> Path | None:
    """The folder of the cache with all files of a repository at its commit; None where one is missing. No network."""
    from huggingface_hub import snapshot_download  # noqa: PLC0415  (half a second that most stages are spared)
    from huggingface_hub.errors import LocalEntryNotFoundError  # noqa: PLC0415

    kind, repo, revision, patterns = repository
    try:
        folder = snapshot_download(
            repo, repo_type=kind, revision=revision, allow_patterns=patterns, local_files_only=True
        )
    except LocalEntryNotFoundError:
        return None
    return Path(folder)


def bring(repository: Repository) -> int:
    """Download what the cache lacks of a repository, and compare every file with the hash that the hub states.

    Returns:
        The bytes of its files.

    Raises:
        ConnectionError: the hub cannot be reached, or a download broke off; whole files stay.
        ValueError: the repository is unpinned, or a file has another hash; that is removed.
    """
    from httpx2 import HTTPError  # noqa: PLC0415  (as in `held`)
    from huggingface_hub import HfApi, snapshot_download  # noqa: PLC0415

    kind, repo, revision, patterns = repository
    if revision == UNPINNED:
        raise ValueError(f"{repository} cannot be fetched: run `limo pin` first")
    try:
        folder = Path(snapshot_download(repo, repo_type=kind, revision=revision, allow_patterns=patterns))
        checked = HfApi().verify_repo_checksums(repo, repo_type=kind, revision=revision)
    except (HTTPError, OSError) as error:
        raise ConnectionError(f"{repository} cannot be fetched: {error}; whole files stay, run again") from error
    if checked.mismatches:
        for wrong in checked.mismatches:
            file = folder / wrong["path"]
            file.resolve().unlink()
            file.unlink(missing_ok=True)
        said = "; ".join(f"{wrong['path']} has {wrong['algorithm']} {wrong['actual']}" for wrong in checked.mismatches)
        raise ValueError(f"{repository}: {said}, and the hub states another: removed, run again")
    if patterns is not None and WEIGHTS[0] in patterns and not any(folder.glob("**/*.safetensors")):
        raise ValueError(f"{repository} has no safetensors: choose a revision that has; no other weights are loaded")
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
