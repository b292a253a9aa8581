"""params.yaml → every model with its origin and its uses, for the page; used by report."""

from typing import Any

from limo import params
from limo.models.origin import origin


def models(p: params.Params) -> list[dict[str, Any]]:
    """Every model of the parameters: name, where it comes from, revision, licence, and the stages that use it."""
    uses: dict[str, list[str]] = {name: [] for name in p.models}
    asked = [("screen", p.screen.model), ("rate", p.rate.model)]
    taught = [(f"collect {name}", teacher.model) for name, teacher in p.teachers.items()]
    trained = [(f"train {name}", variant.model) for name, variant in p.variants.items()]
    for use, model in [*asked, *taught, *trained]:
        uses[model].append(use)
    return [
        {
            "name": name,
            "origin": origin(model)[0],
            "revision": origin(model)[1] or "a folder of the project",
            "licence": model.licence,
            "uses": uses[name],
        }
        for name, model in p.models.items()
    ]
