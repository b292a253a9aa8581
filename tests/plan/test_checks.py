"""Every profile's numbers go through the checks of a run before a GPU is booked."""

from pathlib import Path

import pytest

from limo import params
from limo.plan import memory
from limo.plan.cache import caches
from limo.plan.checks import Foreseen, findings
from limo.plan.counted import Rows
from limo.plan.disk import disk
from limo.plan.forecast import stages
from limo.plan.hours import hours
from limo.plan.lengths import trained
from limo.plan.trainings import trainings

ROOT = Path(__file__).parents[2]
PLANNED = {
    path.stem: p
    for path in sorted([ROOT / "params.yaml", *(ROOT / "profiles").glob("*.yaml")])
    if not params.empty((p := params.load(path)).plan)
}
V1, V2 = PLANNED["limo_v1"], PLANNED["limo_v2"]


def changed(p: params.Params, **sections: dict) -> params.Params:
    """The params with some keys of some sections changed; `engines_NAME` is an engine."""
    update: dict = {"engines": dict(p.engines)}
    for name, keys in sections.items():
        if name.startswith("engines_"):
            engine = name.removeprefix("engines_")
            update["engines"][engine] = p.engines[engine].model_copy(update=keys)
        else:
            update[name] = getattr(p, name).model_copy(update=keys)
    return p.model_copy(update=update)


def of_length(tokens: int) -> params.TrainingPlan:
    """The second version's plan of training with examples of one length."""
    lengths = [params.ExampleLength(tokens=tokens, share=1.0)]
    return V2.plan.training.model_copy(update={"example_tokens": lengths})


def said(p: params.Params) -> list[Foreseen]:
    shapes = p.plan.shapes
    return findings(p, shapes, caches(p, shapes), disk(p, shapes, stages(p, Rows())))


@pytest.mark.parametrize("name", PLANNED)
def test_no_stage_of_a_profile_ends_with_a_refusal(name):
    assert [each.text for each in said(PLANNED[name]) if each.stops] == []
    assert not [each.text for each in said(PLANNED[name]) if "idle" in each.text or "no shape" in each.text]


@pytest.mark.parametrize("name", PLANNED)
def test_every_variant_of_a_profile_fits_the_machine_of_its_plan(name):
    p = PLANNED[name]
    for each in trainings(p):
        shape = p.plan.shapes.get(each.model) or memory.shape_of(ROOT / "models/base" / each.model)
        need = memory.need(shape, each.train, p.plan.reserve_gib)
        assert memory.fits(need, each.train, p.plan), f"{each.name}: {need}"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (
            changed(V1, engines_long={"max_length": 140_000}),
            "takes 131072 positions: give it an engine of max_length 1310",
        ),
        (changed(V1, engines_evaluation={"max_length": 36_864}), "answer@base: engines.evaluation.max_length is 36864"),
        (
            changed(V1, plan={"longest_prompt": 5000}),
            "screen: a prompt of 5000 tokens (plan.longest_prompt) leaves no room",
        ),
        (changed(V1, engines_long={"tensor_parallel": 3}), "40 heads of r1_distill_qwen_32b over tensor_parallel 3"),
        (
            changed(V1, engines_long={"tensor_parallel": 1}, plan={"device_memory_gib": 79.0}),
            "one sequence of engines.long",
        ),
        (changed(V1, engines_short={"data_parallel": 16}), "screen: engines.short wants 16 of 8 devices"),
        (changed(V1, plan={"disk_gib": 500.0}), "need 2890 GiB of plan.disk_gib = 500"),
        (
            changed(V1, tiers={"max_tokens": 2000}, plan={"longest_prompt": 10}),
            "tiers.max_tokens = 2000 leaves no example",
        ),
        (changed(V2, train={"overlength": "refuse"}), "refuse ends the stage, as 32% of the examples are over"),
        (
            changed(V2, train={"max_length": 40_000}, plan={"training": of_length(33_000)}),
            "a base model takes 32768 positions: lower train.max_length to 32768",
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_a_run_would_refuse_is_said_before_it(p, text):
    assert any(text in each.text and each.stops for each in said(p)), said(p)


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (V1, "answer@*: after a prompt of 1024 tokens an answer is cut at 31744 instead of 32768"),
        (V1, "rate@r1_distill: top_p 0.95 is not covered by batch_invariant"),
        (V2, "32% of the examples are cut at train.max_length = 16384"),
        (
            changed(V1, engines_short={"data_parallel": 1}),
            "uses 1 of 8 devices, 7 idle: set engines.short.data_parallel to 8",
        ),
        (
            changed(V1, engines_long={"data_parallel": 1}),
            "uses 4 of 8 devices, 4 idle: set engines.long.data_parallel to 2",
        ),
        (changed(V1, train={"processes": 4}), "train.processes is 4, 4 of 8 devices are idle"),
        (
            changed(V1, engines_long={"max_sequences": 128}, plan={"device_memory_gib": 79.0}),
            "hold 69 sequences of mean length, engines.long.max_sequences is 128",
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_a_run_would_cut_put_off_or_leave_idle_is_said_before_it(p, text):
    notes = [each.text for each in said(p) if not each.stops]
    assert any(text in each for each in notes), notes


@pytest.mark.parametrize("longest", [20_000, 32_000, 33_000])
def test_the_advice_for_long_examples_is_one_that_the_next_check_takes(longest):
    p = changed(V2, train={"overlength": "refuse"}, plan={"training": of_length(longest)})
    (refusal,) = [each.text for each in said(p) if each.stops]
    advice = refusal.split(": ", 2)[2]
    if advice.startswith("raise"):
        mended = changed(p, train={"max_length": longest, "tokens_per_pass": longest})
        assert memory.fits(
            memory.need(V2.plan.shapes["qwen2_5_32b_instruct"], mended.train, 4.0), mended.train, mended.plan
        )
    else:
        mended = changed(p, train={"overlength": "truncate"})
        assert "tiers.max_tokens: 15360" in advice
    assert [each for each in said(mended) if each.stops] == []


def test_the_cache_of_the_paper_is_reckoned_by_hand():
    (cache,) = [each for each in caches(V1, V1.plan.shapes) if each.stage == "rate@r1_distill"]
    token = 2 * 64 * 8 * 128 * 2 / 4  # key and value, layers, shared heads, their size, bfloat16, over four devices
    assert (cache.mean, cache.longest) == (12_150 * token, 36_864 * token)
    assert cache.room == pytest.approx((0.9 * 139 - 4) * memory.GIB - cache.weights)
    assert cache.weights == pytest.approx(32.76e9 * 2 / 4, rel=0.01)


def test_hours_follow_from_operations_and_speed():
    found = {each.variant: each for each in hours(V2, V2.plan.shapes)}
    limo = found["limo"]
    assert limo.rows == 800 == found["random"].rows  # a control is as large as what it is like
    assert found["top_1600"].hours == pytest.approx(2 * limo.hours)
    assert limo.tokens == pytest.approx(800 * 15 * sum(each.share * each.tokens for each in trained(V2, V2.train)))
    dense = 6 * 32.76e9 * limo.tokens / (0.3 * 989e12 * 8 * 3600)
    assert dense < limo.hours < 1.4 * dense  # attention comes to it
    assert limo.money == pytest.approx(limo.hours * 8 * 2.5)
