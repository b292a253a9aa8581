"""A model of params.yaml → where it comes from; used by report and release."""

from limo import params


def origin(model: params.Model) -> tuple[str, str | None]:
    """The repository or package of a model and its pinned revision; of a folder the path, which nothing pins."""
    if isinstance(model, params.HubModel):
        return model.repo, model.revision
    if isinstance(model, params.PackagedModel):
        return model.package, model.version
    return model.path, None
