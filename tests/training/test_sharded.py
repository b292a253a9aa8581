import json

from transformers import GenerationConfig

from limo.training.sharded import savable
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
