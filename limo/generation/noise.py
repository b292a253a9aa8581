"""Logits, seeds and steps → the next tokens, the same in any batch; used by the transformers engine."""

import torch

_GOLDEN = -7046029254386353131  # 0x9E3779B97F4A7C15 as a signed 64-bit integer
_MIX_1 = -4658895280553007687  # 0xBF58476D1CE4E5B9
_MIX_2 = -7723592293110705685  # 0x94D049BB133111EB


def gumbel(seeds: torch.Tensor, steps: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Gumbel noise that depends on nothing but (seed, step, token id).

    `seeds` and `steps` are int64 of shape [rows], `tokens` int64 of shape [rows, candidates]; the result is float64
    of the latter shape. The counter-based generator is splitmix64 (Steele et al. 2014) on wrapping 64-bit integers,
    so a sample is the same alone or in any batch, and on any device.
    """
    state = _splitmix(_splitmix(seeds) ^ steps)
    bits = _splitmix(state.unsqueeze(1) ^ tokens)
    uniform = (_shift(bits, 11).double() + 0.5) * 2.0**-53
    return -torch.log(-torch.log(uniform))


def sample(
    logits: torch.Tensor, seeds: torch.Tensor, steps: torch.Tensor, temperature: float, top_p: float
) -> torch.Tensor:
    """Draw one token per row: temperature, nucleus (top-p), then Gumbel noise and argmax.

    `logits` is [rows, vocabulary]; returns int64 [rows]. Temperature 0 takes the largest logit. The nucleus is the
    smallest set of most likely tokens with a mass of at least `top_p`, and every token as likely as its last one, so
    that it does not depend on the order in which a sort leaves equal logits. Sorting a whole vocabulary would cost as
    much as the forward pass of a small model; the nucleus nearly always lies in the 256 most likely tokens, so only
    rows where it does not are sorted in full.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    scaled = logits.float() / temperature
    # Row by row: torch splits one long sum among its threads, but not a sum per row, and the last bit may differ.
    total = torch.stack([torch.logsumexp(row, dim=0) for row in scaled]).double().unsqueeze(1)
    values, tokens = torch.topk(scaled, min(256, scaled.shape[1]), dim=-1, sorted=True)
    chosen, whole = _draw(values.double(), tokens, total, seeds, steps, top_p)
    if values.shape[1] == scaled.shape[1]:
        return chosen
    for row in torch.nonzero(~whole).flatten().tolist():
        one = slice(row, row + 1)
        values, tokens = torch.sort(scaled[one], dim=-1, descending=True)
        chosen[one], _ = _draw(values.double(), tokens, total[one], seeds[one], steps[one], top_p)
    return chosen


def _draw(
    values: torch.Tensor,
    tokens: torch.Tensor,
    total: torch.Tensor,
    seeds: torch.Tensor,
    steps: torch.Tensor,
    top_p: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """A token per row from descending log likelihoods, and whether the row's nucleus ends before its last column."""
    likelihood = torch.exp(values - total)
    before = likelihood.cumsum(dim=-1) - likelihood
    last = values.masked_fill(before >= top_p, torch.inf).amin(dim=-1, keepdim=True)
    noisy = (values + gumbel(seeds, steps, tokens)).masked_fill(values < last, -torch.inf)
    return tokens.gather(1, noisy.argmax(dim=-1, keepdim=True)).squeeze(1), (values[:, -1:] < last).squeeze(1)


def _splitmix(value: torch.Tensor) -> torch.Tensor:
    value = value + _GOLDEN
    value = (value ^ _shift(value, 30)) * _MIX_1
    value = (value ^ _shift(value, 27)) * _MIX_2
    return value ^ _shift(value, 31)


def _shift(value: torch.Tensor, bits: int) -> torch.Tensor:
    """Logical right shift; torch shifts arithmetically."""
    return (value >> bits) & ((1 << (64 - bits)) - 1)
