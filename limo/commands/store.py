"""`limo store`: the generation store → its counts, its damage, exports and imports."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from limo.commands.refused import RefusedError
from limo.store import segments
from limo.store.index import NAME
from limo.store.store import DamagedRecordError, Store, folder, open_store
from limo.store.upkeep import Checked, Finding, HeldError, check, collect, counts


@click.group()
def store() -> None:
    """Look after the generation store: finished answers of every model, in $LIMO_STORE or .limo/store (docs/store.md).

    MODEL is the beginning of a fingerprint as `stats` shows it.
    """


@store.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: model to counts.")
@click.option("--check", "deep", is_flag=True, help="Read every record, to count duplicates and damage too.")
def stats(as_json: bool, deep: bool) -> None:
    """Count answers, tokens and bytes of every model; garbage is what `gc` frees."""
    by_model: dict[str, dict[str, int]] = {}
    for model in _models():
        with _opened(model) as opened:
            by_model[model] = counts(opened)
            if deep:
                checked = check(opened)
                by_model[model] |= {"duplicates": checked.duplicates, "damaged": len(checked.damaged)}
    if as_json:
        click.echo(json.dumps(by_model))
        return
    names = ["answers", "tokens", "bytes", "segments", "garbage_bytes", *(["duplicates", "damaged"] if deep else [])]
    click.echo("  ".join(["model".ljust(32), *(name.rjust(15) for name in names)]))
    for model, row in by_model.items():
        click.echo("  ".join([model.ljust(32), *(f"{row[name]:,}".rjust(15) for name in names)]))


@store.command("check")
def check_all() -> None:
    """Read every record of every model and list what is damaged. Exit code 1 if anything is."""
    damaged = 0
    for model in _models():
        with _opened(model) as opened:
            checked = check(opened)
        _tell(opened, checked)
        damaged += len(checked.damaged)
        click.echo(
            f"{model}: {checked.records} records, {checked.duplicates} duplicates, {len(checked.torn)} torn, "
            f"{len(checked.damaged)} damaged"
        )
    if damaged:
        raise click.ClickException(f"{damaged} damaged: `limo store gc` drops them, and they are drawn again")


@store.command()
@click.argument("model")
@click.argument("out", metavar="OUT.jsonl.zst", type=click.Path(dir_okay=False, path_type=Path))
def export(model: str, out: Path) -> None:
    """Write all answers of MODEL, in the order of their keys: rows of fingerprint, key, text, tokens, stop."""
    from limo.store import exchange  # noqa: PLC0415  (its libraries take longer to load than `stats` runs)

    if not out.name.endswith(".jsonl.zst"):
        raise RefusedError(f"{out}: the name must end in .jsonl.zst")
    with _opened(_model(model)) as opened:
        click.echo(f"{out}: {exchange.write(opened, out)} answers")


@store.command("import")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
def import_files(files: tuple[Path, ...]) -> None:
    """Add the answers of exports, or of attempts tables such as data/screen_attempts.parquet.

    A model's first answer under a key stays. Exit code 2, and nothing of that file written, when a row is not right.
    """
    from limo.lines import jsonl  # noqa: PLC0415  (as in `export`)
    from limo.store import exchange  # noqa: PLC0415

    for path in files:
        try:
            added, present = exchange.read(path)
        except (jsonl.InputError, OSError) as error:
            raise RefusedError(str(error)) from error
        click.echo(f"{path}: {added} added, {present} present")


@store.command()
@click.argument("model", required=False)
def gc(model: str | None) -> None:
    """Drop damaged records, duplicates and torn ends, of MODEL or of all; refused while a process writes there."""
    for chosen in [_model(model)] if model else _models():
        with _opened(chosen) as opened:
            collected = collect(opened)
        checked = collected.checked
        _tell(opened, checked)
        click.echo(
            f"{chosen}: {len(checked.damaged)} damaged, {checked.duplicates} duplicates, {len(checked.torn)} torn; "
            f"{collected.freed} bytes freed"
        )


@contextmanager
def _opened(model: str) -> Iterator[Store]:
    try:
        with open_store(model) as opened:
            yield opened
    except HeldError as error:
        raise RefusedError(str(error)) from error
    except (DamagedRecordError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _models() -> list[str]:
    return sorted(path.name for path in folder().glob("*") if (path / NAME).exists() or segments.numbers(path))


def _model(prefix: str) -> str:
    models = _models()
    matching = [model for model in models if model.startswith(prefix[:32])]
    if len(matching) == 1:
        return matching[0]
    fault = "begins the fingerprints of several models" if matching else "begins no model's fingerprint"
    listed = "".join(f"\n  {model}" for model in matching or models) or " nothing"
    raise RefusedError(f"{prefix!r} {fault}; {folder()} holds:{listed}")


def _tell(opened: Store, checked: Checked) -> None:
    for finding in checked.damaged:
        _line(opened, finding, finding.reason)
    for finding in checked.torn:
        _line(opened, finding, "torn: the end of a write that was killed or is under way, no damage")


def _line(opened: Store, finding: Finding, reason: str) -> None:
    path = segments.name(opened.path, finding.segment)
    click.echo(f"{path} offset {finding.offset}: {finding.size} bytes, key {finding.key or 'unknown'}: {reason}")
