import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from markupsafe import Markup

from limo import params
from limo.report.page import templates

RELEASED = "limo"  # the dataset and the variant that are handed out
NAMED = 5  # rows that a refusal names
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
    "rate_correct": "correct draws of the rating model",
    "rate_drawn": "draws of the rating model",
    "rate_stopped": "true where rating stopped early, so its counts are lower bounds",
    "teacher": "who wrote the chain: `solutions` for the source itself, else a model or teacher",
    "origin": "where it lies in what the teacher wrote: solution:STYLE or sample:INDEX",
    "seed": "seed of a sampled chain",
    "tokens": "tokens of the chain",
    "truncated": "true where the chain was cut or exceeds the length gate",
    "length_z": "scaled length, 0 to 1",
    "verify_z": "scaled frequency of verification words, 0 to 1",
    "explore_z": "scaled frequency of tentative words, 0 to 1",
    "connect_z": "scaled frequency of connectives, 0 to 1",
    "score": "weighted sum of the four traits",
    "rank": "rank among the best chains of all questions, 1 best",
    "level": "quality level within the question, 5 best; null where it has too few chains",
}


def refuse_licences(dataset: pl.DataFrame, redistributable: Sequence[str]) -> None:
    """Stop a release that holds text which must not be handed out.

    Raises:
        ValueError: a row's licence is not among `redistributable`; the first rows and the remedy are named.
    """
    barred = dataset.filter(~pl.col("licence").is_in(list(redistributable)) | pl.col("licence").is_null()).sort("id")
    if barred.is_empty():
        return
    shown = barred.head(NAMED).select("source", "source_id", "licence").iter_rows()
    rows = ", ".join(f"{source}:{identifier} ({licence})" for source, identifier, licence in shown)
    more = ", …" if barred.height > NAMED else ""
    raise ValueError(
        f"{barred.height} of {dataset.height} rows may not be released: {rows}{more}; "
        "drop their source from params.yaml, or add the licence to release.redistributable if it permits this"
    )


def origins(dataset: pl.DataFrame) -> list[dict[str, Any]]:
    """Released rows by source, revision and licence: dicts of these and `rows`."""
    key = ["source", "source_revision", "licence"]
    return dataset.group_by(key).len("rows").sort(key).rows(named=True)


def dataset_card(p: params.Params, dataset: pl.DataFrame, funnel: Mapping[str, Any]) -> str:
    """The dataset card as Markdown with the front matter that hubs read."""
    licences = sorted(set(dataset["licence"].to_list()))
    matter = {
        "pretty_name": f"{p.release.name} {p.release.version}",
        "license": [licence.lower() for licence in licences],
        "task_categories": ["text-generation"],
        "tags": ["mathematics", "reasoning"],
        "configs": [{"config_name": "default", "data_files": Path(p.datasets[RELEASED].path).name}],
    }
    return _card(
        "dataset_card.md.j2",
        matter,
        p=p,
        rows=dataset.height,
        sources=origins(dataset),
        teachers=dataset.group_by("teacher").len("rows").sort("teacher").rows(named=True),
        tokens={"median": dataset["tokens"].median(), "most": dataset["tokens"].max()},
        truncated=int(dataset["truncated"].sum()),
        funnel=[(stage, funnel[stage]) for stage in ("pool", "screen", "rate", "select", "tiers")],
        columns=COLUMNS,
    )


def model_card(p: params.Params, evaluation: Mapping[str, Mapping[str, Any]], rows: int) -> str:
    """The model card as Markdown with the front matter that hubs read.

    Args:
        p: all parameters.
        evaluation: {candidate: {benchmark: figures}}; every candidate is shown beside the released model.
        rows: examples it was trained on.
    """
    base = p.models[p.variants[RELEASED].model]
    origin = {
        params.HubModel: lambda m: f"{m.repo} at {m.revision}",
        params.PackagedModel: lambda m: f"{m.package} {m.version}",
        params.LocalModel: lambda m: m.path,
    }[type(base)](base)
    matter = {
        "license": base.licence.lower(),
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        **({"base_model": base.repo} if isinstance(base, params.HubModel) else {}),
    }
    scores = [
        (name, benchmark, benchmarks[benchmark])
        for name, benchmarks in evaluation.items()
        for benchmark in sorted(benchmarks, key=lambda benchmark: (benchmark == "mean", benchmark))
    ]
    return _card("model_card.md.j2", matter, p=p, base=origin, licence=base.licence, rows=rows, scores=scores)


def manifest(files: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """{path: {sha256, bytes}} of files, by which whoever pulls them can check what came."""
    found = {}
    for path in sorted(files):
        with path.open("rb") as stream:
            found[path.as_posix()] = {
                "sha256": hashlib.file_digest(stream, "sha256").hexdigest(),
                "bytes": path.stat().st_size,
            }
    return found


def _card(template: str, matter: Mapping[str, Any], **values: Any) -> str:
    front = Markup(yaml.safe_dump(dict(matter), sort_keys=True, allow_unicode=True))  # noqa: S704 - YAML, not HTML
    return templates().get_template(template).render(front=front, **values)
