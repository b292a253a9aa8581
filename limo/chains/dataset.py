"""Tiers, pool and pass counts → the rows of a dataset, by its rule; used by dataset."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from limo import params
from limo.base.files import by_digest, digest
from limo.base.tables import of_sources
from limo.chains import rounds
from limo.chains.tiers import BEST_FIRST, DESCENDING
from limo.graph.schemas import DATASET

COUNTS = ("correct", "drawn", "stopped", "claimed")
SCREEN = [f"screen_{count}" for count in COUNTS]
RATE = ["rater", "raters", *(f"rate_{count}" for count in COUNTS)]


@dataclass(frozen=True)
class Material:
    """What datasets are made of.

    Attributes:
        tiers: TIERS rows. pool: POOL rows. screened, rated: their pass counts; null where a problem was not asked.
        sets: section `question_sets` of params.yaml. seed: its seed.
    """

    tiers: pl.DataFrame
    pool: pl.DataFrame
    screened: pl.DataFrame
    rated: pl.DataFrame
    sets: Mapping[str, params.QuestionSet]
    seed: int


def build(name: str, specs: Mapping[str, params.Dataset], material: Material) -> pl.DataFrame:
    """The rows of dataset `name` as a DATASET frame, one chain per question, with their whole history.

    Args:
        name: the dataset's key in `specs`, which also seeds a random choice.
        specs: all datasets of params.yaml that are made of the same chains, since one may have as many rows as another.
        material: those chains, and the history of their problems.

    Raises:
        ValueError: no chain fits the rule, or `like` names a dataset that itself has a `like`.
    """
    chosen = choose(name, specs, material)
    if chosen.is_empty():
        raise ValueError(f"datasets.{name} is empty: {_remedy(specs[name])}")
    problems = material.pool.rename({"level": "difficulty"})
    asked = material.screened.select("id", *SCREEN).join(material.rated.select("id", *RATE), on="id", how="left")
    return (
        chosen.join(problems, on="id", how="inner")
        .join(asked, on="id", how="left")
        .with_columns(decontamination=pl.lit("clean"))  # the pool holds no contaminated problem
        .rename({"chain": "solution"})
        .select(DATASET.names())
        .sort("id")
    )


def counts(spec: params.Dataset, tiers: pl.DataFrame, dataset: pl.DataFrame) -> dict[str, int | str]:
    """Chains in, kept and rejected, and the rows asked for, or the dataset that says how many."""
    kept = tiers.filter(tiers["chain_id"].is_in(dataset["chain_id"].to_list())).height
    assert kept == dataset.height, "a dataset holds a chain that the tiers do not"
    asked = getattr(spec, "like", None) or spec.rows
    return {"in": tiers.height, "kept": kept, "rejected": tiers.height - kept, "asked for": asked}


def choose(name: str, specs: Mapping[str, params.Dataset], material: Material) -> pl.DataFrame:
    """The TIERS rows of dataset `name`, at most `rows` of them and at most one per question.

    - `top`: the best chains of the `rows` questions of lowest rank (paper 4.1), so smaller ones are nested in larger
      ones (paper 5.5).
    - `level`: of each question with levels the highest-scoring chain of that level, for the `rows` questions whose
      best chain ranks highest; the same questions for every level (paper 5.1).
    - `random`: questions, then one usable chain of each, drawn by hash from the whole pool; selected or not. `like`
      replaces `rows` by those of another dataset.
    - `held_out`: as `random`, from the questions that no dataset of another rule holds.
    - `set`: questions of a set, drawn by hash from those with a usable chain, and the best of each; selected or not.

    All choose among the questions of the dataset's `sources` alone.
    """
    spec, tiers = specs[name], material.tiers
    problems = of_sources(material.pool, spec.sources)
    own = tiers if spec.sources is None else tiers.filter(pl.col("id").is_in(problems["id"].implode()))
    if isinstance(spec, params.TopDataset):
        return own.filter(pl.col("rank").is_not_null()).sort("rank").head(spec.rows)
    if isinstance(spec, params.LevelDataset):
        return _of_level(spec, own)
    if isinstance(spec, params.HeldOutDataset):
        return _drawn(name, spec.rows, _left(specs, material, problems), material.seed)
    if isinstance(spec, params.SetDataset):
        return _of_set(name, spec, material, own)
    rows = spec.rows
    if spec.like is not None:
        if getattr(specs[spec.like], "like", None) is not None:
            raise ValueError(f"datasets.{name}.like = {spec.like!r} itself has a `like`: name the dataset it copies")
        rows = choose(spec.like, specs, material).height
    if spec.levels is not None:
        problems = problems.filter(pl.col("level").is_in(spec.levels))
    return _drawn(name, rows, _usable(tiers, problems), material.seed)


def _usable(tiers: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
    return tiers.filter(pl.col("rejected").is_null() & pl.col("id").is_in(problems["id"].to_list()))


def _left(specs: Mapping[str, params.Dataset], material: Material, problems: pl.DataFrame) -> pl.DataFrame:
    """Usable chains of those of `problems` that are in no dataset but the held-out ones."""
    trained = [name for name, spec in specs.items() if not isinstance(spec, params.HeldOutDataset)]
    held = {problem for name in trained for problem in choose(name, specs, material)["id"]}
    return _usable(material.tiers, problems.filter(~pl.col("id").is_in(sorted(held))))


def _of_level(spec: params.LevelDataset, tiers: pl.DataFrame) -> pl.DataFrame:
    levelled = tiers.filter(pl.col("level").is_not_null())
    questions = levelled.filter(pl.col("best")).sort("rank").head(spec.rows)["id"].to_list()
    return (
        levelled.filter((pl.col("level") == spec.level) & pl.col("id").is_in(questions))
        .sort(BEST_FIRST, descending=DESCENDING)
        .unique("id", keep="first", maintain_order=True)
    )


def _of_set(name: str, spec: params.SetDataset, material: Material, tiers: pl.DataFrame) -> pl.DataFrame:
    members = rounds.questions(spec.questions, material.sets[spec.questions], material.pool, material.seed)
    best = (
        _usable(tiers, members).sort(BEST_FIRST, descending=DESCENDING).unique("id", keep="first", maintain_order=True)
    )
    drawn = by_digest(best["id"], material.seed, name)[: spec.rows]
    return best.filter(pl.col("id").is_in(drawn))


def _drawn(name: str, rows: int, usable: pl.DataFrame, seed: int) -> pl.DataFrame:
    first_chain: dict[str, str] = {}
    for problem, chain in usable.select("id", "chain_id").iter_rows():
        first = first_chain.get(problem)
        if first is None or digest(seed, name, chain) < digest(seed, name, first):
            first_chain[problem] = chain
    drawn = by_digest(first_chain, seed, name)[:rows]
    return usable.filter(pl.col("chain_id").is_in([first_chain[problem] for problem in drawn]))


def _remedy(spec: params.Dataset) -> str:
    if isinstance(spec, params.LevelDataset):
        return "no selected question has tiers.min_chains usable chains; lower it or raise teachers.*.draws"
    if isinstance(spec, params.TopDataset):
        return "no selected question has a usable chain; raise teachers.*.draws or tiers.max_tokens"
    if isinstance(spec, params.HeldOutDataset):
        return "the other datasets hold every problem with a usable chain; make them smaller"
    if isinstance(spec, params.SetDataset):
        return f"no question of {spec.questions} has a usable chain; give the set a teacher"
    return "no problem of these levels has a usable chain; widen `levels`"
