import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import scaled_dot_product_attention

from limo.training.attention import by_document

HEADS, GROUPS, SIZE = 4, 2, 8


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_each_document_is_attended_to_by_itself_alone(lengths):
    torch.manual_seed(sum(lengths))
    tokens = sum(lengths)
    query, key, value = (torch.randn(1, heads, tokens, SIZE) for heads in (HEADS, GROUPS, GROUPS))
    owner = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    order = torch.arange(tokens)
    mask = (owner[:, None] == owner[None, :]) & (order[:, None] >= order[None, :])
    expected = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=0.3, enable_gqa=True)
    found, weights = by_document(
        torch.nn.Identity(), query, key, value, None, scaling=0.3, documents=lengths, dropout=0.0
    )
    assert weights is None
    assert torch.allclose(found, expected.transpose(1, 2), atol=1e-5)


@pytest.mark.parametrize(("mask", "dropout"), [(torch.ones(1, 1, 2, 2), 0.0), (None, 0.1)])
def test_what_it_would_ignore_is_refused(mask, dropout):
    states = torch.zeros(1, 1, 2, SIZE)
    with pytest.raises(ValueError, match="neither a mask nor dropout"):
        by_document(torch.nn.Identity(), states, states, states, mask, scaling=1.0, documents=[2], dropout=dropout)
