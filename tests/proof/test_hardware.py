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
    found = hardware.present(["screen", "answer"], ROOT / "params.yaml")
    assert found == {"screen": choose.numerics(p.engines[p.screen.engine]), "answer": found["screen"]}


def test_a_machine_without_the_device_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.get_device_name", lambda: (_ for _ in ()).throw(RuntimeError("no NVIDIA driver")))
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    settings["engines"]["local"] |= {"device": "cuda", "dtype": "bfloat16", "numerics": "native"}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert hardware.present(["rate"], tmp_path / "params.yaml") == {"rate": "not able to (no NVIDIA driver)"}


def test_stages_and_params_that_are_not_known_do_not_end_the_proof(tmp_path):
    assert "knows no engine of the stage judge" in hardware.present(["judge"], ROOT / "params.yaml")["judge"]
    (tmp_path / "params.yaml").write_text("seed: 1\n", encoding="utf-8")
    assert hardware.present(["rate"], tmp_path / "params.yaml")["rate"].startswith("unknown (")


def test_another_class_is_said_and_the_same_is_said():
    units = [HardwareClass(["a", "b"], "one", "other"), HardwareClass(["c"], "one", "one")]
    text = summary.text(Proof("0" * 40, [], 0, units))
    assert (
        "a, b\n  recorded on one, this machine is other: "
        "bytes of generation and training are promised per class of numerics only\n"
    ) in text
    assert "c\n  recorded on one, the class of this machine\n" in text
