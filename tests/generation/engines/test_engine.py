import random
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM

from limo.generation.engines.choose import numerics
from limo.generation.engines.slots import kernels
from limo.generation.engines.transformers import TransformersSampler
from limo.models.load import load_tokenizer, prompt_ids, turns
from limo.params import Sampling, TransformersEngine
from limo.store.request import Completion, Request
from tests import tiny_model

ENGINE = TransformersEngine(
    kind="transformers", device="cpu", dtype="float32", slots=3, max_length=160, threads=1, numerics="portable"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tiny_model.save(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def requests(folder) -> dict[str, Request]:
    """Twelve requests: three prompts, four kinds of sampling, answers of different lengths."""
    tokenizer = load_tokenizer(folder)
    kinds = [(0.0, 1.0, 30), (0.7, 0.95, 24), (1.5, 1.0, 17), (1.0, 0.5, 1)]
    made = {}
    for number in range(12):
        temperature, top_p, most = kinds[number % 4]
        ids = prompt_ids(tokenizer, turns("Solve.", "What is 3 + 4?" * (1 + number // 4)))
        settings_ = Sampling(temperature=temperature, top_p=top_p, max_tokens=most)
        made[f"r{number}"] = Request(tuple(ids), (), settings_, 1000 + number)
    return made


def _answers(engine: TransformersSampler, asked: list[tuple[str, Request]]) -> dict[str, Completion]:
    engine.submit(asked)
    found: dict[str, Completion] = {}
    while done := engine.finished():
        found |= dict(done)
    assert found.keys() == {name for name, _ in asked}
    return found


@pytest.fixture(scope="module")
def alone(folder, requests) -> dict[str, Completion]:
    """Each request's answer in an engine that has never seen another."""
    found = {}
    for name, request in requests.items():
        found |= _answers(TransformersSampler(folder, ENGINE), [(name, request)])
    return found


@pytest.mark.parametrize("order", ["as given", "reversed", "shuffled"])
def test_an_answer_is_the_same_alone_and_among_others(folder, requests, alone, order):
    asked = list(requests.items())
    if order == "reversed":
        asked.reverse()
    if order == "shuffled":
        random.Random(5).shuffle(asked)
    assert _answers(TransformersSampler(folder, ENGINE), asked) == alone


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_an_answer_is_the_same_in_any_company_and_in_a_used_engine(folder, requests, alone, data):
    engine = TransformersSampler(folder, ENGINE)
    for _ in range(2):
        names = data.draw(st.lists(st.sampled_from(sorted(requests)), unique=True, min_size=1))
        assert _answers(engine, [(name, requests[name]) for name in names]) == {name: alone[name] for name in names}


def test_requests_that_arrive_while_others_run_change_nothing(folder, requests, alone):
    engine = TransformersSampler(folder, ENGINE)
    waiting = list(requests.items())
    engine.submit([waiting.pop()])
    found = {}
    while done := engine.finished():
        found |= dict(done)
        engine.submit([waiting.pop() for _ in range(min(2, len(waiting)))])
    assert found == alone


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_greedy_answers_are_those_of_transformers_own_generate(tmp_path, architecture):
    tiny_model.save(tmp_path, architecture)
    tokenizer = load_tokenizer(tmp_path)
    model = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    greedy = Sampling(temperature=0.0, top_p=1.0, max_tokens=40)
    prompts = {str(n): prompt_ids(tokenizer, turns("Solve.", f"What is {n} + {n}?" * n)) for n in range(1, 5)}
    engine = TransformersSampler(tmp_path, ENGINE)
    found = _answers(engine, [(name, Request(tuple(ids), (), greedy, 0)) for name, ids in prompts.items()])
    for name, ids in prompts.items():
        whole = model.generate(torch.tensor([ids]), max_new_tokens=40, do_sample=False, pad_token_id=2)[0, len(ids) :]
        assert found[name].tokens == len(whole)
        assert found[name].text == tokenizer.decode(whole, skip_special_tokens=True)


def test_an_answer_ends_at_the_end_token_or_at_the_limit(folder, requests):
    # A fifth or so of hot draws of 60 tokens from 259 meet the end token.
    prompt = requests["r0"].prompt_ids
    long = Sampling(temperature=2.0, top_p=1.0, max_tokens=60)
    engine = TransformersSampler(folder, ENGINE)
    drawn = _answers(engine, [(str(seed), Request(prompt, (), long, seed)) for seed in range(40)])
    found = [drawn[str(seed)] for seed in range(40)]
    stops = {answer.stop for answer in found}
    assert stops == {"eos", "length"}
    for answer in found:
        assert answer.tokens == 60 if answer.stop == "length" else answer.tokens <= 60
        assert "<|im_end|>" not in answer.text
    # A shorter limit cuts the same draw, it does not change it.
    first = next(seed for seed, answer in enumerate(found) if answer.stop == "eos" and answer.tokens > 2)
    short = Sampling(temperature=2.0, top_p=1.0, max_tokens=found[first].tokens - 1)
    cut = _answers(engine, [("cut", Request(prompt, (), short, first))])["cut"]
    assert (cut.stop, cut.tokens, cut.text) == ("length", found[first].tokens - 1, found[first].text)


def test_a_request_that_does_not_fit_is_refused_by_name(folder, requests):
    engine = TransformersSampler(folder, ENGINE)
    room = ENGINE.max_length - len(requests["r0"].prompt_ids)
    fits = Sampling(temperature=1.0, top_p=1.0, max_tokens=room)
    beyond = Sampling(temperature=1.0, top_p=1.0, max_tokens=room + 1)
    with pytest.raises(ValueError, match=r"p7#2: prompt and answer need 161 tokens, engines\.\*\.max_length is 160"):
        engine.submit([("p7#2", Request(requests["r0"].prompt_ids, (), beyond, 1))])
    answer = _answers(engine, [("p7#1", Request(requests["r0"].prompt_ids, (), fits, 1))])["p7#1"]
    assert answer.tokens <= room


def test_the_numerics_name_what_decides_the_bits():
    named = numerics(ENGINE)
    assert named == numerics(ENGINE)
    for change in ({"slots": 4}, {"max_length": 161}, {"threads": 2}, {"dtype": "bfloat16"}):
        assert numerics(ENGINE.model_copy(update=change)) != named
    assert torch.__version__.split("+")[0] in named


def test_attention_on_a_gpu_never_takes_kernels_that_torch_chooses_by_length_and_says_which_it_takes(monkeypatch):
    with kernels("cuda"):
        assert torch.backends.cuda.flash_sdp_enabled()
        assert torch.backends.cuda.mem_efficient_sdp_enabled()
        assert torch.backends.cuda.math_sdp_enabled()
        assert not torch.backends.cuda.cudnn_sdp_enabled()
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "H200")
    on_gpu = ENGINE.model_copy(update={"device": "cuda", "numerics": "native"})
    assert " cuda-H200 attention=flash,efficient,math float32 " in numerics(on_gpu)
    assert "attention=" not in numerics(ENGINE)
