import pytest

from limo.training import speed
from limo.training.examples import Example
from tests import tiny_model


@pytest.mark.parametrize(
    ("name", "peak"),
    [
        ("NVIDIA H100 80GB HBM3", 989),
        ("NVIDIA H100 PCIe", 756),
        ("NVIDIA H100 NVL", 835),
        ("NVIDIA H200", 989),
        ("NVIDIA GH200 480GB", 989),
        ("NVIDIA H20", 148),
        ("NVIDIA A100-SXM4-80GB", 312),
        ("NVIDIA A10", 125),
        ("NVIDIA L40S", 362),
        ("NVIDIA GeForce RTX 4090", 165.2),
        ("NVIDIA GeForce GTX 1080", None),
    ],
)
def test_the_peak_of_a_device_is_found_by_its_name(name, peak):
    assert speed.peak_tflops(name) == peak


def test_operations_are_6_per_parameter_and_token_and_attention_counts_each_document_alone():
    model = tiny_model.model()
    count = sum(parameter.numel() for parameter in model.parameters())
    operations = speed.operations_of(model.config, count)
    apart = operations.flops([Example("a", (1,) * 30, 1), Example("b", (1,) * 10, 1)])
    assert apart == 6 * count * 40 + 12 * 2 * 64 * (30**2 + 10**2)


def test_mfu_is_the_share_of_the_peak(monkeypatch):
    clock = iter([0.0, 2.0])
    monkeypatch.setattr(speed.time, "perf_counter", lambda: next(clock))
    operations = speed.Operations(parameters=100, layers=1, width=10)
    meter = speed.Speedometer(operations, peak=2000.0, start=speed.time.perf_counter())
    meter.add([Example("a", (1,) * 5, 2)])
    figures = meter.figures()
    assert (figures["tokens_per_s"], figures["trained_tokens_per_s"]) == (2.5, 1.5)
    assert figures["mfu"] == (6 * 100 * 5 + 12 * 10 * 25) / 2 / 2000


def test_without_a_known_peak_there_is_no_mfu():
    meter = speed.Speedometer(speed.Operations(1, 1, 1), peak=None)
    meter.add([Example("a", (1,), 0)])
    assert "mfu" not in meter.figures()
