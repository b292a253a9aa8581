import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from limo.generation.noise import gumbel, sample


def _draw(rows: list[int], logits: torch.Tensor, temperature: float, top_p: float) -> list[int]:
    seeds = torch.tensor([1_000_003 * row + 17 for row in rows])
    steps = torch.tensor([row % 5 for row in rows])
    return sample(logits[rows], seeds, steps, temperature, top_p).tolist()


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(),
    vocabulary=st.sampled_from([3, 100, 257, 700]),
    coarse=st.booleans(),
    temperature=st.sampled_from([0.3, 1.0, 4.0]),
    top_p=st.sampled_from([0.1, 0.9, 0.999, 1.0]),
)
def test_a_row_draws_the_same_token_alone_and_in_any_company(data, vocabulary, coarse, temperature, top_p):
    noise = torch.Generator().manual_seed(data.draw(st.integers(0, 999)))
    logits = 3 * torch.randn(12, vocabulary, generator=noise)
    if coarse:
        logits = logits.round()  # many equal logits, as 16-bit models give them
    alone = [_draw([row], logits, temperature, top_p)[0] for row in range(12)]
    company = data.draw(st.lists(st.integers(0, 11), min_size=1, max_size=30))
    assert _draw(company, logits, temperature, top_p) == [alone[row] for row in company]


def test_the_likelihoods_of_a_large_vocabulary_do_not_depend_on_company_with_two_threads():
    # Two tokens share most of the mass and the nucleus ends where the first does. The last bit of the sum over the
    # vocabulary decides whether the second is in it, and torch splits that sum among threads when it is one row's.
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        logits = torch.randn(60, 49152, generator=torch.Generator().manual_seed(0))
        logits[:, 5] = torch.logsumexp(logits, dim=-1)
        logits[:, 9] = logits[:, 5] - 0.01
        alone = torch.stack([torch.logsumexp(row[None], dim=-1)[0] for row in logits])
        apart = (torch.logsumexp(logits, dim=-1) - alone).argsort(descending=True)[:4]
        seeds, steps = torch.arange(4), torch.zeros(4).long()
        for row, total in zip(logits[apart], alone[apart], strict=True):
            limit = torch.exp(row[5].double() - total.double()).item()
            together = sample(row.expand(4, -1), seeds, steps, 1.0, limit)
            one_by_one = [sample(row[None], seeds[[i]], steps[[i]], 1.0, limit) for i in range(4)]
            assert together.tolist() == torch.cat(one_by_one).tolist()
    finally:
        torch.set_num_threads(threads)


def _frequencies(logits: torch.Tensor, temperature: float, top_p: float, draws: int) -> torch.Tensor:
    drawn = sample(logits.expand(draws, -1), torch.arange(draws), torch.zeros(draws).long(), temperature, top_p)
    return torch.bincount(drawn, minlength=logits.shape[-1]) / draws


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (0.6, 1.0), (0.6, 0.95), (2.0, 0.5)])
@pytest.mark.parametrize("vocabulary", [8, 400])
def test_tokens_are_drawn_as_often_as_softmax_and_nucleus_say(temperature, top_p, vocabulary):
    draws = 8_000
    logits = 2 * torch.randn(vocabulary, generator=torch.Generator().manual_seed(vocabulary))
    expected = torch.softmax(logits.double() / temperature, dim=-1)
    ordered, order = expected.sort(descending=True)
    outside = order[ordered.cumsum(0) - ordered >= top_p]
    expected[outside] = 0
    expected /= expected.sum()
    found = _frequencies(logits, temperature, top_p, draws)
    assert bool((found[outside] == 0).all())
    # 5.5 standard deviations: of 400 tokens none is beyond that by chance.
    assert bool(((found - expected).abs() <= 5.5 * (expected * (1 - expected) / draws).sqrt() + 2 / draws).all())


def test_steps_and_seeds_give_independent_draws():
    logits = torch.zeros(1, 2).expand(20_000, -1)
    one = torch.ones(20_000).long()
    by_seed = sample(logits, torch.arange(20_000), one, 1.0, 1.0)
    by_step = sample(logits, one, torch.arange(20_000), 1.0, 1.0)
    for drawn in (by_seed, by_step):
        assert abs(drawn.double().mean() - 0.5) < 0.02
        assert abs((drawn[1:] == drawn[:-1]).double().mean() - 0.5) < 0.02
    assert abs((by_seed == by_step).double().mean() - 0.5) < 0.02


def test_temperature_zero_takes_the_likeliest_token():
    logits = torch.randn(5, 300, generator=torch.Generator().manual_seed(1))
    assert _draw([0, 1, 2, 3, 4], logits, 0, 0.5) == logits.argmax(dim=-1).tolist()


def test_a_nucleus_wider_than_256_tokens_is_drawn_from_whole():
    found = _frequencies(torch.zeros(300), 1.0, 1.0, 9_000)
    assert bool((found > 0).all())
    assert found.max() < 2.5 / 300


def test_equally_likely_tokens_at_the_limit_of_the_nucleus_all_count():
    logits = torch.tensor([5.0, 1.0, 1.0, 1.0, -5.0])
    found = _frequencies(logits, 1.0, 0.97, 40_000)
    assert bool((found[:4] > 0).all())
    assert found[4] == 0


def test_noise_is_a_standard_gumbel():
    tokens = torch.arange(200_000).unsqueeze(0)
    noise = gumbel(torch.tensor([5]), torch.tensor([3]), tokens)[0]
    assert abs(noise.mean() - 0.5772) < 0.02
    assert abs(noise.var() - 1.6449) < 0.04
    for quantile in (0.01, 0.5, 0.99):
        share = (noise < -torch.log(-torch.log(torch.tensor(quantile).double()))).double().mean()
        assert abs(share - quantile) < 0.005
