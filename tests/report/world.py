"""A project folder as it is after sampling: every table, record and model that the last stages read."""

import json
from pathlib import Path

from limo.base.files import write_json
from limo.chains import gather
from limo.graph import outs, places, schemas
from tests import tiny_model
from tests.chains import world as quality

STYLES = ("terse", "stepwise", "checked", "exploratory", "long", "other")


def solutions(number: int) -> list[tuple[str, str]]:
    """Six correct and one wrong worked solution of problem `number`, and one that repeats the first."""
    said = [f"Perhaps we check {place}, therefore. " for place in range(1, 6)]
    texts = [f"{''.join(said[:n])}So the answer is \\boxed{{{number}}}." for n in range(len(STYLES))]
    return [*zip(STYLES, texts, strict=True), ("again", texts[0]), ("bad", "So the answer is \\boxed{999}.")]


def build() -> None:
    """Fill the current folder: eight pool problems, five of them selected, three candidates, two variants."""
    quality.write_params()
    problems = [quality.problem(number, solutions(number)) for number in range(1, 9)]
    problems[0]["solutions"][5]["text"] = "word " * 60 + "\\boxed{1}"  # over the length gate
    for row in problems[5:]:
        correct = 4 if row["id"] == "p06" else 0
        row |= {"rate_correct": correct, "raters": [quality.rated(correct, 4)]}
    copy = quality.problem(91, match="easy:s1", match_score=1.0)
    unusable = [quality.problem(90, source=name, source_id="bad", rejected="no answer") for name in ("easy", "hard")]
    for name in ("easy", "hard"):
        rows = [row for row in [*problems, copy, *unusable] if row["source"] == name]
        _write(rows, outs.source(name))
    exams = [
        {**quality.problem(n), "benchmark": name, "source_id": f"b{n - 92}"}
        for name in ("sums", "products")
        for n in range(92, 98)
    ]
    _write(exams, outs.BENCHMARKS)
    rejected = [*unusable, {**copy, "rejected": "duplicate"}]
    _write(problems, outs.POOL)
    _write(rejected, outs.POOL_REJECTED)
    screened = [{**row, "rejected": "too easy: 1 of 1" if row["id"] == "p08" else None} for row in problems]
    _write(screened, outs.SCREENED)
    hard = {"p06": "too easy: 4 of 4", "p07": "too hard: 0 of 4"}
    rated = [{**row, "rejected": hard.get(row["id"])} for row in problems[:7]]
    _write(rated, outs.RATED)
    _write(rated[:5], outs.QUESTIONS)
    attempts = [
        quality.attempt("p01", 0, "I might say \\boxed{1}"),
        quality.attempt("p01", 1, "I might say \\boxed{1}"),
        quality.attempt("p02", 0, "So 7", "wrong"),
    ]
    _write(attempts, outs.rate_attempts("tiny"))
    _write(attempts[:1], outs.SCREEN_ATTEMPTS)
    drawn = [
        quality.attempt("p03", 0, "I might say \\boxed{3}"),
        quality.attempt("p03", 1, solutions(3)[0][1]),  # word for word a worked solution
        quality.attempt("p04", 0, "and then and then", stop="length"),
        quality.attempt("p05", 0, "\\boxed{6}"),
    ]
    tutor = gather.from_samples(quality.table(drawn, schemas.ATTEMPT), "tutor", 0)
    outs.write(outs.taught("tutor", 0), tutor)
    Path("data/chains/0/gone.parquet").write_bytes(b"left by a teacher that params.yaml no longer names")
    tiny_model.save(Path("models/base/tiny"))
    audit = {"pairs": 9, "precision": 1.0, "recall": 0.75, "missed": ["reworded: 1 < 2?"], "false_alarms": []}
    write_json({"decontamination": audit, "deduplication": audit}, places.AUDIT.path)
    spread = dict.fromkeys(("bins_covered", "difficulty_evenness", "nearest_similarity", "subject_evenness"), 0.5)
    diversity = {"questions": 5, "same_template": 0.0, **spread}
    told = dict.fromkeys(("auc", "low", "high", "matched_auc", "matched_low", "matched_high"), 0.5)
    told["length_correlation"] = None
    recipes = {name: {**told, "minmax_correlation": 0.5} for name in ("v2", "v1")}
    write_json({"all": {"chains": 6, "clean": 2, "measures": {"flow": told}, "recipes": recipes}}, places.VALIDITY.path)
    write_json({"chosen": diversity, "random": {"questions": 0}}, places.DIVERSITY.path)


STEP = {"grad_norm": 1.5, "tokens": 225, "trained_tokens": 175, "filler_tokens": 1}


def train_and_answer() -> None:
    """Add what training and answering leave: records, model files and answers."""
    for name in ("limo", "L5", "gone"):
        steps = [{"step": n + 1, "epoch": 1, "loss": 2.5 - n / 4, "lr": 1e-5, **STEP} for n in range(4)]
        steps = [{**step, "validation_loss": 1.75 if step["step"] == 4 else None} for step in steps]
        totals = {"examples": 3, "over_length": 1, "truncated_answers": 0, "tokens": 900, "trained_tokens": 700}
        totals |= {"trained_share": 0.6806, "padding_share": 0.125}
        totals |= {"validation_examples": 1, "best_epoch": 1, "exported_epoch": 1}
        made_of = {"dataset": f"data/{name}.parquet", "dataset_sha256": "1" * 64, "base_model_sha256": "0" * 64}
        record = {"variant": name, "numerics": "cpu", **made_of, **totals, "steps": steps}
        write_json(record, places.training(name).path)
    for place, name in enumerate(("base", "limo", "best", "gone")):
        rows = [
            quality.attempt(f"b{n}", sample, "1", "correct" if n < place + 1 else "wrong", benchmark=benchmark)
            for benchmark in ("sums", "products")
            for n in range(6)
            for sample in range(2)
        ]
        _write(rows, outs.answers(name))
    model = Path("models/limo")
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}", encoding="utf-8")
    (model / "model.safetensors").write_bytes(b"weights")


def metrics(name: str) -> dict:
    """One of the metrics files."""
    return json.loads(Path(f"metrics/{name}.json").read_text(encoding="utf-8"))


def _write(rows, out) -> None:
    outs.write(out, quality.table(rows, out.schema))
