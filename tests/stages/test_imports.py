"""What scripts of stages load before they know what they have to do, and what counting tokens loads: a set, no time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from limo.models import load
from tests import tiny_model

ROOT = Path(__file__).parents[2]
SLOW = "datasets deepspeed pandas ray reasoning_gym scipy statsmodels sympy torch transformers vllm".split()
LOADED = f"import sys; print(*[name for name in {SLOW} if name in sys.modules])"
TEXTS = ["3 apples cost \\$12, so 12 / 3 = 4.", "", " two  spaces\n<|im_end|> and é分"]


def loaded(script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\n{LOADED}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1].split()


def test_scripts_of_stages_load_nothing_slow_before_they_need_it() -> None:
    names = [f"stages.{script.stem}" for script in sorted((ROOT / "stages").glob("[a-z]*.py"))]
    assert len(names) > 20
    assert loaded(f"import {', '.join(names)}") == []


def test_counting_tokens_loads_no_transformers_and_gives_its_ids(tmp_path: Path) -> None:
    folder = tiny_model.save(tmp_path)
    script = f"from limo.models import load; load.load_counter({str(folder)!r})(['1 + 1'], add_special_tokens=False)"
    assert loaded(script) == []
    whole = AutoTokenizer.from_pretrained(folder)(TEXTS, add_special_tokens=False)["input_ids"]
    assert load.load_counter(folder)(TEXTS, add_special_tokens=False)["input_ids"] == whole


@pytest.mark.parametrize("cut", [{"truncation": {"max_length": 3, "stride": 0, "strategy": "LongestFirst"}}, {}])
def test_settings_of_cutting_and_filling_that_a_file_holds_change_no_count(cut: dict, tmp_path: Path) -> None:
    folder = tiny_model.save(tmp_path)
    content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    content["truncation"] = {"direction": "Right", **cut["truncation"]} if cut else None
    content["padding"] = {
        "strategy": "BatchLongest", "direction": "Left", "pad_to_multiple_of": None, "pad_id": 2, "pad_type_id": 0,
        "pad_token": "<|im_end|>",
    }  # fmt: skip
    (folder / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    ids = load.load_counter(folder)(TEXTS, add_special_tokens=False)["input_ids"]
    assert ids == load.load_tokenizer(folder)(TEXTS, add_special_tokens=False)["input_ids"]


def test_a_tokenizer_of_a_class_of_its_own_is_left_to_transformers(tmp_path: Path) -> None:
    folder = tiny_model.save(tmp_path)
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    settings["tokenizer_class"] = "Qwen2Tokenizer"
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    assert hasattr(load.load_counter(folder), "chat_template")
