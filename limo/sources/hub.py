"""A data set of the Hugging Face hub → records; used by acquire, benchmarks and recorded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from limo.models.snapshot import Repository, held
from limo.params import HubSource, TraceHub
from limo.sources.local import mapped


def records(spec: HubSource) -> Iterator[dict[str, Any]]:
    """Yield the rows of a hub dataset in its order, streamed; a folder in place of `repo` is read from disk.

    Raises:
        ValueError, ConnectionError: as `rows`.
    """
    yield from mapped(rows(spec), spec, spec.revision)


def rows(spec: HubSource | TraceHub) -> Iterator[tuple[str, Any]]:
    """The rows of a hub dataset with their places, streamed; from the hub's cache where `limo fetch` has put all of it.

    Raises:
        ValueError: the revision is unpinned.
        ConnectionError: the hub, the dataset or the revision cannot be reached.
    """
    if spec.revision == "unpinned":
        raise ValueError(
            f"dataset {spec.repo!r} is unpinned: set `revision` to the 40-digit commit shown on its hub page, so that "
            "every run reads the same rows"
        )
    import datasets  # noqa: PLC0415  (3 s, paid only by those who use it)

    folder = None if Path(spec.repo).is_dir() else held(Repository("dataset", spec.repo, spec.revision, None))
    try:
        stream = datasets.load_dataset(
            str(folder or spec.repo), name=spec.config, split=spec.split, revision=spec.revision, streaming=True
        )
        for number, row in enumerate(stream, 1):
            yield f"row {number}", row
    except OSError as error:
        raise ConnectionError(
            f"dataset {spec.repo!r} at {spec.revision} cannot be read: {error}. On a machine without network, use a "
            "source of `kind: files`, or fill the hub's cache with `limo fetch --download` and set HF_HUB_OFFLINE=1"
        ) from error
