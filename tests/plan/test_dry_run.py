"""Every profile goes through all that it would ask and train, with models of the real shapes that hold no weights."""

from dataclasses import replace
from functools import cache

import polars as pl
import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from limo import params
from limo.generation import attempts
from limo.generation.task import draws
from limo.models.load import load_tokenizer
from limo.plan import memory
from limo.plan.cache import caches, held_engine, tasks
from limo.plan.lengths import trained
from limo.plan.trainings import Training, trainings
from limo.store.request import check_room
from limo.training.batches import Step, schedule
from limo.training.examples import Example
from limo.training.loss import Objective, check_supported, layout
from tests import tiny_model
from tests.plan.test_checks import PLANNED

PROMPT = 100  # tokens of an example that are not trained
LAYERS = 2  # of the models that are run: the others are like them


@cache
def without_weights(shape: params.Shape, layers: int, dtype: str = "bfloat16") -> PreTrainedModel:
    """A model of this shape on no device: operations give shapes and types, and reckon nothing."""
    config = AutoConfig.for_model(
        "qwen2",
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.intermediate,
        num_hidden_layers=layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_value_heads,
        head_dim=shape.head_size,
        max_position_embeddings=shape.positions,
        tie_word_embeddings=shape.tied,
    )
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype), attn_implementation="sdpa")


def first_epoch(each: Training, p: params.Params) -> list[Step]:
    """The steps of an epoch of one batch whose examples have the planned lengths."""
    lengths = [example.tokens for example in trained(p, each.train)]
    ids = [(0,) * lengths[number % len(lengths)] for number in range(each.train.batch_size)]
    examples = [Example(f"{number:03}", tokens, min(PROMPT, len(tokens) - 1)) for number, tokens in enumerate(ids)]
    return schedule(examples, p.seed, each.train.model_copy(update={"epochs": 1}), each.train.processes)


@pytest.mark.parametrize("name", PLANNED)
def test_every_request_of_a_profile_is_written_and_fits_its_engine(name, tmp_path, monkeypatch):
    p = PLANNED[name]
    folder = tiny_model.save(tmp_path / "model")  # a token is a byte
    monkeypatch.setattr(attempts, "numerics", lambda _: "dry")
    tokenizer = load_tokenizer(folder)
    for asked, _, _ in tasks(p):
        engine = held_engine(p.engines[asked.engine])
        names = [f"{exam}:x" for exam in draws(p)] if asked.measures else ["short", "long"]
        here = replace(asked, folder=folder)
        first = next(iter(attempts.asked(_questions(names, ""), here, p, "model", tokenizer)))
        bare = len(first.prompt_ids)
        long = "?" * max(0, p.plan.longest_prompt - bare)
        for problem in attempts.asked(_questions(names, long), here, p, "model", tokenizer):
            assert len(problem.prompt_ids) == max(bare, p.plan.longest_prompt)
            assert len({problem.key(draw) for draw in range(len(problem.seeds))}) == len(problem.seeds) > 0
            if engine.max_length is not None:
                check_room(asked.stage, problem.request(0), engine.max_length)


def _questions(names: list[str], question: str) -> pl.DataFrame:
    return pl.DataFrame({"id": names, "question": question, "answer": "4"})


@pytest.mark.parametrize("name", PLANNED)
def test_every_model_of_a_profile_has_the_planned_parameters_and_exact_positions(name):
    for model, shape in PLANNED[name].plan.shapes.items():
        made = without_weights(shape, shape.layers)
        biases = shape.layers * (shape.heads + 2 * shape.key_value_heads) * shape.head_size  # which the plan leaves out
        assert sum(each.numel() for each in made.parameters()) == memory.parameters(shape) + biases, model
        assert {each.dtype for each in made.parameters()} == {torch.bfloat16}, model
        assert {each.dtype for each in made.buffers()} == {torch.float32}, model


@pytest.mark.parametrize("name", PLANNED)
def test_every_batch_of_a_profile_is_planned_and_its_longest_pass_trains_every_weight(name):
    p = PLANNED[name]
    for each in trainings(p):
        steps, train = first_epoch(each, p), each.train.model_copy(update={"attention": "sdpa"})
        assert sum(len(step.examples) for step in steps) == train.batch_size
        passes = [packed for step in steps for rank in step.passes for packed in rank]
        longest = max(passes, key=lambda packed: sum(len(example.ids) for example in packed))
        assert sum(len(example.ids) for example in longest) <= max(train.tokens_per_pass, train.max_length)
        made = without_weights(p.plan.shapes[each.model], LAYERS, train.dtype)
        check_supported(made.config, max(len(example.ids) for example in longest))
        loss = Objective(made, train).train()(layout(longest, train, 0, "meta"))
        assert (loss.shape, loss.dtype) == ((), torch.float32)
        loss.backward()
        for weight in made.parameters():
            assert (weight.grad.shape, weight.grad.dtype) == (weight.shape, weight.dtype)


@pytest.mark.parametrize("name", PLANNED)
def test_a_sequence_of_full_length_takes_the_planned_cache(name):
    p = PLANNED[name]
    for planned in caches(p, p.plan.shapes):
        engine, shape = held_engine(p.engines[planned.engine]), p.plan.shapes[planned.model]
        shared = engine.tensor_parallel if isinstance(engine, params.VllmEngine) else 1
        heads = -(-shape.key_value_heads // shared)  # of one device; a head lies on two where there are more devices
        found = cached_bytes(shape, engine.dtype, engine.max_length) * shape.layers / LAYERS
        assert found == planned.longest * shape.key_value_heads / heads, planned


@cache
def cached_bytes(shape: params.Shape, dtype: str, tokens: int) -> int:
    """Bytes of the keys and values that a model of LAYERS layers keeps of a sequence."""
    model = without_weights(shape, LAYERS, dtype)
    model.set_attn_implementation("sdpa")
    ids = torch.zeros((1, tokens), dtype=torch.long, device="meta")
    with torch.no_grad():
        kept = model.eval()(input_ids=ids, use_cache=True, logits_to_keep=1).past_key_values
    return sum(layer.keys.nbytes + layer.values.nbytes for layer in kept.layers)
