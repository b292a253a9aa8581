"""Problems and a task → judged ATTEMPT rows, drawn or from the store; used by screen, rate, collect and answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.answers import thoughts
from limo.answers.background import BackgroundVerifier
from limo.answers.verify import Case, Verifier
from limo.base.scratch import scratch
from limo.base.tables import frame, read, sink
from limo.generation import sampler
from limo.generation.engines.choose import numerics, open_engine
from limo.generation.in_flight import InFlight, ProblemDraws, Tally
from limo.generation.room import clipped, length
from limo.generation.task import Task
from limo.graph.schemas import ATTEMPT
from limo.models import load
from limo.store.request import Completion, draw_seed, series_key
from limo.store.store import Store, open_store

_PIECE = 1000  # attempts whose texts are in memory at once
# What is kept of an attempt while a stage runs: all but its text, which is in the store.
_JUDGED = pl.Schema({name: ATTEMPT[name] for name in ("id", "sample", "seed", "key", "extracted", "verdict", "rule")})


def drawn(problems: pl.DataFrame, task: Task, p: params.Params) -> tuple[pl.DataFrame, dict[str, int | float]]:
    """The ATTEMPT rows that `draw` writes, in memory, and what the run cost.

    Raises:
        WasteError, EngineError, ValueError: as `draw`.
    """
    with scratch() as folder:
        _, tally = draw(problems, task, p, folder / "attempts.parquet")
        return read(folder / "attempts.parquet", ATTEMPT), tally


def draw(
    problems: pl.DataFrame, task: Task, p: params.Params, out: Path
) -> tuple[pl.DataFrame, dict[str, int | float]]:
    """Draw and judge answers of one model to problems with columns `id`, `question`, `answer`.

    A problem whose prompt leaves no room for an answer has no draw, unless the task measures: then it has cut ones.
    Nor has one whose question holds a control token of the model, which would read it as a turn.

    Writes the ATTEMPT table of exactly the draws that count to `out`, by id and sample, the same bytes in whatever
    order answers came. Texts are in memory only while their problem is under way and while they are written. A text
    begins with the mark by which the model's template opened its thought, if it does, so that whoever judges the text
    again reads what was judged here.

    Returns:
        Columns id, correct and drawn of every problem that has a draw or cannot be asked, with the reason as `unasked`,
        and what the run cost (`Tally.counts`).

    Raises:
        WasteError, EngineError, ValueError: as `sampler.run` and the engine; what had ended is stored.
        ValueError: the task measures and a question holds a control token, so that there is no fair answer to it.
    """
    engine = p.engines[task.engine]
    model, unit = load.fingerprint(task.folder), numerics(engine)
    tokenizer = load.load_tokenizer(task.folder)
    unasked: dict[str, str] = {}

    @cache
    def opening(system: str) -> str:
        return thoughts.opening(load.prompt_text(tokenizer, load.turns(system, "")))

    def begun(problem: str, text: str) -> str:
        return thoughts.begun(text, opening(task.asks(problem).system))

    tally = Tally(None if params.empty(p.plan) else p.plan.engines[task.engine])
    with scratch() as pieces, open_store(model) as store, Verifier(p.answers) as verifier:
        with BackgroundVerifier(verifier) as judges:
            in_flight = InFlight(
                task,
                store,
                lambda problem, completion: judges.submit(_case(problem, completion, begun)),
                p.generation,
                tally,
            )
            safe = _safe(asked(problems, task, p, model, tokenizer), task, tokenizer, unasked, tally)
            known = list(safe) if task.measures else safe  # a benchmark is refused before its first draw
            ended = sampler.run(
                _fitting(known, task, engine, store, unasked, tally),
                problems.height,
                lambda: open_engine(task.folder, engine),
                in_flight,
            )
            judged = _kept(ended)
        same = {"model": task.model, "fingerprint": model, "numerics": unit, "claimed": None, "licence": None}
        sink(_texts(judged, store, begun, same, pieces / "attempts"), out, ATTEMPT)
    counts = judged.group_by("id", maintain_order=True).agg(
        correct=(pl.col("verdict") == "correct").sum().cast(pl.Int64), drawn=pl.len().cast(pl.Int64)
    )
    counts = counts.with_columns(unasked=pl.lit(None, pl.String))
    rest = [{"id": name, "correct": 0, "drawn": 0, "unasked": reason} for name, reason in unasked.items()]
    return pl.concat([counts, pl.DataFrame(rest, schema=counts.schema)]), tally.counts()


def asked(problems: pl.DataFrame, task: Task, p: params.Params, model: str, tokenizer: Any) -> Iterator[ProblemDraws]:
    """All draws that a stage may ask of its model, problem by problem in the order of their ids.

    `model` is the fingerprint of the task's folder, which takes minutes for tens of gigabytes of weights, and
    `tokenizer` the one that is there.
    """
    engine = p.engines[task.engine]
    unit = numerics(engine)
    for row in problems.sort("id").iter_rows(named=True):
        how = task.asks(row["id"])
        turns = load.turns(how.system, row["question"])
        ids = tuple(load.prompt_ids(tokenizer, turns))
        settings = clipped(how.sampling, len(ids), engine) or how.sampling
        seeds = [draw_seed(p.seed, task.key, model, how.seeded, draw) for draw in range(how.draws)]
        series = series_key(model, unit, ids, settings)
        yield ProblemDraws(row["id"], row["question"], row["answer"], ids, turns, settings, seeds, series)


def _safe(
    problems: Iterable[ProblemDraws], task: Task, tokenizer: Any, unasked: dict[str, str], tally: Tally
) -> Iterator[ProblemDraws]:
    """Problems whose questions hold no control token; why others are not asked is added to `unasked` and counted.

    The tokenizer reads "<|im_end|>" within a question as the end of the turn: the question could go on as the model's
    own answer. Training refuses the same texts.
    """
    control = load.control_tokens(tokenizer)
    for problem in problems:
        held = load.held_control(problem.question, tokenizer, control)
        if held is None:
            yield problem
            continue
        if task.measures:
            raise ValueError(
                f"{task.stage}: the question of {problem.id} holds the control token {held} of {task.model}, which "
                "would be read as a turn: remove it from the text, or the row from its benchmark"
            )
        tally.unsafe += 1
        unasked[problem.id] = f"unsafe: the question holds the control token {held} of {task.model}"


def _fitting(
    problems: Iterable[ProblemDraws],
    task: Task,
    engine: params.Engine,
    store: Store,
    unasked: dict[str, str],
    tally: Tally,
) -> Iterator[ProblemDraws]:
    """Problems whose prompts the engine takes; why others are not asked is added to `unasked` and counted. A task that
    measures has all: answers to too long prompts are cut before the first token, which is what the model makes of them.
    """
    most = length(engine)
    for problem in problems:
        if most is not None and len(problem.prompt_ids) >= most:
            if not task.measures:
                tally.too_long += 1
                unasked[problem.id] = f"too long: no room for an answer of {task.model} in engine {task.engine}"
                continue
            for draw in range(len(problem.seeds)):
                store.put(problem.key(draw), Completion("", 0, "length"))
        yield problem


def _case(problem: ProblemDraws, completion: Completion, begun: Callable[[str, str], str]) -> Case:
    response = begun(problem.id, completion.text)
    return Case(problem.answer, response=response, question=problem.question, stop=completion.stop)


def _kept(ended: Iterable[ProblemDraws]) -> pl.DataFrame:
    """The attempts that count, without their texts, by id and sample."""
    rows = (
        {
            "id": problem.id,
            "sample": draw,
            "seed": problem.seeds[draw],
            "key": problem.key(draw),
            "extracted": verdict.extracted,
            "verdict": verdict.verdict,
            "rule": verdict.rule,
        }
        for problem in ended
        for draw, verdict in enumerate(problem.judged)
    )
    return pl.concat([frame([], _JUDGED), *(frame(piece, _JUDGED) for piece in _pieces(rows))]).sort("id", "sample")


def _pieces(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while piece := list(islice(rows, _PIECE)):
        yield piece


def _texts(
    judged: pl.DataFrame,
    store: Store,
    begun: Callable[[str, str], str],
    same: Mapping[str, str | None],
    folder: Path,
) -> pl.LazyFrame:
    """The ATTEMPT rows of judged ones: their texts, as judged, are read from the store again, piece by piece."""
    folder.mkdir()
    for number, piece in enumerate(judged.iter_slices(_PIECE)):
        answers = store.get(piece["key"])
        texts = pl.DataFrame(
            [
                {**answers[key].as_dict(), "text": begun(problem, answers[key].text)}
                for problem, key in piece.select("id", "key").iter_rows()
            ],
            schema={"text": pl.String, "tokens": pl.Int64, "stop": pl.String},
        )
        rows = piece.hstack(texts).with_columns(**{name: pl.lit(value, pl.String) for name, value in same.items()})
        rows.select(ATTEMPT.names()).write_parquet(folder / f"{number:08}.parquet", compression="lz4")
    return pl.scan_parquet(folder / "*.parquet") if judged.height else frame([], ATTEMPT).lazy()
