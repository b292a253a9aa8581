from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.training.batches import pack, schedule
from limo.training.examples import Example

BUDGET = 100
LENGTHS = st.lists(st.integers(2, BUDGET), min_size=1, max_size=40)


def made(lengths):
    return [Example(f"e{i:02d}", (7,) * length, 1) for i, length in enumerate(lengths)]


@given(LENGTHS, st.integers(1, 5))
def test_pack_places_every_example_once_within_the_budget_and_equally_often_on_each_rank(lengths, ranks):
    examples = made(lengths)
    packed = pack(examples, BUDGET, ranks)
    passes = [one for rank in packed for one in rank]
    assert Counter(e.id for one in passes for e in one) == Counter(e.id for e in examples)
    assert max(sum(len(e.ids) for e in one) for one in passes) <= BUDGET
    assert len(packed) == ranks
    assert len({len(rank) for rank in packed}) == 1
    assert pack(examples[::-1], BUDGET, ranks) == packed


@given(LENGTHS, st.integers(1, 5))
def test_pack_needs_at_most_twice_the_fewest_possible_rounds(lengths, ranks):
    fewest = -(-sum(lengths) // (BUDGET * ranks))
    assert len(pack(made(lengths), BUDGET, ranks)[0]) <= 2 * fewest


def test_pack_puts_passes_of_similar_size_side_by_side():
    packed = pack(made([90, 88, 40, 42]), BUDGET, 2)
    sizes = [[sum(len(e.ids) for e in one) for one in rank] for rank in packed]
    assert sizes == [[90, 42], [88, 40]]


def test_pack_refuses_an_example_over_the_budget():
    with pytest.raises(ValueError, match="e00: 101 tokens"):
        pack(made([101]), BUDGET, 1)


@given(LENGTHS, st.integers(1, 3), st.integers(1, 7))
def test_a_step_holds_the_same_examples_whatever_the_packing_and_the_ranks(lengths, epochs, batch_size):
    examples = made(lengths)
    steps = schedule(examples, seed=3, epochs=epochs, batch_size=batch_size, budget=BUDGET, ranks=1)
    others = schedule(examples[::-1], seed=3, epochs=epochs, batch_size=batch_size, budget=2 * BUDGET, ranks=4)
    assert [step.examples for step in steps] == [step.examples for step in others]
    for epoch in range(epochs):
        mine = [step for step in steps if step.epoch == epoch]
        assert sorted(e.id for step in mine for e in step.examples) == [e.id for e in examples]
        assert all(len(step.examples) == batch_size for step in mine[:-1])
        assert 1 <= len(mine[-1].examples) <= batch_size


def test_epochs_and_seeds_have_orders_of_their_own():
    examples = made([5] * 20)
    first, second = schedule(examples, seed=1, epochs=2, batch_size=20, budget=BUDGET, ranks=1)
    (other,) = schedule(examples, seed=2, epochs=1, batch_size=20, budget=BUDGET, ranks=1)
    assert len({first.examples, second.examples, other.examples}) == 3
