"""Examples → optimiser steps, packed alike over ranks and passes; used by the loop and validation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from limo.base.files import digest
from limo.params import Train
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

    @property
    def tokens(self) -> int:
        """Tokens of the whole step, prompts included, without filler."""
        return sum(len(example.ids) for example in self.examples)

    @property
    def filler(self) -> int:
        """Passes without examples, of one token each, which keep the ranks in step."""
        return sum(not packed for rank in self.passes for packed in rank)


def schedule(examples: Sequence[Example], seed: int, train: Train, ranks: int) -> list[Step]:
    """All optimiser steps of a run, in order.

    A step is `train.batch_size` whole examples, whatever the packing and the number of ranks; the last step of an
    epoch takes what is left. Every epoch has its own order, by hash, so a run can start at any step without replaying.

    Args:
        examples: at least one.
        seed: changes the order of the examples.
        train: `epochs`, `batch_size`, and what `pack` reads.
        ranks: number of processes.
    """
    steps = []
    for epoch in range(train.epochs):
        order = sorted(examples, key=lambda example: digest(seed, epoch, example.id))
        for start in range(0, len(order), train.batch_size):
            batch = tuple(order[start : start + train.batch_size])
            steps.append(Step(epoch, batch, pack(batch, train, ranks)))
    return steps


def cost(length: int, train: Train) -> float:
    """What a document of so many tokens costs in a pass: linear, as the matrices are, plus quadratic, as attention."""
    return length + train.cost_quadratic * length**2


def pack(examples: Sequence[Example], train: Train, ranks: int) -> tuple[tuple[Pass, ...], ...]:
    """Spread examples over ranks and forward passes: `result[rank][i]` holds at most `train.tokens_per_pass` tokens.

    An example beyond that budget is a pass of its own. Every rank gets the same number of passes, since under ZeRO-3
    each pass is a collective; one without examples is an empty tuple. The fewest rounds of passes that placing the
    longest first into the cheapest pass reaches are used; then examples move and change places as long as that makes
    the costliest pass cheaper. Passes of similar cost run side by side.
    """
    ordered = sorted(examples, key=lambda example: (-len(example.ids), example.id))
    total = sum(len(example.ids) for example in ordered)
    rounds = -(-total // (max(train.tokens_per_pass, len(ordered[0].ids)) * ranks))
    while (bins := _place(ordered, train, rounds * ranks)) is None:
        rounds += 1
    while _improve(bins, train):
        pass
    bins.sort(key=lambda placed: -_cost(placed, train))
    given: list[list[list[Example]]] = [[] for _ in range(ranks)]
    for r in range(rounds):
        # Of each round the costliest pass goes to the rank that had least so far.
        behind = sorted(given, key=lambda passes: sum(_cost(placed, train) for placed in passes))
        for passes, placed in zip(behind, bins[r * ranks : (r + 1) * ranks], strict=True):
            passes.append(placed)
    return tuple(tuple(map(tuple, passes)) for passes in given)


def _place(ordered: Sequence[Example], train: Train, count: int) -> list[list[Example]] | None:
    bins: list[list[Example]] = [[] for _ in range(count)]
    for example in ordered:
        open_to = [placed for placed in bins if _fits([*placed, example], train)]
        if not open_to:
            return None
        min(open_to, key=lambda placed: _cost(placed, train)).append(example)
    return bins


def _improve(bins: list[list[Example]], train: Train) -> bool:
    """Make the change that most lowers the costliest pass; False where no move or swap lowers it."""
    costly = max(bins, key=lambda placed: _cost(placed, train))
    before = _cost(costly, train)
    best, change = before * (1 - 1e-9), None  # not for the rounding of sums
    for other in bins:
        if other is costly:
            continue
        for here, there in _changes(costly, other):
            after = max(_cost(here, train), _cost(there, train))
            if after < best and _fits(here, train) and _fits(there, train):
                best, change = after, (other, here, there)
    if change is None:
        return False
    other, costly[:], other[:] = change
    return True


def _changes(costly: list[Example], other: list[Example]) -> Iterator[tuple[list[Example], list[Example]]]:
    """Both passes after one example of the costly one has moved, or has changed places with one of the other."""
    for given in costly:
        rest = [example for example in costly if example is not given]
        yield rest, [*other, given]
        for taken in other:
            yield [*rest, taken], [*(example for example in other if example is not taken), given]


def _fits(placed: Sequence[Example], train: Train) -> bool:
    return len(placed) <= 1 or sum(len(example.ids) for example in placed) <= train.tokens_per_pass


def _cost(placed: Sequence[Example], train: Train) -> float:
    return sum(cost(len(example.ids), train) for example in placed)
