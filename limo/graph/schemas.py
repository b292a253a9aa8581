"""The columns of every table of the graph, in their order, with their types; used by every stage with a table."""

from typing import Any

import polars as pl

from limo.params.score import MEASURES as WEIGHED


def _schema(columns: dict[str, Any]) -> pl.Schema:
    return pl.Schema(columns)


SOLUTION = pl.Struct({"style": pl.String, "text": pl.String})

# One row per problem as a source yields it. `rejected` is null for a usable row, else the reason.
SOURCE = _schema(
    {
        "id": pl.String,
        "question": pl.String,
        "answer": pl.String,
        "solutions": pl.List(SOLUTION),
        "domain": pl.String,
        "level": pl.Int64,
        "source": pl.String,
        "source_id": pl.String,
        "source_revision": pl.String,
        "licence": pl.String,
        "rejected": pl.String,
    }
)
# One row per question as it is asked. `cluster` is the source id of the first row that it belongs with, its own where
# there is none; `repair` says why the answer is not the published one; `order` and `written` are null unless options
# were moved.
BENCHMARK = _schema(
    {
        "benchmark": pl.String,
        "id": pl.String,
        "question": pl.String,
        "answer": pl.String,
        "answer_type": pl.String,
        "repair": pl.String,
        "order": pl.String,
        "written": pl.String,
        "cluster": pl.String,
        "domain": pl.String,
        "level": pl.Int64,
        "source": pl.String,
        "source_id": pl.String,
        "source_revision": pl.String,
        "licence": pl.String,
    }
)
# `duplicates` lists the "source:source_id" of every row merged into this one, sorted. `family` is the id of the first
# problem of the same template, null for a problem that has none.
POOL = _schema(
    {
        **{k: v for k, v in SOURCE.items() if k != "rejected"},
        "duplicates": pl.List(pl.String),
        "subject": pl.String,
        "language": pl.String,
        "answer_type": pl.String,
        "family": pl.String,
    }
)
# `match` names the row that caused the rejection: a "source:source_id" or a "benchmark:source_id".
POOL_REJECTED = _schema({**SOURCE, "match": pl.String, "match_score": pl.Float64})
# What others recorded: a text with its number among those of the question, or counts alone. `claimed` is the
# publisher's verdict, `summary` the author's own short answer after the text; `rejected` is null for a usable row.
TRACE = _schema(
    {
        "id": pl.String,
        "sample": pl.Int64,
        "source_id": pl.String,
        "question": pl.String,
        "text": pl.String,
        "summary": pl.String,
        "stop": pl.String,
        "claimed": pl.String,
        "correct": pl.Int64,
        "drawn": pl.Int64,
        "author": pl.String,
        "author_kind": pl.String,
        "source_revision": pl.String,
        "licence": pl.String,
        "rejected": pl.String,
    }
)
# The decision tables keep every row that entered; `rejected` is null for a kept row, else the reason.
SCREENED = _schema(
    {
        **POOL,
        "screen_correct": pl.Int64,
        "screen_drawn": pl.Int64,
        "screen_stopped": pl.Boolean,
        "screen_claimed": pl.Boolean,
        "rejected": pl.String,
    }
)
# What one rater makes of a problem. `asked` are the draws of its band, `drawn` those that count: fewer where `stopped`,
# or where fewer are recorded. `claimed` counts are the publisher's: no text of theirs was judged.
COUNTS = {
    "correct": pl.Int64,
    "drawn": pl.Int64,
    "asked": pl.Int64,
    "stopped": pl.Boolean,
    "claimed": pl.Boolean,
}
RATING = _schema({"id": pl.String, **COUNTS, "rejected": pl.String})
RATER = pl.Struct({"rater": pl.String, **COUNTS})
RATED = _schema(
    {
        **{k: v for k, v in SCREENED.items() if k != "rejected"},
        "rater": pl.String,
        "rate_correct": pl.Int64,
        "rate_drawn": pl.Int64,
        "rate_stopped": pl.Boolean,
        "rate_claimed": pl.Boolean,
        "raters": pl.List(RATER),
        "rejected": pl.String,
    }
)
QUESTIONS = RATED
# `fingerprint` is that of the model's weights, `key` the answer's in the generation store. Of a recorded attempt it is
# the record's revision, seed, key and tokens are null, and there are the publisher's verdict and the text's licence.
ATTEMPT = _schema(
    {
        "id": pl.String,
        "model": pl.String,
        "fingerprint": pl.String,
        "sample": pl.Int64,
        "seed": pl.UInt64,
        "key": pl.String,
        "text": pl.String,
        "tokens": pl.Int64,
        "stop": pl.String,
        "extracted": pl.String,
        "verdict": pl.String,
        "rule": pl.String,
        "numerics": pl.String,
        "claimed": pl.String,
        "licence": pl.String,
    }
)
# `origin` says where in the teacher's material the chain lies: "solution:STYLE", after the row's name where the row was
# merged into the problem, "sample:INDEX" or "import:INDEX". What was drawn here has no licence of its own.
CHAIN = _schema(
    {
        "chain_id": pl.String,
        "id": pl.String,
        "teacher": pl.String,
        "round": pl.Int64,
        "origin": pl.String,
        "chain": pl.String,
        "seed": pl.UInt64,
        "stop": pl.String,
        "author": pl.String,
        "author_kind": pl.String,
        "chain_revision": pl.String,
        "chain_licence": pl.String,
        "claimed": pl.String,
    }
)
CHECKED = _schema({**CHAIN, "extracted": pl.String, "verdict": pl.String, "rule": pl.String})
# What is measured of a chain's text alone, null where it is not defined; `thought` is where its thought ends.
MEASURES = _schema(
    {
        "thought": pl.Int64,
        "steps": pl.Int64,
        "flow": pl.Float64,
        "known": pl.Float64,
        "grounded": pl.Float64,
        "computed": pl.Float64,
        "false": pl.Int64,
        "sound": pl.Float64,
        "adapt": pl.Float64,
        "support": pl.Int64,
        "repeats": pl.Float64,
        "loop": pl.Int64,
        "boxes": pl.Int64,
        "foreign": pl.Float64,
    }
)
MEASURED = _schema({"chain_id": pl.String, **MEASURES})
# Two chains of a question that judges compare, `one` the lower id; `turn` is their distance in the question's ring.
PAIR = _schema({"id": pl.String, "one": pl.String, "other": pl.String, "turn": pl.Int64})
# One row per pair and order in which a judge was shown it. `clean` is the chain in which a human found no mistake, null
# of the pool's own pairs, to which no human has spoken.
BALLOT = _schema(
    {
        "asked": pl.String,
        "id": pl.String,
        "first": pl.String,
        "second": pl.String,
        "first_characters": pl.Int64,
        "second_characters": pl.Int64,
        "clean": pl.String,
        "said": pl.String,
        "text": pl.String,
        "model": pl.String,
        "fingerprint": pl.String,
        "prompt": pl.String,
        "key": pl.String,
    }
)
# Every measure that may have a weight, scaled; v2's four first, in the order in which they are added.
SCALED = _schema({f"{name}_z": pl.Float64 for name in WEIGHED})
SCORED = _schema(
    {
        **CHECKED,
        **MEASURES,
        "tokens": pl.Int64,
        "verify_count": pl.Int64,
        "explore_count": pl.Int64,
        "connect_count": pl.Int64,
        "votes": pl.Float64,
        **SCALED,
        "score": pl.Float64,
    }
)
# `best` marks a selected question's highest-scoring chain, `rank` (1 = best) orders those, `level` is the quality
# level 1..5 within the question; `rejected` says why a chain can be in no dataset.
TIERS = _schema(
    {
        **SCORED,
        "selected": pl.Boolean,
        "best": pl.Boolean,
        "rank": pl.Int64,
        "level": pl.Int64,
        "truncated": pl.Boolean,
        "rejected": pl.String,
    }
)
DATASET = _schema(
    {
        "question": pl.String,
        "solution": pl.String,
        "answer": pl.String,
        "id": pl.String,
        "chain_id": pl.String,
        "domain": pl.String,
        "difficulty": pl.Int64,
        "source": pl.String,
        "source_id": pl.String,
        "source_revision": pl.String,
        "licence": pl.String,
        "duplicates": pl.List(pl.String),
        "decontamination": pl.String,
        "screen_correct": pl.Int64,
        "screen_drawn": pl.Int64,
        "screen_stopped": pl.Boolean,
        "screen_claimed": pl.Boolean,
        "rater": pl.String,
        "rate_correct": pl.Int64,
        "rate_drawn": pl.Int64,
        "rate_stopped": pl.Boolean,
        "rate_claimed": pl.Boolean,
        "raters": pl.List(RATER),
        "teacher": pl.String,
        "round": pl.Int64,
        "origin": pl.String,
        "author": pl.String,
        "author_kind": pl.String,
        "chain_revision": pl.String,
        "chain_licence": pl.String,
        "claimed": pl.String,
        "seed": pl.UInt64,
        "tokens": pl.Int64,
        "truncated": pl.Boolean,
        **MEASURES,
        "votes": pl.Float64,
        **SCALED,
        "score": pl.Float64,
        "rank": pl.Int64,
        "level": pl.Int64,
    }
)
# One row per (benchmark, protocol, source_id, sample): a benchmark may hold one problem twice.
# `cuts` has the verdict under every budget of tokens that `evaluate.budgets` names.
CUTS = pl.List(pl.Struct({"tokens": pl.Int64, "verdict": pl.String}))
DRAWN = {name: dtype for name, dtype in ATTEMPT.items() if name not in ("claimed", "licence")}
ANSWER = _schema({"benchmark": pl.String, "protocol": pl.String, "source_id": pl.String, **DRAWN, "cuts": CUTS})
# One row per answer that a judge was asked about. `rules` is the verdict that stands without it.
JUDGED = _schema(
    {
        "candidate": pl.String,
        "benchmark": pl.String,
        "protocol": pl.String,
        "source_id": pl.String,
        "sample": pl.Int64,
        "shared": pl.Boolean,
        "extracted": pl.String,
        "rules": pl.String,
        "rule": pl.String,
        "judgement": pl.String,
        "text": pl.String,
        "model": pl.String,
        "fingerprint": pl.String,
        "prompt": pl.String,
        "key": pl.String,
    }
)
BARS = 20  # of the histogram `scores`, between 0 and 1
# Figures of a candidate on a benchmark that are plotted.
SHARES = ("pass_at_1", "low", "high", "majority", "pass_at_k", "answered", "unfinished", "undecided")
# The data of the figures, by name: CSV files.
PLOTS = {
    "funnel": _schema({"stage": pl.String, "outcome": pl.String, "rows": pl.Int64}),
    "pass_rates": _schema({"stage": pl.String, "correct": pl.Int64, "outcome": pl.String, "problems": pl.Int64}),
    "scores": _schema({"teacher": pl.String, "low": pl.Float64, "chains": pl.Int64}),
    "tiers": _schema(
        {
            "level": pl.Int64,
            "score": pl.Float64,
            "tokens": pl.Float64,
            "candidate": pl.String,
            "pass_at_1": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
        }
    ),
    "loss": _schema(
        {
            "variant": pl.String,
            "step": pl.Int64,
            "epoch": pl.Int64,
            "loss": pl.Float64,
            "lr": pl.Float64,
            "grad_norm": pl.Float64,
            "tokens": pl.Int64,
            "trained_tokens": pl.Int64,
            "filler_tokens": pl.Int64,
        }
    ),
    "validation": _schema({"variant": pl.String, "epoch": pl.Int64, "loss": pl.Float64}),
    "evaluation": _schema({"candidate": pl.String, "benchmark": pl.String, **dict.fromkeys(SHARES, pl.Float64)}),
    "comparisons": _schema(
        {
            **dict.fromkeys(("family", "candidate", "other", "pair", "benchmark"), pl.String),
            **dict.fromkeys(("difference", "low", "high", "p", "p_holm"), pl.Float64),
            "test": pl.String,
            **dict.fromkeys(("wins", "losses", "ties"), pl.Int64),
        }
    ),
}
