"""A variant that is trained otherwise than `train` says is planned as it is trained."""

from pathlib import Path

import pytest

from limo import params
from limo.plan import memory, table
from limo.plan.cache import caches
from limo.plan.checks import findings
from limo.plan.counted import Rows
from limo.plan.disk import disk
from limo.plan.forecast import stages
from limo.plan.hours import hours
from limo.plan.trainings import trainings

V2 = params.load(Path(__file__).parents[2] / "profiles/limo_v2.yaml")
SHAPES = V2.plan.shapes
NAMES = ("limo", "L1", "L2")
ALIKE = V2.model_copy(
    update={
        "variants": {name: V2.variants[name].model_copy(update={"train": {}}) for name in NAMES},
        "candidates": {name: f"models/{name}" for name in NAMES},
    }
)


def otherwise(p: params.Params, **changes: dict) -> params.Params:
    """The params with keys of `train` that are others for some variants."""
    own = {name: p.variants[name].model_copy(update={"train": keys}) for name, keys in changes.items()}
    return p.model_copy(update={"variants": p.variants | own})


def said(p: params.Params) -> list[str]:
    return [each.text for each in findings(p, SHAPES, caches(p, SHAPES), disk(p, SHAPES, stages(p, Rows())))]


def test_variants_that_are_trained_alike_share_a_row():
    assert [(each.name, each.variants) for each in trainings(ALIKE)] == [("qwen2_5_32b_instruct", ["limo", "L1", "L2"])]
    same = otherwise(ALIKE, L1={"offload": ALIKE.train.offload})
    assert len(trainings(same)) == 1, "a key that says what train says changes nothing"


def test_a_variant_that_offloads_needs_other_memory_than_those_that_do_not():
    p = otherwise(ALIKE, L1={"offload": True})
    small = p.model_copy(update={"plan": p.plan.model_copy(update={"device_memory_gib": 79.0})})
    shown = table.training(small, SHAPES)
    assert "qwen2_5_32b_instruct (limo, L2)" in shown
    assert "qwen2_5_32b_instruct (L1)" in shown
    stays, offloads = shown.splitlines()[-2:]
    assert stays.startswith("qwen2_5_32b_instruct does not fit:")
    assert stays.endswith("would with train.offload: true (variants: limo, L2)")
    assert offloads.startswith("qwen2_5_32b_instruct fits:")
    assert offloads.endswith("(variants: L1)")


def test_a_remedy_names_the_key_where_the_variant_has_its_value():
    offloading = ALIKE.model_copy(update={"train": ALIKE.train.model_copy(update={"offload": True})})
    p = otherwise(offloading, L1={"offload": False})
    p = p.model_copy(update={"plan": p.plan.model_copy(update={"device_memory_gib": 79.0})})
    assert "would with variants.L1.train.offload: true (variants: L1)" in table.training(p, SHAPES)


def test_epochs_and_lengths_of_a_variant_are_in_its_hours_alone():
    before = {each.variant: each for each in hours(ALIKE, SHAPES)}
    after = {each.variant: each for each in hours(otherwise(ALIKE, L1={"epochs": 2 * ALIKE.train.epochs}), SHAPES)}
    assert after["limo"] == before["limo"]
    assert after["L1"].tokens == pytest.approx(2 * before["L1"].tokens)
    assert after["L1"].money == pytest.approx(2 * before["L1"].money)
    shorter = {each.variant: each for each in hours(otherwise(ALIKE, L1={"max_length": 8192}), SHAPES)}
    assert shorter["L1"].tokens < before["L1"].tokens


def test_the_disk_holds_the_epochs_that_a_variant_exports():
    before, after = (disk(p, SHAPES, []) for p in (ALIKE, otherwise(ALIKE, L1={"export_epochs": [1, 2]})))
    copies = 2 * 2 * 2  # two epochs, in the workspace and the cache, bfloat16
    assert after.trained - before.trained == copies * memory.parameters(SHAPES["qwen2_5_32b_instruct"])


def test_checks_look_at_every_variant_as_it_is_trained():
    assert not any("is 4, 4 of 8 devices are idle" in text for text in said(ALIKE))
    p = otherwise(ALIKE, L1={"processes": 4, "max_length": 8192}, L2={"overlength": "refuse"})
    texts = said(p)
    assert "train@*: variants.L1.train.processes is 4, 4 of 8 devices are idle" in texts
    assert any("variants.L1.train.max_length = 8192" in text for text in texts)
    assert any(text.startswith("variants.L2.train.overlength: refuse ends the stage") for text in texts)
