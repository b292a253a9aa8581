"""A params file and counted rows → what every stage that samples draws and costs; used by `limo plan` and report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from limo import params
from limo.generation import task
from limo.generation.task import Task
from limo.graph import outs
from limo.plan.counted import Counted, Rows
from limo.plan.course import mixed

Figures = Literal["expected", "in counted", "counted"]


@dataclass(frozen=True)
class Cost:
    """What draws cost: tokens of prompts and answers, hours of devices, and money in the unit of the prices."""

    prompt_tokens: float
    answer_tokens: float
    device_hours: float
    money: float


_NOTHING = Cost(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Planned:
    """One generating stage, called what DVC calls it. `kept` is None where a stage keeps all.

    `full` draws are those without early stopping, `decided` those that count with it, `paid` those started at most,
    which `cost` is for; `full_cost` is that of the full draws. `figures` says which of them are counted from an out.
    """

    name: str
    engine: str
    figures: Figures
    problems: float
    kept: float | None
    full: float
    decided: float
    paid: float
    cost: Cost
    full_cost: Cost


def stages(p: params.Params, rows: Rows) -> list[Planned]:
    """Every stage that asks a model, in the order of the graph, each fed by what the one before keeps.

    A screen of records stands there too, without draws, since it feeds the others; raters of records do not.
    Teachers come round by round; one that writes for a question set is asked at most all of its rows.
    """
    plan = p.plan
    pool = rows.pool if rows.pool is not None else plan.pool
    known: Figures = "expected" if rows.pool is None else "in counted"
    screen = _filter("screen", p.screen, plan.screen, plan, known, pool, rows.screened)
    left, known = screen.kept or 0, "expected" if rows.screened is None else "in counted"
    rate = [
        _filter(f"rate@{name}", rater, plan.rate, plan, known, left, rows.rated.get(name))
        for name, rater in p.rate.raters.items()
    ]
    # What several raters keep together is not known before they have run: at most what the strictest keeps.
    asked = [each for each in rate if isinstance(p.rate.raters[each.name.partition("@")[2]], params.AskedRater)]
    kept = rows.decided if rows.decided is not None else min(each.kept or 0 for each in asked or rate)
    chosen = {name: _chosen(teacher, rows.questions, p.select, kept) for name, teacher in p.teachers.items()}
    of_set = {outs.question_set(name).path: min(spec.rows, pool) for name, spec in p.question_sets.items()}
    collect = []
    for name, teacher in sorted(p.teachers.items(), key=lambda pair: pair[1].round):
        number = of_set.get(teacher.questions, chosen[name])
        counted = rows.pool if teacher.questions in of_set else rows.questions
        known = "expected" if counted is None else "in counted"
        collect.append(_fixed(task.teacher(p, name), plan.teachers[name], plan, known, number, number * teacher.draws))
    sizes = rows.benchmarks if rows.benchmarks is not None else plan.benchmarks
    known = "expected" if rows.benchmarks is None else "in counted"
    exams = params.exams(p.evaluate) if p.candidates else {}
    draws = sum(sizes.get(exams[exam].benchmark, 0) * drawn for exam, drawn in task.draws(p).items()) if exams else 0
    answer = [
        _fixed(task.candidate(p, name), plan.answer, plan, known, sum(sizes.values()), draws) for name in p.candidates
    ]
    return [screen, *asked, *collect, *answer]


def total(costs: Sequence[Cost]) -> Cost:
    """The sum of several costs."""
    return Cost(
        sum(cost.prompt_tokens for cost in costs),
        sum(cost.answer_tokens for cost in costs),
        sum(cost.device_hours for cost in costs),
        sum(cost.money for cost in costs),
    )


def cost(engine: params.EngineCost, sizes: params.Sizes, draws: float) -> Cost:
    """The cost of `draws` answers of mean size.

    On devices of one's own the answer tokens take the time and the time the money; a host charges for tokens.
    """
    prompt, answer = draws * sizes.prompt_tokens, draws * sizes.answer_tokens
    if isinstance(engine, params.HostedCost):
        money = (prompt * engine.price_per_million_in + answer * engine.price_per_million_out) / 1e6
        return Cost(prompt, answer, 0.0, money)
    hours = answer / engine.tokens_per_second / 3600 * engine.devices
    return Cost(prompt, answer, hours, hours * engine.price_per_hour)


def _filter(
    stage: str,
    rule: params.Rater,
    expected: params.FilterPlan,
    plan: params.Plan,
    known: Figures,
    problems: float,
    counted: Counted | None,
) -> Planned:
    """A stage that stops early; `known` says whence its problems are known, `counted` is what it did, once it ran.

    A record is not asked: it has no draws and costs nothing.
    """
    asked = isinstance(rule, params.AskedRater)
    kept: float
    decided: float
    paid: float
    if counted is not None:
        problems, kept, decided, paid = counted.problems, counted.kept, counted.decided, counted.paid
    else:
        pairs = ((each.rate, each.share) for each in expected.pass_rates)
        lookahead = rule.lookahead if isinstance(rule, params.AskedRater) else 1
        one = mixed(pairs, rule.draws, rule.min_correct, rule.max_correct, lookahead)
        kept, decided, paid = problems * one.keep, problems * one.decided * asked, problems * one.paid * asked
    full = problems * rule.draws * asked
    price = plan.engines.get(rule.engine) if asked else None
    return Planned(
        stage,
        rule.engine,
        "counted" if counted is not None else known,
        problems,
        kept,
        full,
        decided,
        paid,
        cost(price, expected, paid) if price else _NOTHING,
        cost(price, expected, full) if price else _NOTHING,
    )


def _fixed(
    asked: Task, sizes: params.Sizes, plan: params.Plan, figures: Figures, problems: float, draws: float
) -> Planned:
    """A stage without early stopping: every draw counts."""
    spent = cost(plan.engines[asked.engine], sizes, draws)
    return Planned(asked.stage, asked.engine, figures, problems, None, draws, draws, draws, spent, spent)


def _chosen(teacher: params.Teacher, questions: Mapping[str, int] | None, select: params.Select, rated: float) -> float:
    """The questions that a teacher writes for: where they are not counted by source, at most all of them."""
    if questions is None:
        return rated if select.rule == "all" else min(rated, select.rows)
    return sum(count for source, count in questions.items() if teacher.sources is None or source in teacher.sources)
