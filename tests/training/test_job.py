import pytest

from limo.training.job import job_of
from tests.training import world


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(world.make(tmp_path))
    return tmp_path


def test_checkpoints_belong_to_all_that_decides_the_result(project, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(project / "elsewhere"))
    job = job_of(world.configured(), "limo")
    assert job.checkpoints == str(project / "elsewhere/.limo/checkpoints")
    world.dataset(project / "data/limo.parquet", world.rows(3))
    assert job_of(world.configured(), "limo").dataset_sha256 != job.dataset_sha256


def test_a_variant_is_trained_with_what_it_changes(project):
    p = world.configured()
    other = p.variants["limo"].model_copy(update={"train": {"epochs": 5}})
    job = job_of(p.model_copy(update={"variants": {**p.variants, "other": other}}), "other")
    assert job.train == world.train(epochs=5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"offload": True}, "train.device=cpu needs train.attention=sdpa"),
        ({"attention": "flash_attention_2"}, "train.device=cpu needs"),
        ({"device": "cuda", "numerics": "native", "attention": "flash_attention_2"}, "needs train.dtype=bfloat16"),
        ({"min_learning_rate": 1.0}, "min_learning_rate lies above"),
        ({"fused_loss": "liger"}, "train.fused_loss=liger runs Triton kernels, which need a GPU"),
        ({"nodes": 2, "rendezvous": "a:1"}, "train.processes=1 cannot be shared equally by train.nodes=2"),
        ({"nodes": 2, "processes": 2}, "train.rendezvous is the host:port where several nodes meet"),
        ({"rendezvous": "a:1"}, "set it for train.nodes > 1, else null"),
        ({"export_epochs": [1, 3]}, r"train.export_epochs names \[3\], the run has 2 epochs"),
    ],
)
def test_refuses_parameters_that_contradict_each_other(project, changes, message):
    with pytest.raises(ValueError, match=message):
        job_of(world.configured(**changes), "limo")


def test_refuses_missing_inputs_by_name(project):
    with pytest.raises(ValueError, match=r"variants.other is not in params.yaml"):
        job_of(world.configured(), "other")
    (project / "data/limo.parquet").rename(project / "gone.parquet")
    with pytest.raises(FileNotFoundError, match=r"data/limo.parquet is missing: run `dvc repro`"):
        job_of(world.configured(), "limo")
    (project / "gone.parquet").rename(project / "data/limo.parquet")
    (project / "models/base/tiny/model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match="models/base/tiny holds no model"):
        job_of(world.configured(), "limo")
