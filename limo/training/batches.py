from collections.abc import Sequence
from dataclasses import dataclass

from limo.tables import digest
from limo.training.examples import Example

Pass = tuple[Example, ...]


@dataclass(frozen=True)
class Step:
    """One optimiser step: its examples and how they are spread, `passes[rank][i]` being one packed forward pass."""

    epoch: int
    examples: tuple[Example, ...]
    passes: tuple[tuple[Pass, ...], ...]

    @property
    def trained(self) -> int:
        """Trained tokens of the whole step, over all ranks."""
        return sum(example.trained for example in self.examples)


def schedule(
    examples: Sequence[Example], *, seed: int, epochs: int, batch_size: int, budget: int, ranks: int
) -> list[Step]:
    """All optimiser steps of a run, in order.

    A step is `batch_size` whole examples, whatever the packing and the number of ranks; the last step of an epoch
    takes what is left. Every epoch has its own order, by hash, so a run can start at any step without replaying.

    Args:
        examples: at least one, each of at most `budget` tokens.
        seed: changes the order of the examples.
        epochs: how often every example is seen.
        batch_size: examples a step.
        budget: tokens a forward pass.
        ranks: number of processes.
    """
    steps = []
    for epoch in range(epochs):
        order = sorted(examples, key=lambda example: digest(seed, epoch, example.id))
        for start in range(0, len(order), batch_size):
            batch = tuple(order[start : start + batch_size])
            steps.append(Step(epoch, batch, pack(batch, budget, ranks)))
    return steps


def pack(examples: Sequence[Example], budget: int, ranks: int) -> tuple[tuple[Pass, ...], ...]:
    """Spread examples over ranks and forward passes: `result[rank][i]` holds at most `budget` tokens.

    Every rank gets the same number of passes, since under ZeRO-3 each pass is a collective; one without examples is
    an empty tuple. The fewest rounds of passes that longest-first, least-loaded-first placement reaches are used,
    and passes of similar size run side by side.

    Raises:
        ValueError: an example is longer than the budget.
    """
    ordered = sorted(examples, key=lambda example: (-len(example.ids), example.id))
    if len(ordered[0].ids) > budget:
        raise ValueError(f"example {ordered[0].id}: {len(ordered[0].ids)} tokens, over the {budget} of a forward pass")
    total = sum(len(example.ids) for example in ordered)
    rounds = -(-total // (budget * ranks))
    while True:
        bins = _place(ordered, budget, rounds * ranks)
        if bins is not None:
            break
        rounds += 1
    bins.sort(key=lambda placed: -sum(len(example.ids) for example in placed))
    return tuple(tuple(tuple(bins[r * ranks + rank]) for r in range(rounds)) for rank in range(ranks))


def _place(ordered: Sequence[Example], budget: int, count: int) -> list[list[Example]] | None:
    bins: list[list[Example]] = [[] for _ in range(count)]
    loads = [0] * count
    for example in ordered:
        least = loads.index(min(loads))
        if loads[least] + len(example.ids) > budget:
            return None
        bins[least].append(example)
        loads[least] += len(example.ids)
    return bins
