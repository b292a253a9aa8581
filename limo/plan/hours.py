"""Models' shapes, the datasets' rows and how variants are trained → hours and money; used by `limo plan`."""

from collections.abc import Mapping
from dataclasses import dataclass

from limo import params
from limo.plan.lengths import trained
from limo.plan.memory import parameters


@dataclass(frozen=True)
class Hours:
    """What one variant takes: examples of an epoch, tokens of all epochs, hours, hours × devices, and money."""

    variant: str
    model: str
    rows: int
    tokens: float
    hours: float
    device_hours: float
    money: float


def hours(p: params.Params, shapes: Mapping[str, params.Shape]) -> list[Hours]:
    """Every variant in order, whose dataset's rows are known; those of a user's own file are not.

    Operations as the trainer counts them (`limo.training.speed`): 6·P a token and 12·layers·heads·head_size·n² an
    example of n tokens (PaLM, arXiv 2204.02311, appendix B), at `mfu` of the devices' peak.
    """
    planned = []
    for name, variant in p.variants.items():
        rows = _rows(p, variant.data)
        if rows is None:
            continue
        train, shape = p.training(name), shapes[variant.model]
        seen, examples = rows * train.epochs, trained(p, train)
        tokens = seen * sum(each.share * each.tokens for each in examples)
        squares = seen * sum(each.share * each.tokens**2 for each in examples)
        operations = 6 * parameters(shape) * tokens + 12 * shape.layers * shape.heads * shape.head_size * squares
        expected = p.plan.training
        device_hours = operations / (expected.mfu * expected.teraflops * 1e12) / 3600
        took = device_hours / (train.processes if train.device == "cuda" else p.plan.devices)
        money = device_hours * expected.price_per_hour
        planned.append(Hours(name, variant.model, rows, tokens, took, device_hours, money))
    return planned


def _rows(p: params.Params, path: str) -> int | None:
    """Rows of a dataset at most, by its path; a control has those of the dataset that it is like."""
    for dataset in p.every_dataset.values():
        if dataset.path == path:
            like = dataset.like if isinstance(dataset, params.RandomDataset) else None
            return dataset.rows if like is None else p.every_dataset[like].rows
    return None
