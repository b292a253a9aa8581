"""Datasets and models, and what the graph found → their cards in Markdown; used by release."""

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from markupsafe import Markup

from limo import params
from limo.graph import outs, places
from limo.models.origin import origin
from limo.quality.recipes import weights
from limo.release import licences
from limo.release.facts import Facts, counted, guarded, hits, origins, spoken
from limo.release.markdown import commands, front_matter, templates

Entry = Mapping[str, Any]

# What is measured of the text of a chain, whether the recipe weighs it or not.
MEASURED_AS = {
    "thought": "characters of the solution, from its beginning, that are its thought; null without one",
    "steps": "steps, which are lines or lines that belong together",
    "flow": "terms that neighbouring steps share, of the step with fewer",
    "known": "share of a step's terms that the question or an earlier step has",
    "grounded": "share of numbers that are given, small, earlier or in a true equality",
    "computed": "share of steps with an equality that recomputes as true",
    "false": "equalities that do not hold",
    "sound": "share of decided equalities that hold",
    "adapt": "rank correlation of a step's words with its share of new terms",
    "support": "steps in which the answer stands",
    "repeats": "share of words in sentences that stood before",
    "loop": "how often one passage stands in a row",
    "boxes": "different answers in boxes",
    "foreign": "share of letters in another script than the solution's own",
}
SCALED_AS = {
    "length": "length",
    "verify": "frequency of verification words",
    "explore": "frequency of tentative words",
    "connect": "frequency of connectives",
    **{name: f"`{name}`" for name in MEASURED_AS if name not in {"thought", "loop", "boxes"}},
    "votes": "`votes`",
}
COLUMNS = {
    "question": "the problem",
    "solution": "the chosen reasoning chain",
    "answer": "the reference answer that the chain reaches",
    "id": "sha256 of the canonical problem text",
    "chain_id": "16 hex digits over problem and chain",
    "domain": "field of mathematics, where the source names one",
    "difficulty": "level that the source gives, 1 easiest",
    "source": "key of the source in params.yaml",
    "source_id": "id within the source",
    "source_revision": "pinned revision of the source",
    "licence": "licence of the text",
    "duplicates": "source:source_id of every row merged into this one",
    "decontamination": "verdict against all benchmarks",
    "screen_correct": "correct draws of the screening model",
    "screen_drawn": "draws of the screening model",
    "screen_stopped": "true where screening stopped early, so its counts are lower bounds",
    "screen_claimed": "true where the publisher's counts were taken, of which no text was judged",
    "rater": "the rater that decided, or the strongest",
    "rate_correct": "correct draws of that rater",
    "rate_drawn": "draws of that rater",
    "rate_stopped": "true where rating stopped early, so its counts are lower bounds",
    "rate_claimed": "true where the publisher's counts were taken, of which no text was judged",
    "raters": "counts of every rater: correct, drawn, asked for, stopped early, claimed",
    "teacher": "who wrote the chain: `solutions` for the source itself, else a model or teacher",
    "round": "round of chains that it was written in: 0, or a further one, of a model trained on earlier chains",
    "origin": "where it lies in what the teacher wrote: solution:STYLE, sample:INDEX or import:INDEX",
    "author": "who wrote the chain: a model, a person, or a source that names nobody",
    "author_kind": "model, human or expert; null where it is not known",
    "chain_revision": "pinned version of where the chain comes from, or the hash of the model's weights",
    "chain_licence": "licence of the chain; null of what a model drew here",
    "claimed": "verdict on the chain that its publisher claims",
    "seed": "seed of a sampled chain",
    "tokens": "tokens of the chain",
    "truncated": "true where the chain was cut or exceeds the length gate",
    **MEASURED_AS,
    "votes": "share of comparisons that judges of chains decide for it; null where there was none",
    **{f"{name}_z": f"scaled {meaning}, 0 to 1" for name, meaning in SCALED_AS.items()},
    "score": "weighted sum of scaled measures, by the recipe below",
    "rank": "rank among the best chains of all questions, 1 best",
    "level": "quality level within the question, 5 best; null where it has too few chains",
    "withheld": "true where question, solution and answer are null because their licence may not permit releasing them",
}
SCALERS = {
    "rank": "its rank among all correct chains, from 0 to 1",
    "minmax": "its place between the least and the greatest value of all correct chains, from 0 to 1",
    "winsorised": "its place between the 5 % and the 95 % quantile of all correct chains, from 0 to 1",
}


def formula(weighed: Mapping[str, float]) -> str:
    """The score as a sum, a negative weight on the reversed measure."""
    terms = [
        (f"{abs(weight):.4g}", f"{name}_z" if weight > 0 else f"(1 − {name}_z)") for name, weight in weighed.items()
    ]
    return " + ".join(f"{weight} × {measure}" for weight, measure in terms)


def slug(p: params.Params, name: str) -> str:
    """The name of a released dataset or model as hubs and Croissant write it."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", f"{p.release.name}-{name}").strip("-.")


def size(rows: int) -> str:
    """The class of size by which hubs sort datasets."""
    steps = [(1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M")]
    return next((name for limit, name in steps if rows < limit), "n>1M")


def dataset_card(p: params.Params, name: str, table: pl.DataFrame, facts: Facts, released: Entry, out: Entry) -> str:
    """The card of dataset `name` as Markdown with the front matter that hubs read.

    Args:
        p: all parameters.
        table: its released rows (DATASET or WITHHELD).
        facts: metrics and tables that are cited.
        released, out: manifest entries of the released file and of the graph's own, which holds withheld text too.
    """
    withheld = table.filter(pl.col("withheld")) if "withheld" in table.columns else table.clear()
    shown = table.filter(~pl.col("withheld")) if "withheld" in table.columns else table
    file = str(released["path"]).rsplit("/", 1)[-1]
    spec = p.every_dataset[name]
    matter = {
        "pretty_name": f"{p.release.name} {p.release.version} {name}",
        **licences.all_for_hub(licence for licence in shown["licence"].unique()),
        **({"language": languages} if (languages := spoken(shown, facts)) else {}),
        "task_categories": ["text-generation"],
        "size_categories": [size(table.height)],
        "tags": ["mathematics", "reasoning", "croissant"],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": file}]}],
    }
    return _card(
        "dataset_card.md.j2",
        matter,
        p=p,
        exams=params.exams(p.evaluate),
        name=name,
        rule={key: value for key, value in spec.model_dump().items() if key != "path"},
        alone=p.round_datasets[name].round if name in p.round_datasets else None,
        table=table,
        file=file,
        released=released,
        out=out,
        facts=facts,
        sources=origins(table),
        withheld=counted(withheld, "licence"),
        teachers=counted(table, "teacher", "round"),
        rated=counted(table, "rater", "rate_correct", "rate_drawn", "rate_stopped", "rate_claimed"),
        raters={name: rater.model_dump() | {"name": rater.name} for name, rater in p.raters.items()},
        guarded=guarded(facts),
        hits=hits(facts),
        scaler=SCALERS[p.score.scaler],
        formula=formula(weights(p.score)),
        columns={column: COLUMNS[column] for column in table.columns},
        rebuild=_rebuild(p, outs.datasets(p)[name].stage, spec.path),
    )


def model_card(p: params.Params, name: str, facts: Facts, files: Sequence[Entry], md5: str, withheld: int) -> str:
    """The card of variant `name` as Markdown with the front matter that hubs read.

    Args:
        p: all parameters.
        facts: metrics and tables that are cited; every candidate is shown beside this one.
        files: manifest entries of the model's files. md5: the hash that DVC records for its folder.
        withheld: rows that it was trained on and whose text is not released.
    """
    variant, folder = p.variants[name], places.model(name).path
    base = p.models[variant.model]
    dataset = p.trained_on(name)
    candidate = next((key for key, place in p.candidates.items() if place == folder), None)
    scores = _scores(facts.evaluation)
    matter = {
        **licences.for_hub(base.licence),
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["mathematics", "reasoning", "sft"],
        "datasets": [slug(p, dataset)],
        **({"base_model": base.repo} if isinstance(base, params.HubModel) else {}),
        **({"model-index": [_results(slug(p, name), scores, candidate)]} if candidate else {}),
    }
    return _card(
        "model_card.md.j2",
        matter,
        p=p,
        exams=params.exams(p.evaluate),
        name=name,
        base=_origin(base),
        licence=base.licence,
        dataset=dataset,
        dataset_name=slug(p, dataset),
        data=variant.data,
        train=p.training(name),
        training=facts.training[name],
        candidate=candidate,
        scores=scores,
        differences=facts.comparisons,
        parameters=sum(file.get("parameters", 0) for file in files),
        files=files,
        md5=md5,
        folder=folder,
        withheld=withheld,
        rebuild=_rebuild(p, f"train@{name}", folder),
    )


def _origin(model: params.Model) -> str:
    between = " at " if isinstance(model, params.HubModel) else " "
    return between.join(part for part in origin(model) if part is not None)


def _scores(evaluation: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """(candidate, benchmark, figures), the mean of a candidate's benchmarks last."""
    return [
        (name, benchmark, benchmarks[benchmark])
        for name, benchmarks in evaluation.items()
        for benchmark in sorted(benchmarks, key=lambda benchmark: (benchmark == "mean", benchmark))
    ]


def _results(name: str, scores: Sequence[tuple[str, str, Mapping[str, Any]]], candidate: str) -> dict[str, Any]:
    """A candidate's entry of the model index: pass@1 in percent, its interval in the name of the metric."""
    results = [
        {
            "task": {"type": "text-generation"},
            "dataset": {"type": benchmark, "name": benchmark},
            "metrics": [
                {
                    "type": "pass@1",
                    "name": f"pass@1 in %, 95 % interval {100 * figures['low']:.1f} to {100 * figures['high']:.1f}",
                    "value": round(100 * figures["pass_at_1"], 2),
                }
            ],
        }
        for whose, benchmark, figures in scores
        if whose == candidate and benchmark != "mean"
    ]
    return {"name": name, "results": results}


def _rebuild(p: params.Params, stage: str, path: str) -> Markup:
    """Commands that get or remake one out of the graph."""
    repository, path = p.release.repository or "REPOSITORY", shlex.quote(path)
    return commands(
        f"dvc get {repository} {path}   # this out alone, without a clone",
        f"git clone {repository} limo && cd limo",
        "make setup && source .venv/bin/activate",
        f"dvc pull {path}   # from the remote, or",
        f"dvc repro {stage}   # make it again from the raw sources",
        f"limo verify {stage}   # in a fresh clone with nothing cached, compared byte by byte",
    )


def _card(template: str, matter: dict[str, Any], **values: Any) -> str:
    return templates().get_template(template).render(front=front_matter(matter), **values)
