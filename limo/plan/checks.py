"""A params file and models' shapes → what a run with them would refuse, cut or leave idle; used by `limo plan`.

Every request and example of the largest size that `plan` expects goes through the checks of a run, without a model.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from limo import params
from limo.generation.room import clipped
from limo.generation.task import Task, draws
from limo.plan import memory
from limo.plan.cache import Cache, Local, held_engine, tasks
from limo.plan.disk import Disk
from limo.plan.lengths import expected
from limo.plan.trainings import Training, trainings
from limo.store.request import Request, check_room


@dataclass(frozen=True)
class Foreseen:
    """What a run would do: `stops` says whether a stage ends with it."""

    stops: bool
    text: str


def findings(
    p: params.Params, shapes: Mapping[str, params.Shape], of_engines: Sequence[Cache], disk: Disk
) -> list[Foreseen]:
    """All that would stop a stage, then all that would cost answers, tokens or devices; each said once."""
    of_requests = [*_requests(p, shapes), *_invariance(p), *_caches(p, shapes, of_engines)]
    of_training = [*_training(p, shapes), *_devices(p)]
    everything = dict.fromkeys([*of_requests, *of_training])
    if disk.total > p.plan.disk_gib * memory.GIB:
        text = f"models, checkpoints and answers need {disk.total / memory.GIB:.0f} GiB of plan.disk_gib = "
        everything[Foreseen(True, f"{text}{p.plan.disk_gib:g}")] = None
    return sorted(everything, key=lambda finding: not finding.stops)


def _requests(p: params.Params, shapes: Mapping[str, params.Shape]) -> Iterator[Foreseen]:
    """The longest prompt with its answer, against the engine's length and the model's positions."""
    longest = p.plan.longest_prompt
    for asked, _, model in tasks(p):
        engine = held_engine(p.engines[asked.engine])
        if not isinstance(engine, Local):  # a server knows its room
            continue
        key = f"engines.{asked.engine}.max_length"
        if model not in shapes:
            yield Foreseen(False, f"{model} has no shape: add it to plan.shapes, or nothing is known of its length")
        elif engine.max_length > shapes[model].positions:
            yield Foreseen(
                True,
                f"{asked.stage}: {key} is {engine.max_length}, {model} takes {shapes[model].positions} positions: give "
                f"it an engine of max_length {shapes[model].positions}",
            )
        sampling = max(_samplings(p, asked), key=lambda each: each.max_tokens)
        settings = clipped(sampling, longest, engine)
        if settings is None:
            text = f"{asked.stage}: a prompt of {longest} tokens (plan.longest_prompt) leaves no room in {key} = "
            yield Foreseen(True, f"{text}{engine.max_length}: raise it")
            continue
        check_room(asked.stage, Request((0,) * longest, (), settings, 0), engine.max_length)
        if settings.max_tokens < sampling.max_tokens:
            yield Foreseen(
                False,
                f"{_family(asked.stage)}: after a prompt of {longest} tokens an answer is cut at {settings.max_tokens} "
                f"instead of {sampling.max_tokens}, as {key} is {engine.max_length}",
            )


def _samplings(p: params.Params, asked: Task) -> list[params.Sampling]:
    """How a stage samples; a candidate does it in another way for every protocol."""
    problems = [f"{exam}:" for exam in draws(p)] if asked.measures else [""]
    return [asked.asks(problem).sampling for problem in problems]


def _invariance(p: params.Params) -> Iterator[Foreseen]:
    """Stages whose answers batch invariance does not cover: vLLM 0.32 sums up for top-p by the batch's size."""
    for asked, _, _ in tasks(p):
        engine = held_engine(p.engines[asked.engine])
        for sampling in _samplings(p, asked):
            partial = sampling.temperature > 0 and sampling.top_p < 1
            if isinstance(engine, params.VllmEngine) and engine.batch_invariant and partial:
                yield Foreseen(
                    False,
                    f"{_family(asked.stage)}: top_p {sampling.top_p:g} is not covered by batch_invariant where many "
                    "tokens are almost equally likely: bench/invariance.py shows whether this GPU is concerned",
                )


def _caches(p: params.Params, shapes: Mapping[str, params.Shape], of_engines: Sequence[Cache]) -> Iterator[Foreseen]:
    for cache in of_engines:
        engine = held_engine(p.engines[cache.engine])
        if isinstance(engine, params.VllmEngine) and shapes[cache.model].heads % engine.tensor_parallel:
            heads, parallel = shapes[cache.model].heads, engine.tensor_parallel
            yield Foreseen(True, f"{cache.stage}: {heads} heads of {cache.model} over tensor_parallel {parallel}")
        yield from _cache(cache, isinstance(engine, params.VllmEngine))


def _cache(cache: Cache, paged: bool) -> Iterator[Foreseen]:
    room, key = f"{cache.room / memory.GIB:.1f} GiB of a device", f"engines.{cache.engine}"
    if cache.longest > cache.room:
        needed = f"{cache.longest / memory.GIB:.1f}"
        yield Foreseen(
            True, f"{cache.stage}: one sequence of {key}.max_length needs {needed} GiB of cache, there are {room}"
        )
    elif not paged and cache.held < cache.together:
        yield Foreseen(
            True, f"{cache.stage}: {key}.slots is {cache.together}, the {room} hold {cache.held} of max_length"
        )
    elif cache.held < cache.together:
        yield Foreseen(
            False,
            f"{cache.stage}: the {room} hold {cache.held} sequences of mean length, {key}.max_sequences is "
            f"{cache.together}: the others are put off and computed again",
        )


def _training(p: params.Params, shapes: Mapping[str, params.Shape]) -> Iterator[Foreseen]:
    """The longest example against the `max_length` of every variant and the positions of its model."""
    if not p.variants:
        return
    examples = expected(p)
    if not examples:
        yield Foreseen(
            True, f"tiers.max_tokens = {p.tiers.max_tokens} leaves no example of plan.training.example_tokens"
        )
    for each in trainings(p):
        yield from _examples(each, p, shapes, examples)


def _examples(
    each: Training, p: params.Params, shapes: Mapping[str, params.Shape], examples: Sequence[params.ExampleLength]
) -> Iterator[Foreseen]:
    train, key, positions = each.train, each.key("max_length"), shapes[each.model].positions
    longest = max((example.tokens for example in examples), default=0)
    over = sum(example.share for example in examples if example.tokens > train.max_length)
    if over and train.overlength == "refuse":
        text = f"{each.key('overlength')}: refuse ends the stage, as {over:.0%} of the examples are over {key} = "
        yield Foreseen(True, f"{text}{train.max_length}: {_room_for(each, p, shapes, longest)}")
    elif over:
        done = "cut at" if train.overlength == "truncate" else "left out as over"
        yield Foreseen(False, f"{over:.0%} of the examples are {done} {key} = {train.max_length}")
    if min(longest, train.max_length) > positions:
        text = (
            f"examples of {min(longest, train.max_length)} tokens are trained, a base model takes {positions} positions"
        )
        yield Foreseen(True, f"{text}: lower {key} to {positions}")


def _room_for(each: Training, p: params.Params, shapes: Mapping[str, params.Shape], longest: int) -> str:
    """The advice for examples that are too long, of which the models' positions and the devices' memory approve."""
    if all(_takes(way, p.plan, shapes[way.model], longest) for way in trainings(p)):
        tokens = max(longest, each.train.tokens_per_pass)
        return f"raise {each.key('max_length')} to {longest} and {each.key('tokens_per_pass')} to {tokens}"
    most = each.train.max_length - p.plan.longest_prompt
    overlength = each.key("overlength")
    return f"choose {overlength}: truncate or drop, or tiers.overlength: refuse with tiers.max_tokens: {most}"


def _takes(each: Training, plan: params.Plan, shape: params.Shape, longest: int) -> bool:
    """Whether a model can be trained on examples of this length: other variants have the same settings."""
    changes = {"max_length": longest, "tokens_per_pass": max(longest, each.train.tokens_per_pass)}
    wider = each.train.model_copy(update=changes)
    return longest <= shape.positions and memory.fits(memory.need(shape, wider, plan.reserve_gib), wider, plan)


def _devices(p: params.Params) -> Iterator[Foreseen]:
    """Stages that want more devices than there are, or leave some idle."""
    there = p.plan.devices
    for asked, _, _ in tasks(p):
        engine = p.engines[asked.engine]
        used = _used(engine)
        if used is None:
            continue
        if used > there:
            yield Foreseen(True, f"{_family(asked.stage)}: engines.{asked.engine} wants {used} of {there} devices")
        elif used < there:
            idle = f"{_family(asked.stage)}: engines.{asked.engine} uses {used} of {there} devices, {there - used} idle"
            yield Foreseen(False, f"{idle}: {_spread(engine, asked.engine, there // used)}")
    for way in trainings(p):
        processes = way.train.processes
        if way.train.device == "cuda" and processes < there:
            idle = f"{there - processes} of {there} devices are idle"
            yield Foreseen(False, f"train@*: {way.key('processes')} is {processes}, {idle}")


def _used(engine: params.Engine) -> int | None:
    """GPUs that an engine takes; None on CPUs and servers."""
    inner = held_engine(engine)
    if not isinstance(inner, Local) or inner.device == "cpu":
        return None
    one = inner.tensor_parallel * inner.data_parallel if isinstance(inner, params.VllmEngine) else 1
    return one * engine.actors if isinstance(engine, params.RayEngine) else one


def _spread(engine: params.Engine, name: str, times: int) -> str:
    if times == 1:
        return "no more copies of the model fit on them"
    if isinstance(engine, params.RayEngine):
        return f"set engines.{name}.actors to {engine.actors * times}"
    if isinstance(engine, params.VllmEngine):
        return f"set engines.{name}.data_parallel to {engine.data_parallel * times}"
    return "an engine of kind vllm with data_parallel, or ray, uses them"


def _family(stage: str) -> str:
    """answer@base → answer@*, since all candidates share an engine."""
    return "answer@*" if stage.startswith("answer@") else stage
