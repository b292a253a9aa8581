"""A model's folder → where its weights are, its identity, tokenizer and prompts; used by score, train and sampling."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

POINTER = "model.json"
PLAIN = "TokenizersBackend"  # transformers' class for tokenizers that are their tokenizer.json and nothing else
TODAY = date(2025, 2, 5)  # of the paper's first version

Turns = tuple[tuple[str, str], ...]


def resolve(folder: str | Path) -> dict[str, str]:
    """Arguments for `from_pretrained`: the folder itself, or the hub id and revision that its pointer names."""
    folder = Path(folder)
    if not (folder / POINTER).exists():
        if any(folder.glob("*.safetensors")):
            return {"pretrained_model_name_or_path": str(folder)}
        raise FileNotFoundError(f"{folder} holds no model: run `dvc repro fetch` or the stage that trains it")
    origin = json.loads((folder / POINTER).read_text(encoding="utf-8"))
    if origin["kind"] == "hub":
        return {"pretrained_model_name_or_path": origin["repo"], "revision": origin["revision"]}
    return {"pretrained_model_name_or_path": str(folder)}


def fingerprint(folder: str | Path) -> str:
    """Identity of a model's weights and tokenizer: hex sha256 over its files, or over the pinned hub revision."""
    source = resolve(folder)
    if "revision" in source:
        return hashlib.sha256(f"{source['pretrained_model_name_or_path']}@{source['revision']}".encode()).hexdigest()
    hasher = hashlib.sha256()
    for file in sorted(Path(folder).iterdir()):
        if file.suffix in {".safetensors", ".json", ".jinja"} and file.name != POINTER:
            with file.open("rb") as stream:
                hasher.update(f"{file.name} {hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
    return hasher.hexdigest()


def load_tokenizer(folder: str | Path) -> "PreTrainedTokenizerBase":
    """The model's tokenizer with its chat template."""
    from transformers import AutoTokenizer  # noqa: PLC0415 - seconds to import, and most stages need no model

    tokenizer = AutoTokenizer.from_pretrained(**resolve(folder))
    if tokenizer.chat_template is None:
        raise ValueError(
            f"the tokenizer of {folder} has no chat template, which writes prompts: choose an instruct model, or add "
            "its chat_template.jinja to the folder that `models` names and run its stage `fetch` with --force"
        )
    return tokenizer


def load_counter(folder: str | Path) -> Callable[..., Any]:
    """The tokenizer for who only counts: called with texts it gives their `input_ids`, as that of `load_tokenizer`.

    Where a folder's settings name no class that changes what tokenizer.json says, this file is read without
    transformers, which takes seconds to import.
    """
    file, settings = Path(folder) / "tokenizer.json", Path(folder) / "tokenizer_config.json"
    if not (file.exists() and settings.exists()):
        return load_tokenizer(folder)
    if json.loads(settings.read_text(encoding="utf-8")).get("tokenizer_class") != PLAIN:
        return load_tokenizer(folder)
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: Sequence[str], *, add_special_tokens: bool) -> dict[str, list[list[int]]]:
        encoded = tokenizer.encode_batch(list(texts), add_special_tokens=add_special_tokens)
        return {"input_ids": [each.ids for each in encoded]}

    return count


def turns(system: str, question: str) -> Turns:
    """The (role, content) turns of a prompt (paper 6.2)."""
    return (("system", system), ("user", question))


def prompt_text(tokenizer: "PreTrainedTokenizerBase", turns: Turns) -> str:
    """The turns in the model's chat template, up to where the answer begins (paper 6.2).

    A template that asks for today's date gets TODAY: prompts, and with them all keys, would be others every day.
    """
    messages = [{"role": role, "content": content} for role, content in turns]
    return str(
        tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False, strftime_now=TODAY.strftime)
    )


def prompt_ids(tokenizer: "PreTrainedTokenizerBase", turns: Turns) -> list[int]:
    """Token ids of `prompt_text`, for sampling and training."""
    return list(tokenizer(prompt_text(tokenizer, turns), add_special_tokens=False)["input_ids"])


def control_tokens(tokenizer: "PreTrainedTokenizerBase") -> dict[int, str]:
    """Tokens that no text may hold, by id as they are written: the special ones, and those of the chat template.

    Special are those to which the tokenizer gives a part, such as the end of a turn, and those that are marked so. Some
    models' turns are written with added tokens that are not special: in a text they would be turns all the same.
    """
    added = tokenizer.added_tokens_decoder
    marked = {token for token, entry in added.items() if entry.special}
    prompt = set(prompt_ids(tokenizer, turns("Answer.", "What is 1 + 1?")))
    written = {token for token in prompt & set(added) if added[token].content.strip()}
    control = set(tokenizer.all_special_ids) | marked | written
    return {token: str(tokenizer.convert_ids_to_tokens(token)) for token in sorted(control)}


def held_control(text: str, tokenizer: "PreTrainedTokenizerBase", control: Mapping[int, str]) -> str | None:
    """The first of the control tokens (`control_tokens`) that a text holds: its id and how it is written."""
    found = next((token for token in tokenizer(text, add_special_tokens=False)["input_ids"] if token in control), None)
    return None if found is None else f"{found} ({control[found]!r})"


def end_tokens(folder: str | Path, tokenizer: "PreTrainedTokenizerBase") -> set[int]:
    """Ids that end an answer: the model's own list and the tokenizer's.

    Raises:
        ValueError: neither names one.
        OSError: a file of the model cannot be had or read; that it has no generation config is no error.
    """
    from transformers import AutoConfig, GenerationConfig  # noqa: PLC0415
    from transformers.utils import cached_file  # noqa: PLC0415

    source = resolve(folder)
    place, revision = source["pretrained_model_name_or_path"], source.get("revision", "main")
    file = cached_file(place, "generation_config.json", revision=revision, _raise_exceptions_for_missing_entries=False)
    if file is None:
        listed = AutoConfig.from_pretrained(**source).eos_token_id
    else:
        listed = GenerationConfig.from_pretrained(place, revision=revision).eos_token_id
    ends = {tokenizer.eos_token_id, *(listed if isinstance(listed, list) else [listed])} - {None}
    if not ends:
        raise ValueError(f"{folder} names no end-of-sequence token: answers could never end")
    return ends
