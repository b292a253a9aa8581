import json
from importlib import metadata

import pytest
import torch
from transformers import GenerationConfig

from limo.training.sharded import hardware, without_recipe
from tests.training import world


@pytest.mark.parametrize("recipe", [{"do_sample": True, "temperature": 0.7, "top_k": 20}, {"repetition_penalty": 1.05}])
def test_an_exported_model_has_no_recipe_of_its_bases_makers(recipe):
    ours = without_recipe(GenerationConfig(bos_token_id=1, eos_token_id=[2, 3], pad_token_id=4, **recipe))
    assert {name: value for name, value in ours.to_diff_dict().items() if name != "transformers_version"} == {
        "bos_token_id": 1,
        "eos_token_id": [2, 3],
        "pad_token_id": 4,
    }


def test_of_a_generation_config_that_cannot_be_saved_the_token_ids_go_on():
    plain = GenerationConfig(bos_token_id=1, eos_token_id=2)
    assert without_recipe(plain) is plain
    mended = without_recipe(GenerationConfig(do_sample=False, temperature=0.6, bos_token_id=1, eos_token_id=[2, 3]))
    assert (mended.bos_token_id, mended.eos_token_id, mended.temperature) == (1, [2, 3], None)
    mended.validate(strict=True)


def test_a_base_with_such_a_config_is_trained_and_exported(tmp_path):
    world.make(tmp_path)
    file = tmp_path / "models/base/tiny/generation_config.json"
    file.write_text(json.dumps({"do_sample": False, "temperature": 0.6, "eos_token_id": 2}), encoding="utf-8")
    world.run(tmp_path, epochs=1)
    assert json.loads((tmp_path / "models/limo/generation_config.json").read_text())["eos_token_id"] == 2
    assert "temperature" not in (tmp_path / "models/limo/generation_config.json").read_text()


@pytest.mark.parametrize(
    ("changes", "kernels"),
    [
        ({}, ["sdpa"]),
        ({"attention": "flash_attention_2"}, ["flash-attn2.8.3"]),
        ({"fused_loss": "liger", "processes": 2}, ["sdpa", "liger0.8.5", "nccl2.28.9"]),
    ],
)
def test_the_numerics_of_a_gpu_name_its_build_and_every_kernel_that_is_not_torchs(changes, kernels, monkeypatch):
    versions = {"flash-attn": "2.8.3", "liger-kernel": "0.8.5"}
    monkeypatch.setattr("limo.training.sharded.version", lambda name: versions.get(name) or metadata.version(name))
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA H200")
    monkeypatch.setattr(torch.cuda.nccl, "version", lambda: (2, 28, 9))
    found = hardware(world.train(device="cuda", numerics="native", dtype="bfloat16", **changes))
    begins = "-".join(["cuda13.0-NVIDIA-H200-bfloat16", *kernels, f"torch{torch.__version__.split('+')[0]}"])
    assert found.startswith(f"{begins}-deepspeed")
