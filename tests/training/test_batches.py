import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limo.training.batches import cost, pack, schedule
from limo.training.examples import Example
from tests.training import world

BUDGET = 100
LENGTHS = st.lists(st.integers(2, BUDGET), min_size=1, max_size=40)
LONGER = st.lists(st.integers(2, 2 * BUDGET), min_size=1, max_size=40)


def made(lengths):
    return [Example(f"e{i:03d}", (7,) * length, 1) for i, length in enumerate(lengths)]


def train(**changes):
    return world.train(**{"tokens_per_pass": BUDGET, **changes})


def costs(packed, settings):
    return [[sum(cost(len(e.ids), settings) for e in one) for one in rank] for rank in packed]


@given(LONGER, st.integers(1, 5))
def test_pack_places_every_token_once_within_the_budget_and_equally_often_on_each_rank(lengths, ranks):
    examples = made(lengths)
    packed = pack(examples, train(), ranks)
    passes = [one for rank in packed for one in rank]
    assert Counter(e for one in passes for e in one) == Counter(examples)
    assert all(sum(len(e.ids) for e in one) <= BUDGET or len(one) == 1 for one in passes)
    assert len(packed) == ranks
    assert len({len(rank) for rank in packed}) == 1
    assert pack(examples[::-1], train(), ranks) == packed


@given(LENGTHS, st.integers(1, 5))
def test_pack_needs_at_most_twice_the_fewest_possible_rounds(lengths, ranks):
    fewest = -(-sum(lengths) // (BUDGET * ranks))
    assert len(pack(made(lengths), train(), ranks)[0]) <= 2 * fewest


@given(
    st.lists(st.integers(1, 12), min_size=160, max_size=300),
    st.integers(1, 4),
    st.sampled_from([0.0, 1e-3, 1e-1]),
)
@settings(max_examples=25)
def test_the_costliest_pass_is_within_5_percent_of_the_mean_where_examples_are_small(lengths, ranks, quadratic):
    """No pass can cost less than max(mean, costliest example); the budget leaves each room for some more than that."""
    options = train(tokens_per_pass=math.ceil(sum(lengths) / ranks * 1.3), cost_quadratic=quadratic)
    (found,) = zip(*costs(pack(made(lengths), options, ranks), options), strict=True)
    bound = max(math.fsum(found) / ranks, *(cost(length, options) for length in lengths))
    assert max(found) <= 1.05 * bound


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("ranks", "mean"), [(8, 6000), (4, 6000), (1, 3000)])
def test_lengths_like_those_of_limo_are_balanced_within_5_percent(seed, ranks, mean):
    draw = np.random.default_rng(seed)
    lengths = np.minimum(16384, draw.lognormal(math.log(mean), 0.5, 64)).astype(int).tolist()
    settings = train(tokens_per_pass=16384, max_length=16384, cost_quadratic=1e-5)
    found = costs(pack(made(lengths), settings, ranks), settings)
    each = [one for rank in found for one in rank]
    bound = max(math.fsum(each) / len(each), *(cost(length, settings) for length in lengths))
    assert max(each) <= 1.05 * bound
    sums = [math.fsum(rank) for rank in found]
    spread = max(max(side) - min(side) for side in zip(*found, strict=True))  # of the passes that run side by side
    assert max(sums) - min(sums) <= spread + 1e-6


def test_cost_and_not_length_is_balanced():
    """With a strong quadratic term one long example weighs more than two that are as long together."""
    lengths = [60, 30, 30, 30, 30]
    by_length = pack(made(lengths), train(tokens_per_pass=120, cost_quadratic=0.0), 2)
    by_cost = pack(made(lengths), train(tokens_per_pass=120, cost_quadratic=1.0), 2)
    sizes = [sorted(tuple(len(e.ids) for e in rank[0]) for rank in packed) for packed in (by_length, by_cost)]
    assert sizes == [[(30, 30, 30), (60, 30)], [(30, 30, 30, 30), (60,)]]


def test_pack_puts_passes_of_similar_size_side_by_side_and_evens_the_ranks():
    packed = pack(made([90, 88, 40, 42]), train(), 2)
    sizes = [[sum(len(e.ids) for e in one) for one in rank] for rank in packed]
    assert sizes == [[90, 40], [88, 42]]


def test_an_example_over_the_budget_is_a_pass_of_its_own():
    packed = pack(made([150, 40, 40]), train(), 1)
    assert [[len(e.ids) for e in one] for one in packed[0]] == [[150], [40, 40]]


@given(LENGTHS, st.integers(1, 3), st.integers(1, 7))
def test_a_step_holds_the_same_examples_whatever_the_packing_and_the_ranks(lengths, epochs, batch_size):
    examples = made(lengths)
    settings = train(epochs=epochs, batch_size=batch_size)
    steps = schedule(examples, 3, settings, ranks=1)
    others = schedule(examples[::-1], 3, settings.model_copy(update={"tokens_per_pass": 2 * BUDGET}), ranks=4)
    assert [step.examples for step in steps] == [step.examples for step in others]
    for epoch in range(epochs):
        mine = [step for step in steps if step.epoch == epoch]
        assert sorted(e.id for step in mine for e in step.examples) == [e.id for e in examples]
        assert all(len(step.examples) == batch_size for step in mine[:-1])
        assert 1 <= len(mine[-1].examples) <= batch_size


def test_epochs_and_seeds_have_orders_of_their_own():
    examples = made([5] * 20)
    first, second = schedule(examples, 1, train(epochs=2, batch_size=20), ranks=1)
    (other,) = schedule(examples, 2, train(epochs=1, batch_size=20), ranks=1)
    assert len({first.examples, second.examples, other.examples}) == 3
