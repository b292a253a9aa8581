from pathlib import Path

import yaml

from limo import params
from limo.generation.engines import choose
from limo.proof import hardware, summary
from limo.proof.hardware import HardwareClass
from limo.proof.proof import Proof

ROOT = Path(__file__).parents[2]


def test_this_machine_is_what_its_engine_says():
    p = params.load(ROOT / "params.yaml")
    found = hardware.present(["screen", "rate@smollm2", "answer@limo"], ROOT / "params.yaml")
    assert found == dict.fromkeys(found, choose.numerics(p.engines[p.screen.engine]))


def test_a_rater_that_was_recorded_is_no_part_of_what_another_one_runs_on():
    assert hardware.present(["rate@gpt4"], ROOT / "params.yaml") == {"rate@gpt4": "recorded"}


def test_a_variant_is_trained_with_its_own_settings(tmp_path):
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    settings["variants"]["random"]["train"] = {"threads": settings["train"]["threads"] + 3}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    found = hardware.present(["train@limo", "train@random"], tmp_path / "params.yaml")
    assert f"-threads{settings['train']['threads']}-" in found["train@limo"]
    assert f"-threads{settings['train']['threads'] + 3}-" in found["train@random"]


def test_a_machine_without_the_device_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.get_device_name", lambda: (_ for _ in ()).throw(RuntimeError("no NVIDIA driver")))
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    settings["engines"]["local"] |= {"device": "cuda", "dtype": "bfloat16", "numerics": "native"}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert hardware.present(["rate@smollm2"], tmp_path / "params.yaml") == {
        "rate@smollm2": "not able to (no NVIDIA driver)"
    }


def test_stages_and_params_that_are_not_known_do_not_end_the_proof(tmp_path):
    assert "has no engine of the stage judge@no" in hardware.present(["judge@no"], ROOT / "params.yaml")["judge@no"]
    (tmp_path / "params.yaml").write_text("seed: 1\n", encoding="utf-8")
    assert hardware.present(["rate@smollm2"], tmp_path / "params.yaml")["rate@smollm2"].startswith("unknown (")


def test_another_class_is_said_and_the_same_is_said():
    units = [HardwareClass(["a", "b"], "one", "other"), HardwareClass(["c"], "one", "one")]
    text = summary.text(Proof("0" * 40, [], 0, units))
    assert (
        "a, b\n  recorded on one, this machine is other: "
        "bytes of generation and training are promised per class of numerics only\n"
    ) in text
    assert "c\n  recorded on one, the class of this machine\n" in text
