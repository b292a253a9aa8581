"""A repository's last commit → a verdict on every out after a rebuild from nothing; used by `limo verify`."""

import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from limo.graph import lock
from limo.graph.error import VerifyError
from limo.graph.lock import Stage
from limo.proof import cache, clone, difference, hardware, replay
from limo.proof.hardware import HardwareClass

IDENTICAL, DIFFERENT, TAKEN, NOT_BUILT, NOT_RECORDED = "identical", "different", "taken", "not built", "not recorded"


@dataclass(frozen=True)
class OutVerdict:
    """The verdict on one out; md5 are DVC's, `inputs` what its stage was given differently from dvc.lock."""

    path: str
    stage: str
    state: str
    committed: str | None
    rebuilt: str | None
    difference: str
    inputs: list[str]


@dataclass(frozen=True)
class Proof:
    """What a rebuild showed, out by out in the order of dvc.lock."""

    commit: str
    outs: list[OutVerdict]
    not_asked_for: int
    hardware: list[HardwareClass]

    @property
    def holds(self) -> bool:
        """Whether every out that was asked for is identical or taken."""
        return all(out.state in {IDENTICAL, TAKEN} for out in self.outs)


@dataclass(frozen=True)
class Scope:
    """Which stages a rebuild is about: outs of the `given` are taken, the `blocked` lack a model that is missing.

    `stale` names what the given would be given now that is not what dvc.lock records.
    """

    wanted: set[str]
    given: set[str]
    missing: set[str]
    blocked: set[str]
    stale: dict[str, list[str]]


def prove(
    repository: Path,
    targets: Sequence[str],
    *,
    data: bool,
    replayed: bool,
    verbose: bool,
    say: Callable[[str], None],
) -> Proof:
    """Scope the last commit in a temporary clone from nothing and compare every out with the committed dvc.lock.

    The clone has no cache, no run cache and an empty generation store.

    Args:
        repository: the root of a git repository with a committed dvc.lock.
        targets: stages, groups of stages or outs, which are rebuilt with all they need; none means everything.
        data: rebuild the stages that need no model instead.
        replayed: take the outs of stages that sample, fetch or train from the cache or the remote.
        verbose: say all that the stages print, instead of a line per stage.
        say: gets progress and warnings.

    Raises:
        VerifyError: the proof cannot be run, or a stage failed in the clone.
    """
    commit, changed = clone.head(repository)
    if changed:
        say(f"warning: {commit[:10]} is verified, without the changes of {', '.join(changed)}")
    with tempfile.TemporaryDirectory(prefix="limo-verify-") as name:
        room = Path(name)
        clone.clone(repository, commit, room / "clone")
        stages = lock.read(room / "clone/dvc.lock")
        wanted = _wanted(stages, targets, data=data, replayed=replayed)
        clone.keep(room / "clone", (out for one in wanted for out in stages[one].outs), room / "kept")
        scope = _take(repository, stages, wanted, room, say) if replayed else Scope(wanted, set(), set(), set(), {})
        (room / "clone/dvc.lock").unlink()
        built = scope.wanted - scope.blocked
        # Without names DVC also runs the stages that dvc.lock does not know.
        names = [] if built == stages.keys() else sorted(built)
        clone.repro(room / "clone", names, len(built), verbose=verbose, say=say)
        rebuilt = lock.read(room / "clone/dvc.lock")
        outs = [
            _out(repository, room, stages, rebuilt, scope, one, path)
            for one in stages
            if one in wanted
            for path in stages[one].outs
        ]
        outs += [
            OutVerdict(path, one.name, NOT_RECORDED, None, md5, "dvc.lock does not know it: `dvc repro` and commit", [])
            for one in rebuilt.values()
            for path, md5 in one.outs.items()
            if path not in {out for stage in stages.values() for out in stage.outs}
        ]
        units = _units(repository, room, outs, stages)
    return Proof(commit, outs, sum(len(stages[one].outs) for one in stages.keys() - wanted), units)


def _wanted(stages: dict[str, Stage], targets: Sequence[str], *, data: bool, replayed: bool) -> set[str]:
    if data:
        without_models = lock.data(stages)
        if not without_models:
            raise VerifyError("every stage of dvc.lock needs a model: nothing to verify with --data")
        return without_models
    if not targets:
        return set(stages)
    return lock.needed(stages, lock.named(stages, targets), lock.of_models(stages) if replayed else ())


def _take(
    repository: Path, stages: dict[str, Stage], wanted: set[str], room: Path, say: Callable[[str], None]
) -> Scope:
    given = lock.of_models(stages) & wanted
    taken = replay.take(repository, stages, given, room / "taken", say)
    # A model that nothing was computed for, as a packaged one, can be fetched anew; with it its whole group is.
    lacking = {
        name for name in given if not stages[name].outs.keys() <= taken and not lock.sources(stages[name], stages)
    }
    given -= {name for name in given if stages[name].group in {stages[one].group for one in lacking}}
    missing = {out for name in given for out in stages[name].outs} - taken
    for out in missing:
        replay.hold_place(room / "taken", out)
    stale = replay.stale(room / "clone", given) if given else {}
    replay.instead(room / "clone", given, room / "taken")
    return Scope(wanted, given, missing, _blocked(stages, wanted - given, missing), stale)


def _blocked(stages: dict[str, Stage], names: set[str], missing: Collection[str]) -> set[str]:
    """The stages that read a missing out, or what such a stage would make."""
    lost, blocked = set(missing), set[str]()
    while True:
        new = {
            name for name in names - blocked if any(lock.overlap(dep, out) for dep in stages[name].deps for out in lost)
        }
        if not new:
            return blocked
        blocked |= new
        lost |= {out for name in new for out in stages[name].outs}


def _out(
    repository: Path,
    room: Path,
    stages: dict[str, Stage],
    rebuilt: dict[str, Stage],
    scope: Scope,
    name: str,
    path: str,
) -> OutVerdict:
    committed, now = stages[name].outs[path], rebuilt[name].outs.get(path) if name in rebuilt else None
    if path in scope.missing:
        reason = f"neither in the cache nor on the remote: dvc pull {path}"
        return OutVerdict(path, name, NOT_BUILT, committed, None, reason, [])
    if now is None:
        reason = "needs a model that is missing" if name in scope.blocked else "dvc.yaml no longer makes it"
        return OutVerdict(path, name, NOT_BUILT, committed, None, reason, [])
    if now == committed and name in scope.given:
        return OutVerdict(path, name, TAKEN, committed, now, "", scope.stale.get(name, []))
    if now == committed:
        return OutVerdict(path, name, IDENTICAL, committed, now, "", [])
    inputs = lock.changed(stages[name], rebuilt[name])
    return OutVerdict(path, name, DIFFERENT, committed, now, _difference(repository, room, path, committed), inputs)


def _difference(repository: Path, room: Path, path: str, md5: str) -> str:
    try:
        held = _committed(repository, room, path, md5)
        if held is None:
            return f"the committed bytes are not here: dvc pull {path}"
        return difference.first(path, held, cache.on_disk(room / "clone" / path))
    except VerifyError as error:
        return str(error)


def _committed(repository: Path, room: Path, path: str, md5: str) -> cache.Files | None:
    """The committed files of an out: those that git holds, else those in the cache, whose bytes are checked."""
    if (room / "kept" / path).exists():
        return cache.on_disk(room / "kept" / path)
    held = cache.files(cache.folder(repository), md5)
    if held is not None:
        cache.check(path, held)
    return held


def _units(repository: Path, room: Path, outs: list[OutVerdict], stages: dict[str, Stage]) -> list[HardwareClass]:
    """Which hardware the outs record, each with what this machine would record in its place."""
    paths_by_unit: dict[tuple[str, str], list[str]] = {}
    for out in outs:
        stage = stages.get(out.stage)
        if stage is None or not stage.is_of_models or out.path.startswith(lock.MODELS):
            continue
        place = _recorded(repository, room, out)
        for unit in hardware.recorded(place, out.path) if place is not None else ():
            paths_by_unit.setdefault((stage.name, unit), []).append(out.path)
    names = sorted({name for name, _ in paths_by_unit})
    here = hardware.present(names, room / "clone/params.yaml") if names else {}
    merged: dict[tuple[str, str], list[str]] = {}
    for (name, unit), paths in paths_by_unit.items():
        merged.setdefault((unit, here[name]), []).extend(paths)
    return [HardwareClass(paths, unit, now) for (unit, now), paths in merged.items()]


def _recorded(repository: Path, room: Path, out: OutVerdict) -> Path | None:
    """Where the committed bytes of an out are, if they are here and whole."""
    if out.state in {IDENTICAL, TAKEN}:
        return room / "clone" / out.path
    if out.state != DIFFERENT or out.committed is None:
        return None
    try:
        held = _committed(repository, room, out.path, out.committed)
    except VerifyError:  # the table says it, next to the out
        return None
    return held.get("") if held is not None else None
