from collections.abc import Sequence
from pathlib import Path

import polars as pl

from limo import params
from limo.base.tables import kept
from limo.generation.attempts import asked
from limo.models.load import fingerprint
from limo.plan.stages import Stage
from limo.store.store import open_store


def held(p: params.Params, stages: Sequence[Stage], root: Path) -> dict[str, tuple[int, int]]:
    """Of every stage whose problems are there to be counted: how many of its possible draws the store holds, and how
    many there are.

    Models are identified and prompts written as the stage does it, but no model is loaded.

    Raises:
        FileNotFoundError: a model or its tokenizer is not there; the message says which stage makes it.
    """
    found = {}
    for stage in stages:
        if stage.figures == "expected":
            continue
        name, _, key = stage.name.partition(" ")
        if name in ("screen", "rate"):
            rule: params.Draws = getattr(p, name)
            source = pl.read_parquet(root / "data" / ("pool.parquet" if name == "screen" else "screened.parquet"))
            problems = source if name == "screen" else kept(source)
            found[stage.name] = _count(
                p, stage.name, problems, rule.model, rule.engine, rule.system, rule.draws, rule.sampling, root
            )
        elif name == "collect":
            teacher = p.teachers[key]
            problems = kept(pl.read_parquet(root / "data/questions.parquet"))
            found[stage.name] = _count(
                p,
                stage.name,
                problems,
                teacher.model,
                teacher.engine,
                teacher.system,
                teacher.draws,
                teacher.sampling,
                root,
            )
    return found


def _count(
    p: params.Params,
    stage: str,
    problems: pl.DataFrame,
    model: str,
    engine: str,
    system: str,
    draws: int,
    sampling: params.Sampling,
    root: Path,
) -> tuple[int, int]:
    folder = root / "models/base" / model
    with open_store(fingerprint(folder)) as store:
        series = asked(problems, folder, p.engines[engine], lambda _: (draws, sampling), system, stage, p.seed)
        there = sum(store.holds(problem.key(draw)) for problem in series for draw in range(draws))
    return there, problems.height * draws
