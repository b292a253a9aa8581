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

    `logits` is [rows, vocabulary]; returns int64 [rows]. Temperature 0 takes the largest logit. Sorting a whole
    vocabulary would cost as much as the forward pass of a small model; the nucleus nearly always lies in the 256 most
    likely tokens, so only rows where it does not are sorted in full.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    scaled = logits.float() / temperature
    total = torch.logsumexp(scaled, dim=-1, keepdim=True).double()
    width = min(256, logits.shape[-1])
    values, tokens = torch.topk(scaled, width, dim=-1, sorted=True)
    values = values.double()
    mass = torch.exp(values - total).cumsum(dim=-1)
    if width < logits.shape[-1] and bool((mass[:, -1] < top_p).any()):
        values, tokens = torch.sort(scaled, dim=-1, descending=True, stable=True)
        values = values.double()
        mass = torch.exp(values - total).cumsum(dim=-1)
    before = mass - torch.exp(values - total)
    noisy = values + gumbel(seeds, steps, tokens)
    noisy = noisy.masked_fill(before >= top_p, -torch.inf)
    return tokens.gather(1, noisy.argmax(dim=-1, keepdim=True)).squeeze(1)


def _splitmix(value: torch.Tensor) -> torch.Tensor:
    value = value + _GOLDEN
    value = (value ^ _shift(value, 30)) * _MIX_1
    value = (value ^ _shift(value, 27)) * _MIX_2
    return value ^ _shift(value, 31)


def _shift(value: torch.Tensor, bits: int) -> torch.Tensor:
    """Logical right shift; torch shifts arithmetically."""
    return (value >> bits) & ((1 << (64 - bits)) - 1)
