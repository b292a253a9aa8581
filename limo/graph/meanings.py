"""What every column means, and which functions decide what a stage writes; used by `limo.graph.page`.

No stage imports this module, so that rewording it makes none stale.
"""

# The functions that decide what a stage writes; what else a script calls reads, counts or writes.
DECIDES = {
    "fetch": ["limo.models.fetch.fetch"],
    "acquire": ["limo.sources.acquire.write"],
    "benchmarks": ["limo.sources.benchmarks.read"],
    "pool": ["limo.problems.shards.build"],
    "audit": ["limo.problems.audit.audit"],
    "screen": ["limo.generation.attempts.decide"],
    "rate": ["limo.generation.attempts.decide"],
    "select": ["limo.problems.select.select"],
    "gather": ["limo.chains.gather.from_attempts", "limo.chains.gather.from_solutions"],
    "collect": ["limo.generation.attempts.drawn"],
    "check": ["limo.chains.check.merged"],
    "score": ["limo.chains.score.score"],
    "tiers": ["limo.chains.tiers.tier"],
    "dataset": ["limo.chains.dataset.build"],
    "train": ["limo.training.loop.work"],
    "answer": ["limo.generation.exam.answer"],
    "metrics": ["limo.metrics.figures.every"],
    "report": ["limo.report.build.write"],
    "release": ["limo.release.gate.check"],
}
# What the processes call that a stage's script starts: imports end there.
STARTED = {"train": ["limo.training.loop.work"]}
_SCALED = "scaled to 0 to 1 over all correct chains, 0.5 where all are equal; no z-score; null unless correct"
_STOPPED = "whether draws ended early, so that both counts are lower bounds"
_RANK = "place among the best chains of all selected questions, 1 first; null where it is not its question's best"
_UNASKED = "; null in a dataset for a problem that never got to rate"
# By column, where a table of `OTHERWISE` has no meaning of its own for it.
COLUMNS = {
    "answer": "the reference answer",
    "answer_type": "integer, fraction, expression, interval, set, tuple, choice or text",
    "benchmark": "its name under `benchmarks`",
    "best": "whether it is the highest-scoring usable chain of a selected question",
    "candidate": "its name under `candidates`",
    "chain": "the text of the worked solution",
    "cluster": "source id of the first row that is the same problem or shares its stem; its own if none",
    "chain_id": "16 hex digits of a hash over the problem's id and the chain's text",
    "connect_count": "connectives in the chain: words of `score.connect`",
    "connect_z": f"connectives per token, {_SCALED}",
    "cuts": "the verdict if the text had been cut after so many tokens, for each of `evaluate.budgets`",
    "decontamination": "`clean` in every row: the pool holds no contaminated problem",
    "difficulty": "the source's difficulty level: `level` of the pool",
    "domain": "the source's own label of the field, as it came; null where it has none",
    "duplicates": "`SOURCE:SOURCE_ID` of the rows that were merged into this one",
    "explore_count": "words of `score.explore` in the chain",
    "explore_z": f"exploring words per token, {_SCALED}",
    "extracted": "the answer that was read in the text; null where it states none",
    "family": "id of the first problem of the same template; null where no other has it",
    "fingerprint": "hash of the model's weights and tokenizer",
    "id": "sha256 of the question's canonical text: the same problem has the same id everywhere",
    "key": "under which the store keeps this answer",
    "language": "ISO 639-1, or `zxx` for formulas alone",
    "length_z": f"tokens, {_SCALED}",
    "level": "the difficulty that the source gives the problem; null where it gives none",
    "licence": "under which the source is published",
    "match": "the row that is the reason, `SOURCE:SOURCE_ID` or `BENCHMARK:SOURCE_ID`; null where there is none",
    "match_score": "how similar that row is, 0 to 1; null where no similarity decided",
    "model": "its name under `models`",
    "numerics": "what decides the bits of an answer beside its request: engine, versions, device, number type, shapes",
    "order": "the published letters of the options in the order in which they are asked; null where none moved",
    "origin": "where in the teacher's material: `solution:STYLE`, or `sample:INDEX`, the number of the draw",
    "question": "the problem's text",
    "rank": _RANK,
    "rate_correct": f"correct draws of rate{_UNASKED}",
    "rate_drawn": f"draws of rate that count{_UNASKED}",
    "rate_stopped": f"{_STOPPED}{_UNASKED}",
    "rejected": "why the row stops here; null in a row that goes on",
    "repair": "why the published answer is wrong; null where it stands",
    "rule": "what decided the verdict, such as `literal` or `integer`, or `no answer`",
    "sample": "number of the draw within its problem, from 0",
    "score": "weighted sum of the four scaled traits; null unless the chain is correct",
    "screen_correct": "correct draws of screen",
    "screen_drawn": "draws of screen that count",
    "screen_stopped": _STOPPED,
    "seed": "of the draw; null where a source wrote the chain",
    "selected": "whether its question is one that `select` chose",
    "solution": "the chain's text",
    "solutions": "the source's worked solutions, each with the name of its style",
    "source": "its name under `sources`",
    "source_id": "what the source calls the row",
    "source_revision": "the pinned version of the source, or the hash of its file",
    "stop": "why the text ended: `eos`, by itself, or `length`, at the token limit",
    "subject": "the domain in one spelling, or found from the words where there is none; `select` balances by it",
    "teacher": "a name under `teachers`, the model of rate, or `solutions` for the source's own",
    "text": "what the model said, begun by the mark with which the prompt opened its thought, if it did",
    "tokens": "of the text, without its prompt, as the engine counts them",
    "truncated": "whether the chain ended at the token limit or is overlength: more than `tiers.max_tokens` tokens",
    "verdict": "`correct`, `wrong`, `undecided` or `truncated`: cut before a result was stated",
    "verify_count": "words of `score.verify` in the chain",
    "written": "the published letter of the answer; null where no options moved",
    "verify_z": f"verifying words per token, {_SCALED}",
}
_QUALITY = "quality level 1 to 5 within the question, 5 best"
_CHAIN_TOKENS = "of the chain, without its prompt, by the tokenizer of `score.tokenizer`"
_LOW, _HIGH = "lower end of the 95 % interval of `pass_at_1`", "upper end of it"
_RATE = "share of correct draws, averaged over problems"
# By path, for columns that mean another thing there.
OTHERWISE = {
    "data/benchmarks.parquet": {
        "answer": "the reference answer, repaired where `repair` says so, its letter that of the moved option",
        "id": "sha256 of the canonical text of the question as it is published",
        "question": "the problem's text as it is asked",
        "source": "what the benchmark says the row comes from, such as an examination; null where it says nothing",
        "source_id": "what the benchmark calls the row; `ID~N` is its options' rotation N",
    },
    "data/scored.parquet": {"tokens": _CHAIN_TOKENS},
    "data/tiers.parquet": {
        "level": f"{_QUALITY}; null where the chain is not usable, or its question is not selected or has fewer than "
        "`tiers.min_chains` usable chains",
        "tokens": _CHAIN_TOKENS,
        "rejected": "why the chain can be in no dataset; null in a usable one",
    },
    "datasets.NAME.path": {
        "tokens": _CHAIN_TOKENS,
        "level": f"{_QUALITY}; null where the chain has none",
    },
    "data/answers/NAME.parquet": {
        "source_id": "what the benchmark calls the row",
        "model": "the candidate's name",
    },
    "metrics/plots/funnel.csv": {
        "stage": "the step; sources as `acquire NAME`",
        "outcome": "`kept`, or the reason",
        "rows": "how many",
    },
    "metrics/plots/pass_rates.csv": {
        "stage": "`screen` or `rate`",
        "correct": "correct draws of a problem",
        "outcome": "`kept` or `rejected`",
        "problems": "how many have this count",
    },
    "metrics/plots/scores.csv": {"low": "lower edge of the bar", "chains": "usable chains with a score in it"},
    "metrics/plots/tiers.csv": {
        "level": "quality level",
        "score": "mean of the level's chains",
        "tokens": "mean of the level's chains",
        "candidate": "the one trained on the level's dataset; null where there is none",
        "pass_at_1": "its mean over the benchmarks",
        "low": _LOW,
        "high": _HIGH,
    },
    "metrics/plots/loss.csv": {
        "variant": "its name under `variants`",
        "step": "of the optimiser, from 1",
        "epoch": "from 1",
        "loss": "of the step's examples, before its update",
        "lr": "learning rate",
        "grad_norm": "of all gradients, before clipping",
        "tokens": "in the step's examples, prompts included",
        "trained_tokens": "those that the loss counts: answers and their ends",
        "filler_tokens": "in passes without examples, which keep processes in step",
    },
    "metrics/plots/validation.csv": {
        "variant": "its name under `variants`",
        "epoch": "from 1",
        "loss": "of the held-out examples, at the epoch's end",
    },
    "metrics/plots/evaluation.csv": {
        "benchmark": "its name, or `mean` over all",
        "pass_at_1": _RATE,
        "low": _LOW,
        "high": _HIGH,
        "majority": "share of problems whose most frequent answer is correct",
        "pass_at_k": "share of problems that some draw solves, of all the draws that the protocol makes",
        "answered": "share of draws in which an answer was read, cut ones too",
        "unfinished": "share of draws that ended at the token limit",
        "undecided": "share of draws that no rule could decide; they count as not correct",
    },
}
