import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch
from torch.nn import functional

from limo.training.batches import schedule
from limo.training.examples import Example, encode
from limo.training.loss import ARCHITECTURES, Objective, TokenLoss, check_supported, layout, normaliser
from tests import tiny_model
from tests.training import world

EXAMPLES = encode(world.rows(4), tiny_model.tokenizer(), world.SYSTEM, world.train()).examples


def gradients(model):
    return {name: parameter.grad.clone() for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("tied", [True, False])
def test_packed_equals_one_by_one(architecture, tied):
    model = tiny_model.model(architecture, tied=tied)
    alone = torch.zeros(())
    count = sum(example.trained for example in EXAMPLES)
    for example in EXAMPLES:
        ids = torch.tensor([example.ids])
        logits = model(input_ids=ids).logits[0, example.prompt - 1 : -1]
        alone = alone + functional.cross_entropy(logits, ids[0, example.prompt :], reduction="sum") / count
    alone.backward()
    expected = gradients(model)
    model.zero_grad()
    packed = Objective(model, world.train())(layout(EXAMPLES, world.train(), 0, "cpu")) / count
    packed.backward()
    assert abs(packed.item() - alone.item()) < 1e-6
    for name, gradient in gradients(model).items():
        assert torch.allclose(gradient, expected[name], rtol=0, atol=2e-6), name


def test_a_document_does_not_see_the_one_before_it():
    objective = Objective(tiny_model.model(), world.train())
    other = Example("other", tuple(reversed(EXAMPLES[0].ids)), EXAMPLES[0].prompt)
    after = [
        objective.model.base_model(
            input_ids=packed.ids, position_ids=packed.positions, use_cache=False, documents=packed.documents
        ).last_hidden_state[0, len(other.ids) :]
        for packed in (layout([first, EXAMPLES[1]], world.train(), 0, "cpu") for first in (EXAMPLES[0], other))
    ]
    assert torch.equal(*after)


@pytest.mark.parametrize("loss", ["token", "example"])
def test_the_loss_of_a_step_is_that_of_plain_torch(loss):
    """Whatever the passes: token weighs by trained tokens, example weighs each example the same."""
    settings = world.train(loss=loss, batch_size=4)
    (step,) = schedule(EXAMPLES, 1, settings.model_copy(update={"epochs": 1}), ranks=2)
    objective = Objective(tiny_model.model(), settings)
    found = sum(
        objective(layout(packed, settings, 0, "cpu")).item() for rank in step.passes for packed in rank
    ) / normaliser(step, settings)
    sums, plain = [], tiny_model.model()
    for example in EXAMPLES:
        ids = torch.tensor([example.ids])
        logits = plain(input_ids=ids).logits[0, example.prompt - 1 : -1]
        sums.append(functional.cross_entropy(logits, ids[0, example.prompt :], reduction="sum").item())
    counts = [example.trained for example in EXAMPLES]
    per_token = sum(sums) / sum(counts)
    per_example = sum(total / count for total, count in zip(sums, counts, strict=True)) / len(EXAMPLES)
    assert found == pytest.approx({"token": per_token, "example": per_example}[loss], rel=1e-6)
    assert abs(per_token - per_example) > 1e-4, "the test could not tell them apart"


def test_a_pass_without_examples_adds_nothing():
    packed = layout([], world.train(), 2, "cpu")
    objective = Objective(tiny_model.model(), world.train())
    loss = objective(packed)
    loss.backward()
    assert loss.item() == 0
    assert all(not gradient.any() for gradient in gradients(objective.model).values())


@pytest.mark.parametrize("chunk", [1, 7, 50, 1000])
def test_chunked_cross_entropy_equals_the_plain_one(chunk):
    torch.manual_seed(0)
    head = torch.nn.Linear(32, 300, bias=False)
    hidden = torch.randn(50, 32, requires_grad=True)
    targets = torch.randint(300, (50,))
    plain = functional.cross_entropy(head(hidden), targets, reduction="sum")
    expected = torch.autograd.grad(plain, (hidden, head.weight))
    chunked = TokenLoss(head, world.train(loss_chunk=chunk))(hidden, targets, [(50, 1.0)])
    assert torch.allclose(chunked, plain, rtol=1e-6)
    for found, wanted in zip(torch.autograd.grad(chunked, (hidden, head.weight)), expected, strict=True):
        assert torch.allclose(found, wanted, rtol=0, atol=1e-5)


class Kept(torch.autograd.Function):
    """Liger's way in torch: the gradients are taken along with the loss, and kept until the backward pass."""

    @staticmethod
    def forward(ctx, weight, hidden, targets):
        with torch.enable_grad():
            inputs = weight.detach().requires_grad_(), hidden.detach().requires_grad_()
            loss = functional.cross_entropy(inputs[1] @ inputs[0].T, targets, reduction="sum")
            ctx.save_for_backward(*torch.autograd.grad(loss, inputs))
        return loss.detach()

    @staticmethod
    def backward(ctx, grad):
        of_weight, of_hidden = ctx.saved_tensors
        return grad * of_weight, grad * of_hidden, None


def test_liger_keeps_no_gradient_of_the_head_for_each_document(monkeypatch):
    kernel = SimpleNamespace(LigerFusedLinearCrossEntropyLoss=lambda **_: Kept.apply)
    monkeypatch.setitem(sys.modules, "liger_kernel.transformers", kernel)
    monkeypatch.setitem(sys.modules, "liger_kernel", ModuleType("liger_kernel"))
    torch.manual_seed(0)
    head, targets = torch.nn.Linear(8, 30, bias=False), torch.randint(30, (20,))
    hidden, runs = torch.randn(20, 8, requires_grad=True), [(5, 0.2)] * 4
    kept: list[torch.Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda saved: kept.append(saved) or saved, lambda saved: saved):
        loss = TokenLoss(head, world.train(fused_loss="liger"))(hidden, targets, runs)
    own = [saved for saved in kept if saved.shape == head.weight.shape and saved is not head.weight]
    assert own == []
    found = torch.autograd.grad(loss, (hidden, head.weight))
    plain = sum(
        share * functional.cross_entropy(head(hidden[at : at + count]), targets[at : at + count], reduction="sum")
        for at, (count, share) in zip(range(0, 20, 5), runs, strict=True)
    )
    for gradient, wanted in zip(found, torch.autograd.grad(plain, (hidden, head.weight)), strict=True):
        assert torch.allclose(gradient, wanted, rtol=0, atol=1e-6)


def test_liger_sums_each_run_of_weights_by_its_kernel(monkeypatch):
    """The kernel itself needs a GPU; this one has its signature and computes the same in torch."""

    class Kernel(torch.nn.Module):
        def __init__(self, reduction, accum_dtype):
            super().__init__()
            assert (reduction, accum_dtype) == ("sum", torch.float32)

        def forward(self, weight, hidden, targets):
            return functional.cross_entropy(hidden @ weight.T, targets, reduction="sum")

    package = ModuleType("liger_kernel.transformers")
    package.LigerFusedLinearCrossEntropyLoss = Kernel
    monkeypatch.setitem(sys.modules, "liger_kernel.transformers", package)
    monkeypatch.setitem(sys.modules, "liger_kernel", ModuleType("liger_kernel"))
    torch.manual_seed(0)
    head, hidden, targets = torch.nn.Linear(8, 30, bias=False), torch.randn(9, 8), torch.randint(30, (9,))
    runs = [(4, 0.25), (5, 0.2)]
    found, wanted = (
        TokenLoss(head, world.train(fused_loss=kind))(hidden, targets, runs) for kind in ("liger", "chunks")
    )
    assert torch.allclose(found, wanted, rtol=1e-6)


def test_liger_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "liger_kernel", None)
    with pytest.raises(ImportError, match=r"train.fused_loss=liger needs liger-kernel: run `make setup-gpu`"):
        TokenLoss(torch.nn.Linear(8, 30, bias=False), world.train(fused_loss="liger"))


def test_logits_of_more_than_a_chunk_never_exist(monkeypatch):
    sizes = []
    linear = functional.linear
    monkeypatch.setattr(functional, "linear", lambda x, w, *b: sizes.append(x.shape[0]) or linear(x, w, *b))
    loss = TokenLoss(torch.nn.Linear(8, 30, bias=False), world.train(loss_chunk=16))
    loss(torch.randn(50, 8, requires_grad=True), torch.ones(50).long(), [(50, 1.0)])
    assert sizes == [16, 16, 16, 2]


@pytest.mark.parametrize(
    ("changes", "longest", "message"),
    [
        ({"model_type": "gpt2"}, 10, "architecture 'gpt2'"),
        ({"attention_dropout": 0.1}, 10, "attention_dropout=0.1"),
        ({"use_sliding_window": True}, 10, "use_sliding_window"),
        ({}, 4096, "the longest example has 4096 tokens, the model takes 2048"),
    ],
)
def test_refuses_models_that_packing_would_train_wrong(changes, longest, message):
    config = tiny_model.model("qwen2").config
    for name, value in changes.items():
        setattr(config, name, value)
    with pytest.raises(ValueError, match=message):
        check_supported(config, longest)
