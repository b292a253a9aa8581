"""Results that others report, and ours → both side by side, with what their protocols differ in; used by report."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from limo import params

Row = dict[str, Any]


@cache
def published() -> tuple[Row, ...]:
    """The entries of published.yaml: model, by, reference, protocol, values and perhaps spread, in percent."""
    from ruamel.yaml import YAML  # noqa: PLC0415  (as limo.params)

    text = resources.files("limo.report").joinpath("published.yaml").read_text(encoding="utf-8")
    return tuple(YAML(typ="safe", pure=True).load(text))


def beside(p: params.Params, evaluation: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Every published result of a benchmark that we measured too, with the candidate that stands beside it.

    Of several protocols of ours that which differs in the fewest fields is taken, the first of equals.

    Args:
        p: all parameters; `evaluate.published` says which models a candidate stands beside.
        evaluation: as in metrics/evaluation.json.

    Returns:
        Rows of candidate, benchmark (the name of our exam), model, by, reference; value and spread, in shares; ours
        with low and high; apart, whether the value lies outside our interval; differs, the fields of the protocol that
        are not as ours.

    Raises:
        ValueError: a model of `evaluate.published` is not in published.yaml.
    """
    if not p.candidates:
        return []
    known = {entry["model"] for entry in published()}
    if unknown := {model for models in p.evaluate.published.values() for model in models} - known:
        raise ValueError(f"evaluate.published names {sorted(unknown)}; results are known of {sorted(known)}")
    return [
        _row(name, benchmark, entry, evaluation[name], _nearest(p, benchmark, entry["protocol"]))
        for name, models in p.evaluate.published.items()
        for benchmark in p.evaluate.benchmarks
        for entry in published()
        if entry["model"] in models and benchmark in entry["values"]
    ]


def _nearest(p: params.Params, benchmark: str, theirs: Row) -> tuple[str, list[str]]:
    """The exam of a benchmark whose protocol is nearest to theirs, and the fields in which it differs."""
    exams = {name: exam for name, exam in params.exams(p.evaluate).items() if exam.benchmark == benchmark}
    candidates = [(name, differing(protocol(p, exam.protocol), theirs)) for name, exam in exams.items()]
    return min(candidates, key=lambda each: len(each[1]))


def protocol(p: params.Params, rule: params.Protocol) -> Row:
    """A protocol of ours in the fields of published.yaml."""
    return {**rule.model_dump(), "system": bool(params.system(p.prompt, rule))}


def differing(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """The fields in which a published protocol is not ours, or not stated; all greedy answers have the same top_p."""
    return list(_differing(ours, theirs))


def _differing(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    greedy = ours["temperature"] == theirs["temperature"] == 0
    words = {True: "with", False: "without"}
    for field, value in theirs.items():
        if field == "top_p" and greedy:
            continue
        if value is None:
            yield f"{field} not stated"
        elif value != ours[field]:
            yield f"{field} {words.get(value, value) if field == 'system' else f'{value:g}'}"


def _row(
    name: str, benchmark: str, entry: Row, evaluated: Mapping[str, Mapping[str, float]], nearest: tuple[str, list[str]]
) -> Row:
    value, spread = entry["values"][benchmark] / 100, entry.get("spread", {}).get(benchmark)
    exam, differs = nearest
    figures = evaluated[exam]
    return {
        "candidate": name,
        "benchmark": exam,
        **{key: entry[key] for key in ("model", "by", "reference")},
        "value": value,
        "spread": None if spread is None else spread / 100,
        "ours": figures["pass_at_1"],
        "low": figures["low"],
        "high": figures["high"],
        "apart": not figures["low"] <= value <= figures["high"],
        "differs": differs,
    }
