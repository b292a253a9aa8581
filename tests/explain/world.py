"""A small world of tables, in which something of everything happens to a problem."""

from pathlib import Path

import polars as pl

from limo import params
from limo.base import tables
from limo.chains.dataset import Material, build
from limo.chains.tiers import tier
from limo.graph import schemas
from limo.problems.canonical import problem_id
from tests.asked import asked
from tests.chains import world

QUESTIONS = {
    "kept": r"What is $\frac{1}{2}$ of 12?",
    "near": "Compute one half of 12.",
    "conflict": "How many sides has the figure?",
    "contaminated": "What is 2 + 9?",
    "unverifiable": "Prove that 2 is even.",
    "easy": "What is 1 + 1?",
    "hard": "What is the last digit of 7^7?",
    "beyond": "What is 8 - 3?",
}
IDS = {name: problem_id(question) for name, question in QUESTIONS.items()}
OVERLENGTH = "Let us count all over again. " * 9
P = world.loaded()


def source(name, number, in_source="easy", **changes):
    """The values of a row of a source."""
    own = {"id": IDS[name], "question": QUESTIONS[name], "answer": "6", "source": in_source, "source_id": f"s{number}"}
    return world.problem(number, **{**own, "licence": "MIT", **changes})


# Of the problem that is kept, `s1`, come an exact duplicate in other spelling (s1 of hard) and a near one (s2).
SOURCES = [
    source("kept", 1, solutions=[("terse", "Half of 12 is 6.")]),
    source("kept", 1, "hard", question=r"What is $\dfrac12$ of 12?", licence="Apache-2.0"),
    source("near", 2, "hard"),
    source("conflict", 3, answer="5"),
    source("conflict", 3, "hard", answer="7"),
    source("contaminated", 4, answer="11"),
    source("unverifiable", 5, answer="proof"),
    source("easy", 6, answer="2"),
    source("hard", 7, answer="3"),
    source("beyond", 8, answer="5"),
]
REJECTED = {
    "hard:s1": ("duplicate: exact", "easy:s1", 1.0),
    "hard:s2": ("duplicate: near", "easy:s1", 0.875),
    "easy:s3": ("conflicting answers: 5 | 7", "hard:s3", 1.0),
    "hard:s3": ("conflicting answers: 5 | 7", "easy:s3", 1.0),
    "easy:s4": ("contaminated: reworded", "sums:b1", 0.75),
    "easy:s5": ("unverifiable: proof", None, None),
}
DRAWN = {  # correct, drawn of 4, stopped
    "screen": {"kept": (0, 4, False), "beyond": (0, 4, False), "hard": (0, 4, False), "easy": (1, 2, True)},
    "rate": {"kept": (2, 4, False), "beyond": (1, 4, False), "hard": (0, 3, True)},
}
REASONS = {
    ("screen", "easy"): "too easy: 1 correct of 2 drawn",
    ("rate", "hard"): "too hard: 0 correct of 3 drawn",
    ("select", "beyond"): "beyond size: 1",
}


def make(root: Path) -> None:
    """Write params.yaml and all tables under the current folder, which is `root`."""
    world.write_params()
    named = {f"{row['source']}:{row['source_id']}": row for row in SOURCES}
    for name in P.sources:
        rows = [row for row in SOURCES if row["source"] == name]
        _write(rows, f"data/sources/{name}.parquet", schemas.SOURCE, ["source_id"])
    guard = asked("sums", "b1", "Calculate 2 + 9.", "11", source_revision="test-1")
    _write([guard], "data/benchmarks.parquet", schemas.BENCHMARK, ["benchmark", "source_id"])
    rejected = [
        {**named[row], "rejected": reason, "match": match, "match_score": score}
        for row, (reason, match, score) in REJECTED.items()
    ]
    _write(rejected, "data/pool_rejected.parquet", schemas.POOL_REJECTED, ["source", "source_id"])
    pool = {row["id"]: row for name, row in named.items() if name not in REJECTED}
    pool[IDS["kept"]] = {**pool[IDS["kept"]], "duplicates": ["hard:s1", "hard:s2"], "family": IDS["kept"]}
    _write(pool.values(), "data/pool.parquet", schemas.POOL, ["id"])
    rows = {name: pool[IDS[name]] for name in ("kept", "beyond", "hard", "easy")}
    for stage, schema, out in (("screen", schemas.SCREENED, "screened"), ("rate", schemas.RATED, "rated")):
        drawn = DRAWN[stage]
        counts = {
            name: dict(zip((f"{stage}_correct", f"{stage}_drawn", f"{stage}_stopped"), drawn[name], strict=True))
            for name in drawn
        }
        for name, (correct, made, stopped) in drawn.items():
            counts[name] |= {f"{stage}_claimed": False, "rater": "tiny"}
            counts[name]["raters"] = [world.rated(correct, made, stopped=stopped)]
        rows = {name: {**rows[name], **counts[name], "rejected": REASONS.get((stage, name))} for name in drawn}
        _write(rows.values(), f"data/{out}.parquet", schema, ["id"])
        attempts = [row for name in drawn for row in _attempts(name, *drawn[name][:2])]
        place = {"screen": "screen_attempts", "rate": "rate_attempts/tiny"}[stage]
        _write(attempts, f"data/{place}.parquet", schemas.ATTEMPT, ["id", "sample"])
        rows = {name: row for name, row in rows.items() if row["rejected"] is None}
    ratings = [{**world.rated(*DRAWN["rate"][name][:2]), "id": IDS[name], "rejected": None} for name in DRAWN["rate"]]
    _write(ratings, "data/rate/tiny.parquet", schemas.RATING, ["id"])
    chosen = [{**row, "rejected": REASONS.get(("select", name))} for name, row in rows.items()]
    _write(chosen, "data/questions.parquet", schemas.QUESTIONS, ["id"])
    _write_chains()
    frames = {name: tables.read(f"data/{name}.parquet", schema) for name, schema in READ.items()}
    scored = frames.pop("scored")
    limits = params.Tiers(min_chains=5, max_tokens=200, overlength="refuse")
    tiers = pl.concat(tier(lambda columns: [scored.select(columns)], frames.pop("questions"), limits, P.gates))
    tables.write(tiers, "data/tiers.parquet", schemas.TIERS, ["chain_id"])
    for name, spec in P.datasets.items():
        tables.write(
            build(name, P.datasets, Material(tiers, **frames, sets={}, seed=7)), spec.path, schemas.DATASET, ["id"]
        )


READ = {
    "scored": schemas.SCORED,
    "questions": schemas.QUESTIONS,
    "pool": schemas.POOL,
    "screened": schemas.SCREENED,
    "rated": schemas.RATED,
}


def chains():
    """SCORED rows by the table of chains that they come from."""
    identity = IDS["kept"]
    scores = {"length_z": 0.125, "verify_z": 0.25, "explore_z": 0.375, "connect_z": 0.625}
    taught = {"teacher": "tutor", "extracted": "6"}
    return {
        "solutions": [
            world.chain(identity, "Half of 12 is 6.", score=0.25),
            world.chain(IDS["easy"], "It is 2.", extracted="2", score=0.125),
        ],
        "attempts": [world.chain(identity, "So it is 6.", teacher="tiny", origin="sample:1", seed=1001, score=0.5)],
        "tutor": [
            world.chain(
                identity,
                "Therefore 6.\nI checked.",
                origin="sample:0",
                seed=2**63,
                score=0.75,
                verify_count=3,
                **taught,
                **scores,
            ),
            world.chain(identity, OVERLENGTH, origin="sample:1", seed=5, score=0.875, **taught),
            world.chain(
                identity, "It is 7.", origin="sample:2", seed=6, **{**taught, "verdict": "wrong", "extracted": "7"}
            )
            | dict.fromkeys((*schemas.SCALED, "score")),
            *(
                world.chain(identity, f"Said {n} times: 6.", origin=f"sample:{n}", seed=n, score=n / 16, **taught)
                for n in (9, 10)
            ),
            # What the source's solution says, word for word: `check` merges it into that.
            world.chain(identity, "Half of 12 is 6.", origin="sample:3", seed=8, **taught),
        ],
    }


def _write_chains():
    found = chains()
    for name, rows in found.items():
        _write(rows, f"data/chains/0/{name}.parquet", schemas.CHAIN, ["chain_id"])
    merged = {row["chain_id"]: row for rows in reversed(found.values()) for row in reversed(rows)}
    written = {"checked/0": schemas.CHECKED, "measured/0": schemas.MEASURED, "scored": schemas.SCORED}
    for out, schema in written.items():
        _write(merged.values(), f"data/{out}.parquet", schema, ["chain_id"])


def _attempts(name, correct, drawn):
    """As many attempts as were drawn, the last ones correct; the first says nothing."""
    verdicts = ["wrong"] * (drawn - correct) + ["correct"] * correct
    said = ["", *(f"{name} says {sample}" for sample in range(1, drawn))]
    rows = [world.attempt(IDS[name], sample, said[sample], verdict) for sample, verdict in enumerate(verdicts)]
    return [{**row, "stop": "length"} if row["sample"] == 1 else row for row in rows]


def _write(rows, path, schema, key):
    tables.write(world.table(list(rows), schema), path, schema, key)
