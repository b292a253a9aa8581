"""Planned stages and the store → how many of each stage's draws are stored already; used by `limo plan --store`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from limo import params
from limo.chains import rounds
from limo.generation import task
from limo.generation.attempts import asked
from limo.generation.task import Task
from limo.graph import outs, places
from limo.models.load import fingerprint, load_tokenizer
from limo.plan.forecast import Planned
from limo.store.store import open_store


def held(p: params.Params, planned: Sequence[Planned], root: Path) -> dict[str, tuple[int, int]]:
    """Of every stage whose problems are there to be counted: how many of its possible draws the store holds, and how
    many there are.

    Models are identified and prompts written as the stage does it, but no model is loaded. Answers to benchmarks are
    left out: most of their models come from training.

    Raises:
        FileNotFoundError: a model or its tokenizer is not there; the message says which stage makes it.
    """
    entered = {stage.name for stage in planned if stage.figures != "expected"}
    return {
        each.stage: _count(
            rounds.asked(pl.read_parquet(root / path), sources), replace(each, folder=root / each.folder), p
        )
        for each, path, sources in _entering(p)
        if each.stage in entered and (root / path).is_file()
    }


def _entering(p: params.Params) -> Iterator[tuple[Task, str, Sequence[str] | None]]:
    """Every task whose model is a base model, the table that its problems come from, and the sources that it is for."""
    if isinstance(p.screen, params.AskedRater):
        yield task.screen(p), outs.POOL.path, p.screen.sources
    for name, rater in p.rate.raters.items():
        if isinstance(rater, params.AskedRater):
            yield task.rate(p, name), outs.SCREENED.path, rater.sources
    base = {places.base_model(name).path for name in p.models}
    for name, teacher in p.teachers.items():
        if teacher.path in base:  # a trained one may not be there yet
            yield task.teacher(p, name), teacher.questions, teacher.sources


def _count(problems: pl.DataFrame, each: Task, p: params.Params) -> tuple[int, int]:
    there = possible = 0
    model = fingerprint(each.folder)
    with open_store(model) as store:
        for problem in asked(problems, each, p, model, load_tokenizer(each.folder)):
            there += sum(store.holds(problem.key(draw)) for draw in range(len(problem.seeds)))
            possible += len(problem.seeds)
    return there, possible
