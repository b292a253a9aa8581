from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from limo import params
from limo.plan import memory
from limo.training.attention import DOCUMENTS
from limo.training.sharded import configuration
from tests import tiny_model
from tests.training.world import train

ROOT = Path(__file__).parents[2]
PAPER = params.load(ROOT / "profiles/limo_v2.yaml")
QWEN_32B = PAPER.plan.shapes["qwen2_5_32b_instruct"]


def small(layers, dtype=torch.float32):
    config = AutoConfig.for_model(
        "qwen2",
        vocab_size=300,
        hidden_size=128,
        intermediate_size=512,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    )
    return AutoModelForCausalLM.from_config(config, dtype=dtype, attn_implementation=DOCUMENTS)


def kept_bytes(model, tokens):
    """Bytes that autograd keeps in a forward pass beside the parameters, each storage once."""
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    held = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            held[storage.data_ptr()] = storage
        return tensor

    ids, positions = torch.zeros((1, tokens), dtype=torch.long), torch.arange(tokens // 2).repeat(2)[None]
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model.base_model(input_ids=ids, position_ids=positions, use_cache=False, documents=[tokens // 2, tokens // 2])
    return sum(storage.nbytes() for storage in held.values())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_layer_keeps_what_autograd_keeps(dtype):
    tokens = 256
    found = [kept_bytes(small(layers, getattr(torch, dtype)), tokens) for layers in (2, 3)]
    shape = params.Shape(
        layers=2,
        hidden=128,
        intermediate=512,
        heads=4,
        key_value_heads=2,
        head_size=32,
        vocabulary=300,
        tied=True,
        positions=512,
    )
    settings = train().model_copy(update={"dtype": dtype})
    assert (found[1] - found[0]) / tokens == pytest.approx(memory.layer_bytes(shape, settings), rel=0.05)


@pytest.mark.parametrize("tied", [True, False])
def test_parameters_are_those_of_the_model_whose_config_is_there(tied, tmp_path):
    shape = memory.shape_of(tiny_model.save(tmp_path, tied=tied))
    assert shape is not None
    assert memory.parameters(shape) == sum(p.numel() for p in tiny_model.model(tied=tied).parameters())


def test_a_pointer_to_a_hub_has_no_shape(tmp_path):
    assert memory.shape_of(tmp_path) is None


@pytest.mark.parametrize(
    ("model", "billions"),
    [("3b", 3.09), ("7b", 7.62), ("14b", 14.8), ("32b", 32.8), ("72b", 72.7)],  # of the models' cards
)
def test_the_shapes_of_the_paper_have_their_published_sizes(model, billions):
    assert memory.parameters(PAPER.plan.shapes[f"qwen2_5_{model}_instruct"]) / 1e9 == pytest.approx(billions, rel=0.005)


@pytest.mark.parametrize("settings", [train(), PAPER.train])
def test_buckets_are_those_of_the_trainer(settings):
    zero = configuration(settings)["zero_optimization"]
    assert zero["reduce_bucket_size"] == memory.BUCKET[settings.device]
    assert zero["stage3_max_live_parameters"] == memory.LIVE_BUCKETS * memory.BUCKET[settings.device]
    assert "sub_group_size" not in zero


def plan(**changes):
    return PAPER.plan.model_copy(update=changes)


def test_the_paper_fits_8_large_devices_and_8_small_ones_only_with_offload():
    needed = memory.need(QWEN_32B, PAPER.train, 4)
    assert memory.fits(needed, PAPER.train, plan(device_memory_gib=139))
    assert not memory.fits(needed, PAPER.train, plan(device_memory_gib=79))
    assert memory.remedy(QWEN_32B, PAPER.train, plan(device_memory_gib=79), "train.{}".format) == "train.offload: true"
    offloaded = PAPER.train.model_copy(update={"offload": True})
    assert memory.fits(memory.need(QWEN_32B, offloaded, 4), offloaded, plan(device_memory_gib=79))


def test_18_bytes_a_parameter_in_bfloat16_and_16_in_float32():
    count = memory.parameters(QWEN_32B)
    half = memory.need(QWEN_32B, PAPER.train, 0)
    assert half.weights + half.state == pytest.approx(18 * count / 8)
    offloaded = memory.need(QWEN_32B, PAPER.train.model_copy(update={"offload": True}), 0)
    assert (offloaded.state, half.host) == (0, pytest.approx(12 * count))  # of a checkpoint that comes from the GPUs
    whole = memory.need(QWEN_32B, train(processes=4), 0)
    assert whole.weights + whole.state == pytest.approx(16 * count / 4)


def test_main_memory_of_offload_is_reckoned_by_hand():
    count, offloaded = memory.parameters(QWEN_32B), PAPER.train.model_copy(update={"offload": True})
    # Of each of 8 processes, with 4.1 G parameters: masters and moments; a pinned buffer of all gradients, 16.4 GB that
    # take 16 GiB; and one for each group of a thousand million, four of 4 GB that take 4 GiB and one of 0.38 GB that
    # takes half a GiB. A checkpoint is written from where they lie; the exported model is copied once.
    pinned = 16 + 4 * 4 + 0.5
    assert memory.need(QWEN_32B, offloaded, 0).host == pytest.approx((12 + 2) * count + 8 * pinned * memory.GIB)


@pytest.mark.parametrize(
    ("settings", "limits", "expected"),
    [
        ({"activation_checkpointing": False}, {}, "train.activation_checkpointing: true"),
        ({"tokens_per_pass": 65536}, {"device_memory_gib": 110}, "train.tokens_per_pass: 16384"),
        (
            {"activation_checkpointing": False},
            {"device_memory_gib": 79},
            "train.activation_checkpointing: true and train.offload: true",
        ),
        ({}, {"device_memory_gib": 79, "host_memory_gib": 500}, "train.processes: 11 on as many devices"),
        (
            {},
            {"host_memory_gib": 256},
            "366 GiB of main memory, or a smaller model",
        ),
        (
            {"offload": True},
            {"host_memory_gib": 256, "device_memory_gib": 79},
            "687 GiB of main memory, or a smaller model",
        ),
        ({"processes": 16}, {}, "train.processes: 8"),
        ({}, {"device_memory_gib": 20, "host_memory_gib": 500}, "devices with more memory, or a smaller model"),
    ],
)
def test_the_nearest_remedy_is_named_and_helps(settings, limits, expected):
    settings, limits = PAPER.train.model_copy(update=settings), plan(**limits)
    assert not memory.fits(memory.need(QWEN_32B, settings, 4), settings, limits)
    assert memory.remedy(QWEN_32B, settings, limits, "train.{}".format) == expected


def test_processes_on_one_cpu_share_its_memory():
    one, four = train(), train(processes=4)
    assert memory.room(four, plan(devices=1)) * 4 == memory.room(one, plan(devices=1))
    gpus = PAPER.train.model_copy(update={"processes": 16})
    assert memory.room(gpus, plan(devices=8)) == memory.room(PAPER.train, plan(devices=8))
    assert not memory.fits(memory.need(QWEN_32B, gpus, 4), gpus, plan(devices=8)), "16 processes on 8 GPUs"
