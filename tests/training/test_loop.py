"""Real runs: torchrun, DeepSpeed ZeRO-3, gloo. Each starts processes that import for seconds, so runs are shared."""

import json
import re

import pytest
import torch
from safetensors.torch import load_file, safe_open, save_file
from torch.nn import functional
from transformers import AutoModelForCausalLM

from limo.base.tables import read
from limo.graph.schemas import DATASET
from limo.training.batches import schedule
from limo.training.examples import encode
from limo.training.loop import learning_rate
from tests import tiny_model
from tests.training import world
from tests.training.runs import LONG
from tests.training.world import history, run


def losses(folder):
    return torch.tensor([step["loss"] for step in history(folder)["steps"]], dtype=torch.float64)


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


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    folder = world.make(tmp_path_factory.mktemp("four"), world.rows(9))
    run(folder, processes=4, **LONG)
    return folder


def test_two_processes_follow_the_curve_of_one(one, two):
    assert (losses(one) - losses(two)).abs().max() < 1e-5
    assert history(one)["padding_share"] == 0
    assert 0 < history(two)["padding_share"] < 0.01


@pytest.mark.slow
def test_four_processes_follow_the_curve_of_one(one, four):
    assert (losses(one) - losses(four)).abs().max() < 1e-5


@pytest.mark.parametrize(
    ("name", "processes"),
    [
        pytest.param("one", 1, marks=pytest.mark.slow),
        pytest.param("two", 2, marks=pytest.mark.slow),
        pytest.param("four", 4, marks=pytest.mark.slow),
    ],
)
def test_a_second_run_gives_the_same_bytes(name, processes, tmp_path, request):
    first = request.getfixturevalue(name)
    run(world.make(tmp_path, world.rows(9)), processes=processes, **LONG)
    assert world.outs(tmp_path) == world.outs(first)
    assert len(world.outs(first)) > 3


@pytest.fixture(scope="module")
def packed_and_alone(tmp_path_factory):
    """The same 5 steps of 4 examples, packed into passes of 900 tokens and with each example as a pass of its own."""
    folders = []
    for budget in (900, 1):
        folder = world.make(tmp_path_factory.mktemp(f"budget-{budget}"), world.rows(20))
        # A rate between those of the profiles and the tests: Adam's first steps turn the rounding of a gradient near
        # zero into a part of the rate.
        run(folder, tokens_per_pass=budget, epochs=1, export_epochs=[1], learning_rate=1e-4)
        folders.append(folder)
    return folders


def test_packed_training_ends_with_the_weights_of_training_one_by_one(packed_and_alone):
    packed, alone = packed_and_alone
    assert [step["passes"] for step in history(packed)["steps"]] == [1] * 5
    assert [step["passes"] for step in history(alone)["steps"]] == [4] * 5
    first, second = (load_file(folder / "models/limo/model.safetensors") for folder in packed_and_alone)
    start = load_file(packed / "models/base/tiny/model.safetensors")
    for name, weight in first.items():
        assert (weight - second[name]).norm() <= 1e-6 * weight.norm(), name
        assert (weight - start[name]).norm() >= 1e-4 * weight.norm(), f"{name} was not trained"


def test_an_epoch_that_was_asked_for_is_kept_beside_the_last_one(packed_and_alone):
    folder = packed_and_alone[0] / "models/limo"
    last, epoch = (load_file(each / "model.safetensors") for each in (folder, folder / "epochs/001"))
    assert all(torch.equal(epoch[name], weight) for name, weight in last.items())
    assert AutoModelForCausalLM.from_pretrained(folder / "epochs/001").config.model_type == "llama"


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
    assert record["tokens"] == sum(step["tokens"] for step in record["steps"])
    assert record["trained_share"] == round(record["trained_tokens"] / record["tokens"], 6)
    assert (record["over_length"], record["truncated_answers"]) == (0, 0)
    assert str(one) not in json.dumps(record)


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_examples(tmp_path, capfd):
    world.make(tmp_path, world.rows(2))
    path = tmp_path / "models/base/tiny/model.safetensors"
    tensors = load_file(path)
    tensors["model.norm.weight"][0] = float("nan")
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(RuntimeError, match="failed with exit code 1; the reason is printed above"):
        run(tmp_path)
    assert "the loss became nan in step 1 on the examples problem-" in capfd.readouterr().err
    assert not (tmp_path / "models/limo").exists()


def test_a_gradient_that_is_infinite_stops_the_run_and_names_step_and_examples(tmp_path, capfd):
    """Embeddings of zero and norms without a floor: a finite loss whose gradient overflows on its way back."""
    world.make(tmp_path, world.rows(2), tied=False)
    folder = tmp_path / "models/base/tiny"
    tensors = load_file(folder / "model.safetensors")
    tensors["model.embed_tokens.weight"].zero_()
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "rms_norm_eps": 1e-38}))
    with pytest.raises(RuntimeError, match="exit code 1"):
        run(tmp_path)
    told = capfd.readouterr().err
    assert "the gradient norm became inf in step 1 on the examples problem-00" in told
    assert "problem-000" in told
    assert "problem-001" in told
    assert not (tmp_path / "models/limo").exists()


def test_the_progress_bar_tells_loss_rate_norm_speed_and_shares(tmp_path, capfd):
    run(world.make(tmp_path, world.rows(3)), epochs=1)
    told = capfd.readouterr().err
    for part in (r"train limo: 100%", r"loss=\d\.\d{4}", r"lr=1\.00e-03", r"norm=\d", r"tok/s=\d", r"trained=\d\d%"):
        assert re.search(part, told), part
    assert "MFU" not in told, "the peak of a CPU is not known"
