"""A model of params.yaml → its folder: unpacked, copied, or a pointer to a pinned revision; used by fetch."""

import importlib.metadata
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limo import params
from limo.base.files import write_json
from limo.models.load import POINTER

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


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
            f"models: {model.repo} has no pinned revision; run `limo pin`, or put the 40-digit commit of the hub "
            "repository in params.yaml"
        )
    return {"repo": model.repo, "revision": model.revision}
