import json
from importlib import metadata

import pytest
import torch
from transformers import GenerationConfig

from limo.training.sharded import hardware, savable
from tests.training import world


def test_of_a_generation_config_that_cannot_be_saved_the_token_ids_go_on(capsys):
    valid = GenerationConfig(do_sample=True, temperature=0.6, eos_token_id=2)
    assert savable(valid) is valid
    mended = savable(GenerationConfig(do_sample=False, temperature=0.6, bos_token_id=1, eos_token_id=[2, 3]))
    assert (mended.bos_token_id, mended.eos_token_id, mended.temperature) == (1, [2, 3], None)
    mended.validate(strict=True)
    assert "only its token ids go on" in capsys.readouterr().out


def test_a_base_with_such_a_config_is_trained_and_exported(tmp_path):
    world.make(tmp_path)
    file = tmp_path / "models/base/tiny/generation_config.json"
    file.write_text(json.dumps({"do_sample": False, "temperature": 0.6, "eos_token_id": 2}), encoding="utf-8")
    world.run(tmp_path, epochs=1)
    assert json.loads((tmp_path / "models/limo/generation_config.json").read_text())["eos_token_id"] == 2


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
