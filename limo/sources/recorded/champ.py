"""Conversations that the package champ-dataset ships → records; used by recorded and import."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from limo.params import TraceChamp
from limo.sources.recorded.record import Said, TraceRow


def records(spec: TraceChamp) -> Iterator[tuple[str, str, TraceRow]]:
    """Place, revision and record of every problem of CHAMP (Mao et al., 2024): what one model said in several settings.

    A conversation ends with a solution, a request for a summary, and one sentence with the answer. Texts that several
    settings share are one attempt, since many fall back on the same prompt; one that was cut has no summary.

    Raises:
        ValueError: a setting is none of the package's.
    """
    revision = f"champ-dataset=={version('champ-dataset')}"
    for identifier, problem in sorted(_problems().items()):
        conversations = problem["conversations"]
        known = {name.partition("|")[2] for name in conversations}
        if unknown := [setting for setting in spec.settings if setting not in known]:
            raise ValueError(f"settings {unknown} are not among the package's: {sorted(known)}")
        said: dict[str, Said] = {}
        for setting in spec.settings:
            text, summary, stop = _ending(conversations[f"{spec.author}|{setting}"])
            said.setdefault(text, Said(text, stop=stop, summary=summary))
        yield identifier, revision, TraceRow(identifier, problem["_text"], list(said.values()), [])


def _ending(conversation: Mapping[str, Any]) -> tuple[str, str | None, str]:
    """The solution, the sentence after it, and why the solution ended."""
    solution, _, summary = conversation["messages"][-3:]
    return solution["text"] or "", summary["text"], "length" if solution["error"] else "eos"


@cache
def _problems() -> dict[str, Any]:
    data = json.loads((files("champ_dataset") / "dataset_files" / "v0.json").read_text(encoding="utf-8"))
    problems: dict[str, Any] = data["problems"]
    return problems
