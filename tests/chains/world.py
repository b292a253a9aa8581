"""Hand-made tables and a whole params file for tests of the stages after sampling."""

from pathlib import Path
from typing import Any

import polars as pl
import yaml

from limo import params
from limo.base import tables
from limo.chains.gather import chain_id
from limo.graph import schemas

SAMPLING = {"temperature": 0.6, "top_p": 0.95, "max_tokens": 64}
FAMILY = {
    "kind": "families",
    "split": "train",
    "seed": 1,
    "families": {"sums": {"count": 9, "low": 1, "high": 9, "level": 1}},
    "styles": ["terse"],
}
BENCHMARK = {
    "source": {**FAMILY, "split": "test"},
    "max_characters": 1000,
    "repairs": None,
    "options": "as_written",
    "published": None,
}
ASKED = {"engine": "cpu", "sources": None, "system": "Reason.", "sampling": SAMPLING}
ASKS = {
    "kind": "asked",
    "path": "models/base/tiny",
    **{key: ASKED[key] for key in ("engine", "sources", "system", "sampling")},
}
DRAWS = {**ASKS, "draws": 4, "min_correct": 1, "max_correct": 3, "lookahead": 1}
PARAMS: dict[str, Any] = {
    "seed": 7,
    "models": {"tiny": {"kind": "folder", "path": "tiny", "licence": "Apache-2.0"}},
    "engines": {
        "cpu": {
            "kind": "transformers",
            "device": "cpu",
            "dtype": "float32",
            "slots": 4,
            "max_length": 128,
            "threads": 1,
            "numerics": "portable",
        }
    },
    "sources": {"easy": FAMILY, "hard": FAMILY},
    "benchmarks": {"sums": BENCHMARK, "products": BENCHMARK},
    "pool": {
        "max_characters": 1000,
        "workers": 1,
        "shards": 1,
        "cluster": None,
        "source_rank": ["easy", "hard"],
        "near": {"shingle": 5, "permutations": 64, "bands": 16, "threshold": 0.8},
        "decontamination": {"ngram": 8, "threshold": 0.5, "similarity": 0.5},
        "languages": None,
        "answer_types": None,
        "families": {"shingle": 2, "permutations": 64, "bands": 32, "similarity": 0.4, "cap": None},
    },
    "prompt": {"system": "Reason step by step."},
    "answers": {"extraction": "flexible", "workers": 1, "timeout_s": 20.0, "memory_mb": 2048},
    "screen": {**DRAWS, "min_correct": 0, "max_correct": 0},
    "recorded": {},
    "rate": {"rule": "only", "raters": {"tiny": DRAWS}},
    "select": {"rule": "all", "rows": 100, "difficulty": "level", "max_similarity": 0.9},
    "imports": {},
    "question_sets": {},
    "rounds": [0],
    "teachers": {
        "tutor": {
            **ASKED,
            "path": "models/base/tiny",
            "round": 0,
            "questions": "data/questions.parquet",
            "draws": 4,
        }
    },
    "gates": {
        "max_false": 0,
        "max_repeats": 0.2,
        "max_loop": 4,
        "boxes": "one",
        "max_foreign": 0.05,
        "duplicate": 0.7,
        "tags": "strip",
    },
    "chain_judges": {},
    "score": {
        "recipe": "v2",
        "tokenizer": "tiny",
        "scaler": "rank",
        "weights": None,
        "verify": ["check", "verify"],
        "explore": ["perhaps", "might"],
        "connect": ["therefore", "since"],
    },
    "tiers": {"min_chains": 5, "max_tokens": 200, "overlength": "refuse"},
    "round_datasets": {},
    "datasets": {
        "limo": {"path": "data/limo.parquet", "rule": "top", "sources": None, "rows": 3},
        "L1": {"path": "data/tiers/L1.parquet", "rule": "level", "sources": None, "level": 1, "rows": 2},
        "L5": {"path": "data/tiers/L5.parquet", "rule": "level", "sources": None, "level": 5, "rows": 2},
        "random": {
            "path": "data/ablations/random.parquet",
            "rule": "random",
            "sources": None,
            "rows": 9,
            "levels": None,
            "like": "limo",
        },
        "validation": {"path": "data/validation.parquet", "rule": "held_out", "sources": None, "rows": 1},
    },
    "train": {
        "device": "cpu",
        "dtype": "float32",
        "attention": "sdpa",
        "processes": 1,
        "nodes": 1,
        "rendezvous": None,
        "rendezvous_timeout_s": 60,
        "restarts": 0,
        "threads": 1,
        "epochs": 2,
        "batch_size": 2,
        "loss": "token",
        "tokens_per_pass": 256,
        "cost_quadratic": 1e-3,
        "max_length": 256,
        "overlength": "refuse",
        "thought": None,
        "learning_rate": 5e-6,
        "min_learning_rate": 0.0,
        "beta1": 0.9,
        "beta2": 0.95,
        "epsilon": 1e-8,
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "fused_loss": "chunks",
        "loss_chunk": 64,
        "activation_checkpointing": False,
        "offload": False,
        "numerics": "portable",
        "save_steps": 10,
        "export_epochs": [],
        "choose": "last",
    },
    "variants": {
        "limo": {"data": "data/limo.parquet", "model": "tiny", "validation": "data/validation.parquet", "train": {}},
        "L5": {"data": "data/tiers/L5.parquet", "model": "tiny", "validation": "data/validation.parquet", "train": {}},
    },
    "candidates": {"base": "models/base/tiny", "limo": "models/limo", "best": "models/L5"},
    "evaluate": {
        "engine": "cpu",
        "protocols": {
            "sampled": {"draws": 2, "temperature": 0.7, "top_p": 1.0, "max_tokens": 64, "system": None},
        },
        "benchmarks": {"sums": ["sampled"], "products": ["sampled"]},
        "pass_at": [1, 2],
        "budgets": [2],
        "released": {},
        "comparisons": {"trained": {"limo": ["base"], "best": ["base"]}},
        "published": {},
    },
    "judges": {},
    "generation": {"after": 100, "max_truncated": 1.0, "max_unanswered": 1.0},
    "plan": {
        "pool": 10,
        "longest_prompt": 40,
        "benchmarks": {"sums": 5, "products": 5},
        "screen": {"pass_rates": [{"rate": 0.0, "share": 1.0}], "prompt_tokens": 20, "answer_tokens": 10},
        "rate": {"pass_rates": [{"rate": 0.1, "share": 1.0}], "prompt_tokens": 20, "answer_tokens": 10},
        "teachers": {"tutor": {"prompt_tokens": 20, "answer_tokens": 10}},
        "answer": {"prompt_tokens": 20, "answer_tokens": 10},
        "power": {
            "correlation": 0.8,
            "pass_rates": {name: [{"rate": 0.5, "share": 1.0}] for name in ("sums", "products")},
        },
        "engines": {"cpu": {"kind": "devices", "tokens_per_second": 100.0, "devices": 1, "price_per_hour": 0.0}},
        "training": {
            "example_tokens": [{"tokens": 30, "share": 1.0}],
            "teraflops": 0.1,
            "mfu": 0.4,
            "price_per_hour": 0.0,
        },
        "devices": 1,
        "device_memory_gib": 4.0,
        "host_memory_gib": 4.0,
        "disk_gib": 1.0,
        "reserve_gib": 1.0,
        "shapes": {
            "tiny": {
                "layers": 2,
                "hidden": 64,
                "intermediate": 128,
                "heads": 4,
                "key_value_heads": 2,
                "head_size": 16,
                "vocabulary": 259,
                "tied": True,
                "positions": 512,
            }
        },
    },
    "release": {
        "name": "LIMO test",
        "version": "1.2.3",
        "creator": "Tester",
        "repository": None,
        "date": None,
        "redistributable": ["MIT", "Apache-2.0"],
        "on_restricted": "stop",
    },
}


def loaded(**changes: Any) -> params.Params:
    """The params above with whole top-level sections replaced."""
    return params.Params.model_validate({**PARAMS, **changes})


def write_params(**changes: Any) -> None:
    """Write params.yaml into the current folder."""
    text = yaml.safe_dump({**PARAMS, **changes}, sort_keys=False)
    Path("params.yaml").write_text(text, encoding="utf-8")


def problem(number: int, solutions: list[tuple[str, str]] = (), **changes: Any) -> dict[str, Any]:
    """A SCREENED and RATED row's values for problem `p<number>`, whose answer is its number."""
    return {
        "id": f"p{number:02}",
        "question": f"What is {number} + 0?",
        "answer": str(number),
        "solutions": [{"style": style, "text": text} for style, text in solutions],
        "domain": "algebra",
        "level": 1 + number % 3,
        "source": "easy" if number % 2 else "hard",
        "source_id": f"s{number}",
        "source_revision": "rev1",
        "licence": "MIT" if number % 2 else "Apache-2.0",
        "duplicates": [],
        "subject": "arithmetic",
        "language": "en",
        "answer_type": "integer",
        "family": None,
        "screen_correct": 0,
        "screen_drawn": 4,
        "screen_stopped": False,
        "rate_correct": 2,
        "rate_drawn": 4,
        "rate_stopped": False,
        "screen_claimed": False,
        "rate_claimed": False,
        "rater": "tiny",
        "raters": [rated(2, 4)],
        "rejected": None,
        "match": None,
        "match_score": None,
        "repair": None,
        "order": None,
        "written": None,
        "cluster": f"s{number}",
        **changes,
    }


def rated(correct: int, drawn: int, **changes: Any) -> dict[str, Any]:
    """What a rater has in the column `raters`, and a RATING row's values."""
    counts = {"correct": correct, "drawn": drawn, "asked": 4, "stopped": False, "claimed": False}
    return {"rater": "tiny", **counts, **changes}


def table(rows: list[dict[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    """A frame of `schema` from rows that may hold more."""
    return tables.frame([{name: row[name] for name in schema} for row in rows], schema)


def attempt(identifier: str, sample: int, text: str, verdict: str = "correct", **changes: Any) -> dict[str, Any]:
    """An ATTEMPT and ANSWER row's values."""
    return {
        "benchmark": "sums",
        "protocol": "sampled",
        "source_id": identifier,
        "id": identifier,
        "model": "tiny",
        "fingerprint": "0" * 64,
        "sample": sample,
        "seed": 1000 + sample,
        "key": f"{identifier}-{sample}",
        "text": text,
        "tokens": len(text),
        "stop": "eos",
        "extracted": text or None,
        "verdict": verdict,
        "rule": "integer",
        "numerics": "cpu",
        "cuts": [],
        "claimed": None,
        "licence": None,
        **changes,
    }


def measured(**changes: Any) -> dict[str, Any]:
    """What a MEASURED row says of a chain that passes every gate."""
    whole = {"steps": 2, "false": 0, "support": 1, "loop": 1, "boxes": 1}
    shares = {"known": 0.5, "grounded": 1.0, "computed": 0.0, "repeats": 0.0, "foreign": 0.0}
    return {**dict.fromkeys(schemas.MEASURES), **whole, **shares, **changes}


def chain(identifier: str, text: str, **changes: Any) -> dict[str, Any]:
    """A TIERS row's values (and so those of CHAIN, CHECKED and SCORED)."""
    return {
        "chain_id": chain_id(identifier, text),
        "id": identifier,
        "teacher": "solutions",
        "round": 0,
        "origin": "solution:terse",
        "chain": text,
        "seed": None,
        "stop": "eos",
        "author": "easy",
        "author_kind": None,
        "chain_revision": "rev1",
        "chain_licence": None,
        "claimed": None,
        "extracted": "1",
        "verdict": "correct",
        "rule": "integer",
        "tokens": len(text),
        **dict.fromkeys(("verify_count", "explore_count", "connect_count"), 0),
        **measured(),
        "votes": None,
        **dict.fromkeys((*schemas.SCALED, "score"), 0.5),
        **changes,
    }
