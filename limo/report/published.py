"""Results that others report, and ours → both side by side, with what their protocols differ in; used by report."""

from collections.abc import Iterator, Mapping, Sequence
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

    Args:
        p: all parameters; `evaluate.published` says which models a candidate stands beside.
        evaluation: as in metrics/evaluation.json.

    Returns:
        Rows of candidate, benchmark, model, by, reference; value and spread, in shares; ours with low and high;
        apart, whether the value lies outside our interval; differs, the fields of the protocol that are not as ours.

    Raises:
        ValueError: a model of `evaluate.published` is not in published.yaml.
    """
    if not p.candidates:
        return []
    known = {entry["model"] for entry in published()}
    if unknown := {model for models in p.evaluate.published.values() for model in models} - known:
        raise ValueError(f"evaluate.published names {sorted(unknown)}; results are known of {sorted(known)}")
    return [
        _row(name, benchmark, entry, evaluation[name][benchmark], differing(protocol(p, benchmark), entry["protocol"]))
        for name, models in p.evaluate.published.items()
        for benchmark in p.evaluate.protocols
        for entry in published()
        if entry["model"] in models and benchmark in entry["values"]
    ]


def protocol(p: params.Params, benchmark: str) -> Row:
    """How we measure a benchmark, in the fields of published.yaml."""
    ours = p.evaluate.protocols[benchmark].model_dump()
    return {**ours, "max_tokens": p.evaluate.max_tokens, "system": bool(p.prompt.system)}


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


def _row(name: str, benchmark: str, entry: Row, figures: Mapping[str, float], differs: Sequence[str]) -> Row:
    value, spread = entry["values"][benchmark] / 100, entry.get("spread", {}).get(benchmark)
    return {
        "candidate": name,
        "benchmark": benchmark,
        **{key: entry[key] for key in ("model", "by", "reference")},
        "value": value,
        "spread": None if spread is None else spread / 100,
        "ours": figures["pass_at_1"],
        "low": figures["low"],
        "high": figures["high"],
        "apart": not figures["low"] <= value <= figures["high"],
        "differs": differs,
    }
