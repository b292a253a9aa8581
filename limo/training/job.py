"""The params and a variant → the Job that every process of its training is handed (stage train)."""

import hashlib
import os
from pathlib import Path
from typing import Any

from limo.graph import places
from limo.models import load
from limo.params import Params, Section, Train

EPOCHS = "epochs"  # of the models that train.export_epochs asks for, in the checkpoint folder and beside the last one
CHOSEN = "chosen"  # in the checkpoint folder, the model of the best epoch so far


class Job(Section):
    """All that decides a training run, and where it writes; handed to every process as JSON."""

    variant: str
    seed: int
    system: str
    train: Train
    dataset: str
    dataset_sha256: str
    validation: str
    validation_sha256: str
    model: str
    model_fingerprint: str
    checkpoints: str
    export: str
    result: str

    def decisive(self) -> dict[str, Any]:
        """What decides a byte of the result; a change of processes is told from it and refused when a run goes on."""
        free = {"processes", "nodes", "rendezvous", "rendezvous_timeout_s", "restarts", "save_steps"}
        where = {"checkpoints", "export", "result"}
        return self.model_dump(exclude={"train": free, **dict.fromkeys(where, True)})


def job_of(params: Params, variant: str) -> Job:
    """What `variant` trains, from the parameters and the hashes of its inputs.

    Raises:
        ValueError: no such variant, or parameters that contradict each other; the keys and the remedy are named.
        FileNotFoundError: the dataset or the base model is not there.
    """
    if variant not in params.variants:
        raise ValueError(f"variants.{variant} is not in params.yaml; it has {sorted(params.variants)}")
    train, trained = params.training(variant), params.variants[variant]
    _check(train)
    dataset, validation = Path(trained.data), Path(trained.validation)
    model, trained_model = places.base_model(trained.model).path, places.model(variant).path
    for table in (dataset, validation):
        if not table.exists():
            raise FileNotFoundError(f"{table} is missing: run `dvc repro`, or `dvc pull {table}` where a remote has it")
    root = Path(os.environ.get("DVC_ROOT", ".")) / ".limo" / "checkpoints"
    return Job(
        variant=variant,
        seed=params.seed,
        system=params.prompt.system,
        train=train,
        dataset=str(dataset),
        dataset_sha256=hashlib.sha256(dataset.read_bytes()).hexdigest(),
        validation=str(validation),
        validation_sha256=hashlib.sha256(validation.read_bytes()).hexdigest(),
        model=model,
        model_fingerprint=load.fingerprint(model),
        checkpoints=str(root),
        export=f"{trained_model}.partial",
        # Not beside the checkpoints, which experiments that run at once share.
        result=f"{trained_model}.json.partial",
    )


def _check(train: Train) -> None:
    if train.device == "cpu" and (train.attention, train.offload) != ("sdpa", False):
        raise ValueError("train.device=cpu needs train.attention=sdpa and train.offload=false")
    if train.attention == "flash_attention_2" and train.dtype != "bfloat16":
        raise ValueError("train.attention=flash_attention_2 needs train.dtype=bfloat16")
    if train.device == "cpu" and train.fused_loss == "liger":
        raise ValueError("train.fused_loss=liger runs Triton kernels, which need a GPU: set it to chunks on a CPU")
    if train.min_learning_rate > train.learning_rate:
        raise ValueError("train.min_learning_rate lies above train.learning_rate")
    if train.processes % train.nodes:
        raise ValueError(f"train.processes={train.processes} cannot be shared equally by train.nodes={train.nodes}")
    if (train.nodes > 1) != (train.rendezvous is not None):
        raise ValueError(
            "train.rendezvous is the host:port where several nodes meet: set it for train.nodes > 1, else null"
        )
    if beyond := [epoch for epoch in train.export_epochs if epoch > train.epochs]:
        raise ValueError(f"train.export_epochs names {beyond}, the run has {train.epochs} epochs")
