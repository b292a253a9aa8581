import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.base import tables
from limo.base.files import write_json
from limo.release import cards, checksums, croissant, facts, gate

OUT = "data/release"


def write(p: params.Params, datasets: Mapping[str, pl.DataFrame], found: facts.Facts, out: Path) -> dict[str, Any]:
    """Write the whole release to the folder `out` and return its manifest.

    The folder holds a copy of every dataset, without the text of restricted rows under `withhold`, with its card; the
    card of every trained variant, whose files stay where they are; croissant.json, manifest.json and SHA256SUMS.

    Args:
        p: all parameters.
        datasets: DATASET rows by name, which `gate.check` let pass.
        found: what the cards cite.
        out: an empty folder; paths in the manifest are those under data/release all the same.

    Raises:
        FileNotFoundError: a variant has no files.
    """
    shared = []
    described = {}
    outs = {}
    for name, spec in p.datasets.items():
        folder = out / "datasets" / name
        folder.mkdir(parents=True)
        table = _copy(Path(spec.path), datasets[name], p.release, folder / f"{name}.parquet")
        entry = _entry(out, folder / f"{name}.parquet")
        outs[name] = checksums.entry(Path(spec.path), spec.path)
        card = cards.dataset_card(p, name, table, found, entry, outs[name])
        shared += [entry, _text(out, folder / "README.md", card)]
        described[name] = (table, entry)
    models = {name: _model(p, name, datasets, found, out) for name in p.variants}
    for model in models.values():
        shared += [model.pop("card"), *model["files"]]
    write_json(croissant.describe(p, described), out / "croissant.json")
    shared.append(_entry(out, out / "croissant.json"))
    inputs = {path: checksums.entry(Path(path), path)["sha256"] for path in facts.INPUTS}
    inputs |= {entry["path"]: entry["sha256"] for entry in outs.values()}
    inputs |= {entry["path"]: entry["sha256"] for model in models.values() for entry in model["files"]}
    manifest = {
        "name": p.release.name,
        "version": p.release.version,
        "identity": facts.identity(p, inputs),
        "inputs": inputs,
        "datasets": {
            name: {
                "path": entry["path"],
                "rows": table.height,
                "withheld": _withheld(table),
                "sources": facts.origins(table),
            }
            for name, (table, entry) in described.items()
        },
        "models": {name: {key: model[key] for key in ("path", "parameters", "md5")} for name, model in models.items()},
        "files": sorted(shared, key=lambda entry: str(entry["path"])),
    }
    write_json(manifest, out / "manifest.json")
    (out / "SHA256SUMS").write_text(
        checksums.sums([*shared, _entry(out, out / "manifest.json")]), encoding="utf-8", newline="\n"
    )
    return manifest


def _copy(source: Path, table: pl.DataFrame, release: params.Release, target: Path) -> pl.DataFrame:
    """The released copy of a dataset and its rows. Without withholding the bytes stay, which a DVC cache holds once."""
    if release.on_restricted == "stop":
        shutil.copyfile(source, target)
        return table
    released = gate.withhold(table, release.redistributable)
    tables.write(released, target, gate.WITHHELD, ["id"])
    return released


def _model(
    p: params.Params, name: str, datasets: Mapping[str, pl.DataFrame], found: facts.Facts, out: Path
) -> dict[str, Any]:
    """Write a variant's card; its manifest entry with the entries of its `files` and `card`."""
    root = Path("models") / name
    entries = checksums.folder(root)
    md5 = checksums.folder_md5(root, entries)
    trained_on = next(key for key, spec in p.datasets.items() if spec.path == p.variants[name].data)
    withheld = int(gate.restricted(datasets[trained_on], p.release.redistributable).sum())
    card = cards.model_card(p, name, found, entries, md5, withheld)
    path = out / "models" / name / "README.md"
    path.parent.mkdir(parents=True)
    return {
        "path": root.as_posix(),
        "parameters": sum(entry.get("parameters", 0) for entry in entries),
        "md5": md5,
        "files": entries,
        "card": _text(out, path, card),
    }


def _text(out: Path, path: Path, text: str) -> dict[str, Any]:
    path.write_text(text, encoding="utf-8", newline="\n")
    return _entry(out, path)


def _entry(out: Path, path: Path) -> dict[str, Any]:
    return checksums.entry(path, f"{OUT}/{path.relative_to(out).as_posix()}")


def _withheld(table: pl.DataFrame) -> int:
    return int(table["withheld"].sum()) if "withheld" in table.columns else 0
