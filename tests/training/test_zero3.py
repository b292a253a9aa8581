"""Real runs: torchrun, DeepSpeed ZeRO-3, gloo. Each starts processes that import for seconds, so runs are shared."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, safe_open, save_file
from torch.nn import functional
from transformers import AutoModelForCausalLM

from limo.tables import DATASET, read
from limo.training import launch
from limo.training.batches import schedule
from limo.training.examples import encode
from limo.training.zero3 import learning_rate
from tests import tiny_model
from tests.training import world

LONG = {"epochs": 8}  # 3 steps an epoch, the last of one example: with two processes one of them has nothing to do


def run(folder, **changes):
    before = Path.cwd()
    os.chdir(folder)
    try:
        counts = launch.run(launch.plan(world.configured(**changes), "limo"))
    finally:
        os.chdir(before)
    return counts


def history(folder):
    return json.loads((folder / "data/training/limo.json").read_text())


def losses(folder):
    return torch.tensor([step["loss"] for step in history(folder)["steps"]], dtype=torch.float64)


@pytest.fixture(scope="module", autouse=True)
def _no_dvc_root():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DVC_ROOT", raising=False)
        yield


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    folder = world.make(tmp_path_factory.mktemp("one"), world.rows(9))
    run(folder, **LONG)
    return folder


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = world.make(tmp_path_factory.mktemp("two"), world.rows(9))
    run(folder, processes=2, **LONG)
    return folder


def reference(folder, **changes):
    """The same training without DeepSpeed, packing, chunks or processes: losses, gradient norms, weights."""
    train = world.train(**changes)
    rows = read(folder / "data/limo.parquet", DATASET).to_dicts()
    examples = encode(rows, tiny_model.tokenizer(), world.SYSTEM, train).examples
    model = AutoModelForCausalLM.from_pretrained(folder / "models/base/tiny")
    groups = [
        {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": train.weight_decay},
        {"params": [p for p in model.parameters() if p.ndim == 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(train.beta1, train.beta2), eps=train.epsilon)
    steps = schedule(examples, 1, train, ranks=1)
    curve, norms = [], []
    for number, step in enumerate(steps):
        loss = torch.zeros(())
        for example in step.examples:
            ids = torch.tensor([example.ids])
            logits = model(input_ids=ids).logits[0, example.prompt - 1 : -1]
            mean = functional.cross_entropy(logits, ids[0, example.prompt :])
            weight = example.trained / step.trained if train.loss == "token" else 1 / len(step.examples)
            loss = loss + weight * mean
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), train.max_grad_norm).item())
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(number, len(steps), train.learning_rate, train.min_learning_rate)
        optimizer.step()
        optimizer.zero_grad()
        curve.append(loss.item())
    return curve, norms, dict(model.named_parameters())


def assert_like_reference(folder, **changes):
    curve, norms, weights = reference(folder, **changes)
    steps = history(folder)["steps"]
    assert [step["loss"] for step in steps] == pytest.approx(curve, abs=1e-5)
    assert [step["grad_norm"] for step in steps] == pytest.approx(norms, rel=1e-4)
    trained = load_file(folder / "models/limo/model.safetensors")
    assert trained.keys() == weights.keys()
    start = load_file(folder / "models/base/tiny/model.safetensors")
    for name, weight in weights.items():
        assert torch.allclose(trained[name], weight, rtol=0, atol=2e-5), name
        assert not torch.allclose(start[name], weight, rtol=0, atol=1e-3), f"{name} was not trained"


def test_the_trajectory_is_that_of_plain_torch(one):
    assert_like_reference(one, **LONG)


@pytest.mark.slow
def test_a_mean_per_example_with_untied_weights_checkpointed_activations_and_two_processes_is_that_of_plain_torch(
    tmp_path,
):
    world.make(tmp_path, world.rows(9), tied=False)
    changes = {"activation_checkpointing": True, "loss": "example"}
    run(tmp_path, processes=2, **changes)
    assert_like_reference(tmp_path, **changes)


def test_two_processes_follow_the_curve_of_one(one, two):
    assert (losses(one) - losses(two)).abs().max() < 1e-5
    assert history(one)["padding_share"] == 0
    assert 0 < history(two)["padding_share"] < 0.01


def test_a_second_run_gives_the_same_bytes(one, tmp_path):
    world.make(tmp_path, world.rows(9))
    run(tmp_path, **LONG)
    for name in ("data/training/limo.json", *(f"models/limo/{file.name}" for file in (one / "models/limo").iterdir())):
        assert (tmp_path / name).read_bytes() == (one / name).read_bytes(), name


def test_the_model_loads_and_stores_tied_weights_once(one):
    path = one / "models/limo"
    with safe_open(path / "model.safetensors", "pt") as file:
        assert "lm_head.weight" not in file.keys()  # noqa: SIM118 - not a mapping
    model, found = AutoModelForCausalLM.from_pretrained(path, output_loading_info=True)
    assert not found["missing_keys"]
    assert not found["unexpected_keys"]
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
    assert model.generation_config.eos_token_id == tiny_model.tokenizer().eos_token_id
    ids = torch.tensor([tiny_model.tokenizer()("What is 12 + 30?")["input_ids"]])
    assert model.generate(ids, do_sample=False, max_new_tokens=3).shape[1] > ids.shape[1]


def test_the_record_counts_what_was_trained(one):
    record = history(one)
    rows = world.rows(9)
    assert record["trained_tokens"] == 8 * sum(len(row["solution"]) + 1 for row in rows)
    assert record["trained_tokens"] == sum(step["trained_tokens"] for step in record["steps"])
    assert [step["examples"] for step in record["steps"]] == [4, 4, 1] * 8
    assert [step["epoch"] for step in record["steps"][:7]] == [1, 1, 1, 2, 2, 2, 3]
    rates = [step["lr"] for step in record["steps"]]
    assert rates[0] == world.VALUES["learning_rate"]
    assert rates == sorted(rates, reverse=True)
    assert record["steps"][-1]["loss"] < record["steps"][0]["loss"]
    assert str(one) not in json.dumps(record)


def test_kill_9_in_mid_run_then_resume_gives_the_same_bytes(two, tmp_path):
    world.make(tmp_path, world.rows(9))
    script = f"from tests.training import test_zero3 as t; t.run({str(tmp_path)!r}, processes=2, **t.LONG)"
    stage = subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parents[2])
    checkpoints = tmp_path / ".limo/checkpoints"
    deadline = time.monotonic() + 300
    while not list(checkpoints.glob("limo-*/step-00000[4-9]")):
        assert stage.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(stage.pid, signal.SIGKILL)
    stage.wait()
    assert not (tmp_path / "models/limo").exists()
    (folder,) = checkpoints.glob("limo-*")
    (folder / "step-000099.partial").mkdir()
    counts = run(tmp_path, processes=2, **LONG)
    assert counts["resumed_at"] >= 4
    assert counts["steps"] == 24 - counts["resumed_at"]
    assert world.weights(tmp_path) == world.weights(two)
    assert history(tmp_path) == history(two)
    assert list(checkpoints.iterdir()) == []
    assert not (tmp_path / "models/limo.partial").exists()


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_examples(tmp_path, capfd):
    world.make(tmp_path, world.rows(2))
    path = tmp_path / "models/base/tiny/model.safetensors"
    tensors = load_file(path)
    tensors["model.norm.weight"][0] = float("nan")
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(RuntimeError, match="failed with exit code 1; the reason is printed above"):
        run(tmp_path)
    assert "the loss became nan on the examples problem-" in capfd.readouterr().err
    assert not (tmp_path / "models/limo").exists()
