"""Real runs whose epochs are compared on held-out examples."""

import shutil

import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional
from transformers import AutoConfig, AutoModelForCausalLM

from limo.training.examples import encode
from limo.training.sharded import configuration
from limo.training.validation import best_epoch
from tests import tiny_model
from tests.training import world
from tests.training.world import history, run

EPOCHS = 8
OVERFIT = {"epochs": EPOCHS, "export_epochs": list(range(1, EPOCHS + 1)), "learning_rate": 1e-2, "choose": "validation"}


@pytest.fixture(scope="module")
def overfit(tmp_path_factory):
    """Few examples at a high rate, and held-out answers whose second half is in no example.

    Letters and spaces are learnt first, which helps everywhere; then the examples by heart.
    """
    folder = world.make(tmp_path_factory.mktemp("overfit"), world.rows(3))
    strange = [{**row, "solution": f"{row['solution'][:20]} ZEBRA XYLOPHONE"} for row in world.held_out()]
    world.dataset(folder / "data/validation.parquet", strange)
    run(folder, processes=2, **OVERFIT)
    return folder


def curve(folder):
    ends = {step["epoch"]: step["validation_loss"] for step in history(folder)["steps"]}
    assert list(ends) == list(range(1, EPOCHS + 1))
    return list(ends.values())


def weights(folder):
    return load_file(folder / "model.safetensors")


def test_the_epoch_with_the_lowest_held_out_loss_is_exported(overfit):
    record, found = history(overfit), curve(overfit)
    best = 1 + min(range(EPOCHS), key=found.__getitem__)
    assert 1 < best < EPOCHS, "the test could not tell first, best and last apart"
    assert record["best_epoch"] == record["exported_epoch"] == best
    chosen, kept, last = (
        weights(overfit / "models/limo" / name) for name in (".", f"epochs/{best:03}", f"epochs/{EPOCHS:03}")
    )
    assert all(torch.equal(kept[name], weight) for name, weight in chosen.items())
    assert not all(torch.equal(last[name], weight) for name, weight in chosen.items())


@pytest.mark.parametrize("loss", ["token", "example"])
def test_the_loss_of_an_epoch_is_that_of_plain_torch_on_its_model(loss, tmp_path):
    folder = world.make(tmp_path, world.rows(3))
    run(folder, epochs=1, loss=loss, batch_size=3)
    model = AutoModelForCausalLM.from_pretrained(folder / "models/limo")
    train = world.train(loss=loss)
    sums, counts = [], []
    for example in encode(world.held_out(), tiny_model.tokenizer(), world.SYSTEM, train).examples:
        ids = torch.tensor([example.ids])
        logits = model(input_ids=ids).logits[0, example.prompt - 1 : -1]
        sums.append(functional.cross_entropy(logits, ids[0, example.prompt :], reduction="sum").item())
        counts.append(example.trained)
    means = [total / count for total, count in zip(sums, counts, strict=True)]
    expected = {"token": sum(sums) / sum(counts), "example": sum(means) / len(means)}
    assert abs(expected["token"] - expected["example"]) > 1e-4, "the test could not tell them apart"
    assert history(folder)["steps"][-1]["validation_loss"] == pytest.approx(expected[loss], abs=1e-5)


def test_looking_at_held_out_examples_changes_no_weight(overfit, tmp_path):
    shutil.copytree(overfit / "models/base", tmp_path / "models/base")
    shutil.copytree(overfit / "data", tmp_path / "data")
    world.dataset(tmp_path / "data/validation.parquet", world.held_out()[:1])
    run(tmp_path, processes=2, **OVERFIT | {"choose": "last"})
    last = weights(overfit / f"models/limo/epochs/{EPOCHS:03}")
    assert all(torch.equal(last[name], weight) for name, weight in weights(tmp_path / "models/limo").items())
    assert history(tmp_path)["exported_epoch"] == EPOCHS
    assert curve(tmp_path) != curve(overfit)


def test_a_model_that_is_never_gathered_whole_is_validated_too(tmp_path):
    """Its 70 million weights are more than are held at once, so that gathers are under way where a pass ends."""
    folder = world.make(tmp_path, world.rows(3))
    config = AutoConfig.from_pretrained(folder / "models/base/tiny")
    config.update({"hidden_size": 576, "vocab_size": 49_152, "num_hidden_layers": 12, "intermediate_size": 1536})
    AutoModelForCausalLM.from_config(config).save_pretrained(folder / "models/base/tiny")
    run(folder, epochs=2, export_epochs=[1], batch_size=1)
    first, last = (weights(folder / "models/limo" / name) for name in ("epochs/001", "."))
    held = configuration(world.train())["zero_optimization"]["stage3_max_live_parameters"]
    assert sum(weight.numel() for weight in last.values()) > 2 * held
    assert not torch.equal(first["model.norm.weight"], last["model.norm.weight"])


def test_a_question_that_is_trained_is_no_judge_of_the_training(tmp_path, capfd):
    world.make(tmp_path, world.rows(3))
    world.dataset(tmp_path / "data/validation.parquet", [*world.held_out(), world.rows(3)[1]])
    with pytest.raises(RuntimeError, match="exit code 1"):
        run(tmp_path)
    assert "1 of 5 questions of data/validation.parquet are trained, problem-001 among them" in capfd.readouterr().err
    assert not (tmp_path / "models/limo").exists()


def test_of_equal_epochs_the_earliest_is_best():
    losses = [None, 0.5, None, 0.25, None, 0.25]
    steps = [{"epoch": 1 + place // 2, "validation_loss": loss} for place, loss in enumerate(losses)]
    assert best_epoch(steps) == 2
    assert best_epoch(steps[:3]) == 1
