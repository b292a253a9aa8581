"""Planned stages and the memory of training → the tables that `limo plan` prints."""

from collections.abc import Mapping, Sequence

from limo.base.columns import aligned
from limo.params import Params, Plan, Shape
from limo.plan import memory
from limo.plan.cache import Cache
from limo.plan.checks import Foreseen
from limo.plan.disk import Disk
from limo.plan.forecast import Planned, total
from limo.plan.hours import Hours
from limo.plan.judging import Requests
from limo.plan.power import Shown
from limo.plan.trainings import Training, trainings

COSTS = ("answer_tokens", "device_hours", "money")
HEAD = ("stage", "engine", "figures", "in", "kept", "full", "decided", "paid", "prompt", "answer", "device-h", "money")


def generation(stages: Sequence[Planned], held: Mapping[str, tuple[int, int]] | None) -> str:
    """The table of the generating stages, their totals, and what early stopping saves at least; `held` is what
    `stored.held` found, None where the store was not looked at."""
    rows: list[tuple[str, ...]] = [HEAD]
    for each in stages:
        counts = (each.problems, each.kept, each.full, each.decided, each.paid)
        spent = (each.cost.prompt_tokens, each.cost.answer_tokens, each.cost.device_hours, each.cost.money)
        rows.append((each.name, each.engine, each.figures, *map(figure, counts), *map(figure, spent)))
    paid, full = total([each.cost for each in stages]), total([each.full_cost for each in stages])
    drawn = [sum(getattr(each, name) for each in stages) for name in ("full", "decided", "paid")]
    spent = (paid.prompt_tokens, paid.answer_tokens, paid.device_hours, paid.money)
    rows.append(("total", "", "", "", "", *map(figure, drawn), *map(figure, spent)))
    saved = (
        f"early stopping saves {figure(drawn[0] - drawn[2])} of {figure(drawn[0])} draws, "
        f"{figure(full.answer_tokens - paid.answer_tokens)} of {figure(full.answer_tokens)} answer tokens, "
        f"{figure(full.device_hours - paid.device_hours)} device-hours and money {figure(full.money - paid.money)}"
    )
    return "\n".join([*aligned(rows, left=3, indent=0), "", saved, _store(held)])


def _store(held: Mapping[str, tuple[int, int]] | None) -> str:
    if held is None:
        return "store: not looked at (--store); answers that it holds are not drawn again"
    if not held:
        return "store: no stage's problems are there yet to look for"
    there = ", ".join(f"{name} {figure(count)} of {figure(possible)}" for name, (count, possible) in held.items())
    return f"store: holds, of all possible draws, {there}; they are not drawn again"


def training(p: Params, shapes: dict[str, Shape]) -> str:
    """What every base model needs in every way that it is trained, and whether it fits; `shapes` by model."""
    if not p.variants:
        return "training: variants is empty, nothing is trained"
    ways = trainings(p)
    parts = ("weights", "state", "activations", "logits", "working", "reserve", "device", "host")
    rows: list[tuple[str, ...]] = [("model", "parameters", *parts)]
    verdicts = []
    for each in ways:
        shape = shapes[each.model]
        need = memory.need(shape, each.train, p.plan.reserve_gib)
        sizes = (f"{getattr(need, part) / memory.GIB:.1f}" for part in parts)
        rows.append((each.name, figure(memory.parameters(shape)), *sizes))
        verdicts.append(f"{each.model} {verdict(need, shape, each, p.plan)} (variants: {', '.join(each.variants)})")
    processes = " or ".join(map(str, dict.fromkeys(each.train.processes for each in ways)))
    title = f"training on {processes} of {p.plan.devices} devices, GiB of one device (host: of all)"
    return "\n".join([title, *aligned(rows, left=1, indent=0), "", *verdicts])


def hours(planned: Sequence[Hours]) -> str:
    """The table of what training takes; nothing where nothing is trained."""
    if not planned:
        return ""
    rows: list[tuple[str, ...]] = [("variant", "model", "rows", "tokens", "hours", "device-h", "money")]
    rows += [
        (each.variant, each.model, *map(figure, (each.rows, each.tokens, each.hours, each.device_hours, each.money)))
        for each in planned
    ]
    sums = (sum(getattr(each, name) for each in planned) for name in ("tokens", "hours", "device_hours", "money"))
    rows.append(("total", "", "", *map(figure, sums)))
    return "\n".join(["hours of training, one variant after the other", *aligned(rows, left=2, indent=0)])


def caches(found: Sequence[Cache], p: Params) -> str:
    """The table of the engines' caches; nothing where no model of known shape is asked on GPUs."""
    if not found:
        return ""
    rows: list[tuple[str, ...]] = [("engine", "model", "weights", "cache", "sequence", "longest", "held", "at once")]
    for each in found:
        sizes = (figure(part / memory.GIB) for part in (each.weights, each.room, each.mean, each.longest))
        row = (each.engine, each.model, *sizes, figure(each.held), figure(each.together))
        rows += [row] if row not in rows else []
    title = f"cache of keys and values on devices of {p.plan.device_memory_gib:g} GiB, GiB of one device"
    return "\n".join([title, *aligned(rows, left=2, indent=0)])


def disk(found: Disk, p: Params) -> str:
    """What lies on disk, in one line."""
    parts = ", ".join(f"{name} {figure(size / memory.GIB)}" for name, size in found.parts().items() if size)
    return f"disk: {figure(found.total / memory.GIB)} of {figure(p.plan.disk_gib)} GiB ({parts})"


def checks(found: Sequence[Foreseen]) -> str:
    """What a run would stop at, cut or leave idle, a line each."""
    if not found:
        return "checks: requests and examples of the planned sizes pass those of a run"
    return "\n".join(f"{'STOPS' if each.stops else 'note'}: {each.text}" for each in found)


def power(shown: Sequence[Shown], p: Params) -> str:
    """The table of the smallest differences that the draws can show; nothing where nothing is answered."""
    if not shown or not p.candidates:
        return ""
    rows: list[tuple[str, ...]] = [("benchmark", "figures", "problems", "draws", "points")]
    for each in shown:
        points = f"{100 * each.smallest:.1f}"
        rows.append((each.benchmark, each.figures, figure(each.problems), figure(each.draws), points))
    title = (
        "smallest difference of pass@1 between two candidates that is found in four of five runs, at a correlation of "
        f"{p.plan.power.correlation:g}"
    )
    return "\n".join([title, *aligned(rows, left=2, indent=0)])


def judges(planned: Sequence[Requests]) -> str:
    """The table of what judges of answers are asked, at least and at most; nothing where there is none."""
    if not planned:
        return ""
    rows: list[tuple[str, ...]] = [("judge", "engine", "answers", "requests", "answer", "device-h", "money")]
    for each in planned:
        costs = [each.least_cost, each.most_cost]
        spent = [_range(*(getattr(cost, name) if cost else None for cost in costs)) for name in COSTS]
        rows.append((each.judge, each.engine, figure(each.answers), _range(each.least, each.answers), *spent))
    title = "judges of answers: at least their share of all answers, at most all, in judgements of full length"
    return "\n".join([title, *aligned(rows, left=2, indent=0)])


def _range(least: float | None, most: float | None) -> str:
    return figure(most) if least == most else f"{figure(least)}–{figure(most)}"


def verdict(need: memory.Memory, shape: Shape, each: Training, plan: Plan) -> str:
    """`fits: ...`, or `does not fit: ...` with the least change under which it does."""
    sizes = f"needs {need.device / memory.GIB:.1f} GiB of {memory.room(each.train, plan) / memory.GIB:.1f}"
    if each.train.device == "cuda":
        sizes += f" and {need.host / memory.GIB:.0f} GiB of {plan.host_memory_gib:.0f} main memory"
    if each.train.device == "cuda" and each.train.processes > plan.devices:
        sizes += f" on {each.train.processes} devices of {plan.devices}"
    if memory.fits(need, each.train, plan):
        return f"fits: {sizes}"
    return f"does not fit: {sizes}; would with {memory.remedy(shape, each.train, plan, each.key)}"


def figure(value: float | None) -> str:
    """Three digits at most with k, M, G or T; a dash for None."""
    if value is None:
        return "-"
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= 0.9995 * size:
            return f"{_digits(value / size)}{unit}"
    return _digits(value)


def _digits(value: float) -> str:
    if abs(value) < 0.1:
        return f"{value:.2g}"
    places = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
