"""Sections `tiers` and `plan`, and how a variant is trained → the lengths of training examples; used by `limo plan`."""

from collections.abc import Sequence

from limo import params


def expected(p: params.Params) -> list[params.ExampleLength]:
    """The examples that reach training: where `tiers` refuses long chains, others of its questions take their place."""
    whole = p.plan.training.example_tokens
    if params.empty(p.tiers) or p.tiers.overlength == "allow":
        return whole
    most = p.tiers.max_tokens + p.plan.longest_prompt
    return _within(whole, most)


def trained(p: params.Params, train: params.Train) -> list[params.ExampleLength]:
    """The examples as training takes them: long ones cut or left out, as `train.overlength` says."""
    most = train.max_length
    if train.overlength == "truncate":
        return [each.model_copy(update={"tokens": min(each.tokens, most)}) for each in expected(p)]
    return _within(expected(p), most)


def _within(examples: Sequence[params.ExampleLength], most: int) -> list[params.ExampleLength]:
    """Examples of at most so many tokens, whose shares are 1 together."""
    short = [each for each in examples if each.tokens <= most]
    left = sum(each.share for each in short)
    return [each.model_copy(update={"share": each.share / left}) for each in short] if left else []
