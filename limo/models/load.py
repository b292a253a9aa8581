import hashlib
import importlib.metadata
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limo import params
from limo.base.tables import write_json

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

POINTER = "model.json"

Turns = tuple[tuple[str, str], ...]


def fetch(model: params.Model, folder: str | Path) -> dict[str, Any]:
    """Make `folder` hold a model: its weights and tokenizer, or a pointer to a pinned hub revision.

    Every folder also gets model.json with the model's origin and licence.

    Raises:
        FileNotFoundError: the package's file or the folder with the weights is not there.
        ValueError: the package is missing or of another version, or a hub model has no pinned revision.
    """
    folder = Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if isinstance(model, params.PackagedModel):
        origin = _unpack(model, folder)
    elif isinstance(model, params.LocalModel):
        origin = _copy(model, folder)
    else:
        origin = _pin(model)
    write_json({"kind": model.kind, "licence": model.licence, **origin}, folder / POINTER)
    return origin


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
    found = resolve(folder)
    if "revision" in found:
        return hashlib.sha256(f"{found['pretrained_model_name_or_path']}@{found['revision']}".encode()).hexdigest()
    total = hashlib.sha256()
    for file in sorted(Path(folder).iterdir()):
        if file.suffix in {".safetensors", ".json", ".jinja"} and file.name != POINTER:
            with file.open("rb") as stream:
                total.update(f"{file.name} {hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()


def load_tokenizer(folder: str | Path) -> "PreTrainedTokenizerBase":
    """The model's tokenizer with its chat template."""
    from transformers import AutoTokenizer  # noqa: PLC0415 - seconds to import, and most stages need no model

    tokenizer = AutoTokenizer.from_pretrained(**resolve(folder))
    if tokenizer.chat_template is None:
        raise ValueError(f"the tokenizer of {folder} has no chat template: prompts cannot be written for it")
    return tokenizer


def turns(system: str, question: str) -> Turns:
    """The (role, content) turns of a prompt (paper 6.2)."""
    return (("system", system), ("user", question))


def prompt_ids(tokenizer: "PreTrainedTokenizerBase", turns: Turns) -> list[int]:
    """Token ids of the turns and the opening of the answer (paper 6.2), for sampling and training."""
    messages = [{"role": role, "content": content} for role, content in turns]
    text = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def end_tokens(folder: str | Path, tokenizer: "PreTrainedTokenizerBase") -> set[int]:
    """Ids that end an answer: the model's own list and the tokenizer's.

    Raises:
        ValueError: neither names one.
    """
    from transformers import AutoConfig, GenerationConfig  # noqa: PLC0415

    source = resolve(folder)
    try:
        listed = GenerationConfig.from_pretrained(
            source["pretrained_model_name_or_path"], revision=source.get("revision", "main")
        ).eos_token_id
    except OSError:  # the model has no such file
        listed = AutoConfig.from_pretrained(**source).eos_token_id
    found = {tokenizer.eos_token_id, *(listed if isinstance(listed, list) else [listed])} - {None}
    if not found:
        raise ValueError(f"{folder} names no end-of-sequence token: answers could never end")
    return found


def packaged_file(model: params.PackagedModel) -> Path:
    """The GGUF file that the pinned package ships.

    Raises:
        ValueError: another version of the package is installed, or none.
        FileNotFoundError: the package does not ship exactly one GGUF file.
    """
    try:
        installed = importlib.metadata.version(model.package)
    except importlib.metadata.PackageNotFoundError:
        raise ValueError(f"the package {model.package} is not installed: run `make setup`") from None
    if installed != model.version:
        raise ValueError(
            f"{model.package} {installed} is installed, params.yaml pins {model.version}: run `make setup`"
        )
    files = [f for f in importlib.metadata.files(model.package) or [] if f.suffix == ".gguf"]
    if len(files) != 1:
        raise FileNotFoundError(f"{model.package} {installed} ships {len(files)} .gguf files, expected one")
    return Path(str(files[0].locate()))


def packaged_tokenizer(model: params.PackagedModel) -> "PreTrainedTokenizerBase":
    """The tokenizer inside the package's GGUF file, without reading the weights."""
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence  # noqa: PLC0415
    from transformers import AutoTokenizer  # noqa: PLC0415

    path = packaged_file(model)
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    if model.split_digits:
        # The GGUF conversion loses this step of the original tokenizer: without it "12" is one token, not two.
        tokenizer.backend_tokenizer.pre_tokenizer = Sequence(
            [Digits(individual_digits=True), ByteLevel(add_prefix_space=False)]
        )
    tokenizer.model_max_length = model.max_length
    return tokenizer


def _unpack(model: params.PackagedModel, folder: Path) -> dict[str, Any]:
    import torch  # noqa: PLC0415
    from transformers import AutoModelForCausalLM, GgufConfig  # noqa: PLC0415

    path = packaged_file(model)
    weights = AutoModelForCausalLM.from_pretrained(
        path.parent,
        gguf_file=path.name,
        dtype=torch.float32,
        quantization_config=GgufConfig(dequantize=True),
    )
    weights.save_pretrained(folder)
    packaged_tokenizer(model).save_pretrained(folder)
    return {"package": model.package, "version": model.version, "file": path.name}


def _copy(model: params.LocalModel, folder: Path) -> dict[str, Any]:
    source = Path(model.path)
    if not source.is_dir():
        raise FileNotFoundError(f"models.*.path: {source} is no folder")
    shutil.copytree(source, folder, dirs_exist_ok=True)
    return {"path": model.path}


def _pin(model: params.HubModel) -> dict[str, Any]:
    if model.revision == "unpinned":
        raise ValueError(
            f"models: {model.repo} has no pinned revision; put the 40-digit commit of the hub repository in params.yaml"
        )
    return {"repo": model.repo, "revision": model.revision}
