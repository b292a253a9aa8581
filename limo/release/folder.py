"""Datasets and trained models → data/release; used by release."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.base import tables
from limo.base.files import write_json
from limo.graph import places
from limo.release import cards, checksums, croissant, facts, gate


def replace(p: params.Params, datasets: Mapping[str, pl.DataFrame], cited: facts.Facts) -> dict[str, int]:
    """Write the release in place of the one that is there, whole or not at all, and count what is in it.

    Args:
        p, datasets, cited: as for `write`.

    Raises:
        FileNotFoundError: a variant has no files.
    """
    out = Path(places.RELEASE.path)
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    manifest = write(p, datasets, cited, partial)
    shutil.rmtree(out, ignore_errors=True)
    partial.replace(out)
    released = manifest["datasets"].values()
    rows = {name: sum(entry[name] for entry in released) for name in ("rows", "withheld")}
    return {**rows, "datasets": len(released), "models": len(manifest["models"]), "files": len(manifest["files"])}


def write(p: params.Params, datasets: Mapping[str, pl.DataFrame], cited: facts.Facts, out: Path) -> dict[str, Any]:
    """Write the whole release to the folder `out` and return its manifest.

    The folder holds a copy of every dataset, without the text of restricted rows under `withhold`, with its card; the
    card of every trained variant, whose files stay where they are; croissant.json, manifest.json and SHA256SUMS.

    Args:
        p: all parameters.
        datasets: DATASET rows by name, which `gate.check` let pass.
        cited: what the cards cite.
        out: an empty folder; paths in the manifest are those under data/release all the same.

    Raises:
        FileNotFoundError: a variant has no files.
    """
    described, own, shared = {}, [], []
    for name, spec in p.every_dataset.items():
        target = out / "datasets" / name / f"{name}.parquet"
        table = _copy(Path(spec.path), datasets[name], p.release, target)
        entry = _entry(out, target)
        own.append(checksums.entry(Path(spec.path), spec.path))
        card = cards.dataset_card(p, name, table, cited, entry, own[-1])
        shared += [entry, _text(out, target.with_name("README.md"), card)]
        described[name] = (table, entry)
    models = {name: _model(p, name, datasets, cited, out) for name in p.variants}
    trained = [entry for model in models.values() for entry in model["files"]]
    shared += [*trained, *(model["card"] for model in models.values())]
    write_json(croissant.describe(p, described), out / "croissant.json")
    shared.append(_entry(out, out / "croissant.json"))
    cites = [checksums.entry(Path(made.path), made.path) for made in facts.INPUTS]
    inputs = {entry["path"]: entry["sha256"] for entry in [*cites, *own, *trained]}
    manifest = {
        "name": p.release.name,
        "version": p.release.version,
        "identity": facts.identity(p, inputs),
        "inputs": inputs,
        "datasets": {name: _described(table, entry) for name, (table, entry) in described.items()},
        "models": {name: {key: model[key] for key in ("path", "parameters", "md5")} for name, model in models.items()},
        "files": sorted(shared, key=lambda entry: str(entry["path"])),
    }
    write_json(manifest, out / "manifest.json")
    sums = checksums.sums([*shared, _entry(out, out / "manifest.json")])
    (out / "SHA256SUMS").write_text(sums, encoding="utf-8", newline="\n")
    return manifest


def _described(table: pl.DataFrame, entry: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest says of a released dataset."""
    return {
        "path": entry["path"],
        "rows": table.height,
        "withheld": _withheld(table),
        "sources": facts.origins(table),
    }


def _copy(source: Path, table: pl.DataFrame, release: params.Release, target: Path) -> pl.DataFrame:
    """The released copy of a dataset and its rows. Without withholding the bytes stay, which a DVC cache holds once."""
    target.parent.mkdir(parents=True)
    if release.on_restricted == "stop":
        shutil.copyfile(source, target)
        return table
    released = gate.withhold(table, release.redistributable)
    tables.write(released, target, gate.WITHHELD, ["id"])
    return released


def _model(
    p: params.Params, name: str, datasets: Mapping[str, pl.DataFrame], cited: facts.Facts, out: Path
) -> dict[str, Any]:
    """Write a variant's card; its manifest entry with the entries of its `files` and `card`."""
    root = Path(places.model(name).path)
    entries = checksums.folder(root)
    md5 = checksums.folder_md5(root, entries)
    withheld = int(gate.restricted(datasets[p.trained_on(name)], p.release.redistributable).sum())
    card = cards.model_card(p, name, cited, entries, md5, withheld)
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
    return checksums.entry(path, f"{places.RELEASE.path}/{path.relative_to(out).as_posix()}")


def _withheld(table: pl.DataFrame) -> int:
    return int(table["withheld"].sum()) if "withheld" in table.columns else 0
