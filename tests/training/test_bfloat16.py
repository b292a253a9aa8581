"""Training in bfloat16, which GPUs do, run for real on a CPU."""

import pytest
import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM

from limo.base.tables import read
from limo.graph.schemas import DATASET
from limo.training import sharded
from limo.training.batches import schedule
from limo.training.examples import encode
from tests import tiny_model
from tests.training import world
from tests.training.world import history, run

BFLOAT16 = {"dtype": "bfloat16", "epochs": 1}


def plain_loss(folder):
    """The mean loss of the first step's examples, one by one in plain transformers in bfloat16."""
    train = world.train(**BFLOAT16)
    rows = read(folder / "data/limo.parquet", DATASET).to_dicts()
    examples = encode(rows, tiny_model.tokenizer(), world.SYSTEM, train).examples
    step = schedule(examples, 1, train, ranks=1)[0]
    model = AutoModelForCausalLM.from_pretrained(folder / "models/base/tiny", dtype=torch.bfloat16)
    total = 0.0
    with torch.no_grad():
        for example in step.examples:
            logits = model(input_ids=torch.tensor([example.ids])).logits[0, example.prompt - 1 : -1].float()
            total += functional.cross_entropy(
                logits, torch.tensor(example.ids[example.prompt :]), reduction="sum"
            ).item()
    return total / step.trained


def test_a_run_in_bfloat16_begins_with_the_loss_of_plain_transformers_and_says_its_type(tmp_path):
    world.make(tmp_path)
    run(tmp_path, **BFLOAT16)
    record = history(tmp_path)
    assert record["steps"][0]["loss"] == pytest.approx(plain_loss(tmp_path), rel=2e-3)
    assert "-bfloat16-" in record["numerics"]
    trained = AutoModelForCausalLM.from_pretrained(tmp_path / "models/limo")
    assert trained.dtype == torch.bfloat16


def rounded(name):
    """A model of which one buffer went through bfloat16, as DeepSpeed does to all of a model made in shards."""
    model = tiny_model.model("qwen2")
    buffer = getattr(model.base_model.rotary_emb, name)
    setattr(model.base_model.rotary_emb, name, buffer.to(torch.bfloat16))
    return model


def test_positions_that_were_rounded_are_refused():
    sharded.check_buffers(tiny_model.model("qwen2"))
    with pytest.raises(ValueError, match=r"inv_freq was made torch\.bfloat16"):
        sharded.check_buffers(rounded("inv_freq"))
    back = rounded("inv_freq")
    back.base_model.rotary_emb.inv_freq = back.base_model.rotary_emb.inv_freq.float()
    with pytest.raises(ValueError, match="differs from that of plain transformers"):
        sharded.check_buffers(back)
