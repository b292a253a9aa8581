"""dvc.yaml, registry, scripts, tests and meanings → docs/stages.md and docs/tables.md; used by `make docs`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from ruamel.yaml import YAML

from limo.graph import meanings, outs, places, schemas
from limo.graph.outs import Table
from limo.graph.places import GraphOut

STAGES, TABLES = Path("docs/stages.md"), Path("docs/tables.md")
_ROUND = "ROUND"  # stands for a number of `rounds`
_NAME = "NAME"  # stands for a name of the user's own in a path
_GROUND = ("limo.base", "limo.graph", "limo.params")  # what every script uses; the rest is what it is about
_STAGES_HEAD = """# Stages

One line per stage of `dvc.yaml`, in its order: its script, the functions of the library that the script calls, in bold
those that decide what it writes, the tests that run the script, and the page that explains it. NAME is a name of
params.yaml, ROUND a number of `rounds`. `make docs` writes this page.

| stage | what it does | script | calls | tested in | page |
|---|---|---|---|---|---|
"""
_TABLES_HEAD = """# Outs

What every stage writes, in the order of `dvc.yaml`. Tables are Parquet files: no two rows share the key, by which the
file is sorted. NAME is a name of params.yaml, ROUND a number of `rounds`. `make docs` writes this page from
`limo/graph/outs.py`, `limo/graph/schemas.py` and `limo/graph/meanings.py`.
"""
_TYPES: dict[Any, str] = {
    pl.String: "text",
    pl.Int64: "whole number",
    pl.UInt64: "whole number ≥ 0",
    pl.Float64: "number",
    pl.Boolean: "true or false",
}
_HOLDS = {
    "models/base/NAME": "A model as it came: weights and tokenizer, or the pointer to a pinned revision.",
    "data/sources/NAME.parquet": "a problem as the source has it, usable or with the reason why not",
    "data/benchmarks.parquet": "a problem of an evaluation set, as often as the set holds it",
    "data/pool.parquet": "a problem that may go on, with all rows that were merged into it",
    "data/pool_rejected.parquet": "a row of a source that is not in the pool, with the reason",
    "metrics/problems.json": "Precision and recall of the pool's two decisions on labelled pairs.",
    "data/recorded/NAME.parquet": "a recorded text or count for a question, usable or with the reason why not",
    "data/screen_attempts.parquet": "an answer of the small model to a problem of the pool, with its verdict",
    "data/screened.parquet": "a problem of the pool with the small model's counts, kept or with the reason why not",
    "data/rate_attempts/NAME.parquet": "an answer of the rater to a problem that screen kept, with its verdict",
    "data/rate/NAME.parquet": "a problem that screen kept with the rater's counts, and what its band alone says",
    "data/rated.parquet": "a problem that screen kept with the counts of all raters, kept or with the reason",
    "data/questions.parquet": "a problem that rate kept, selected or with the reason why not",
    "metrics/benchmarks.json": "Rows of every benchmark, answers by kind, repaired ones, rows that belong together.",
    "metrics/diversity.json": "How diverse the selected questions are, beside as many drawn at random.",
    "data/chains/0/solutions.parquet": "a worked solution that a source has for a problem of the pool",
    "data/chains/0/attempts.parquet": "a correct answer of a rater to a problem",
    "data/question_sets/NAME.parquet": "a problem of the set",
    "data/chains/ROUND/NAME.parquet": "a chain that the teacher wrote for one of its questions; in round 0 imports too",
    "data/checked/ROUND.parquet": "a distinct chain of a problem, with the verdict on its answer",
    "data/measured/ROUND.parquet": "what recomputes of a checked chain, whatever its verdict",
    "metrics/validity.json": "How well measures and recipes tell clean chains from faulty ones, by marks of humans.",
    "data/votes/pairs.parquet": "two chains of a question that judges of chains compare",
    "data/votes/NAME.parquet": "a pair of chains in one order, and which of them the judge prefers",
    "metrics/votes/NAME.json": "A judge's agreement with human marks, and how position and length move it.",
    "data/scored.parquet": "a checked chain, once for all rounds, with its traits and, where it is correct, its score",
    "data/tiers.parquet": "a scored chain with its place among those of its question, or why no dataset can hold it",
    "round_datasets.NAME.dataset.path": "a question with its chain, of one round, and whole history",
    "datasets.NAME.path": "a question with its chain and whole history",
    "models/NAME": "The trained model, as transformers reads it.",
    "data/training/NAME.json": "Every optimiser step of a training, and its totals.",
    "data/answers/NAME.parquet": "an answer of the candidate to a problem of a benchmark, with its verdict",
    "data/judged/NAME.parquet": "an answer that a judge was asked about, with the rules' verdict and its own",
    "metrics/judges/NAME.json": "The judge's agreement with the rules, and scores with and without it.",
    "metrics/plots": "The data of every figure, a CSV file each.",
    "data/evidence.json": "What the report shows beside figures: samples, counts of draws, provenance.",
    "metrics/funnel.json": "Rows in, kept and rejected by reason, step by step.",
    "metrics/quality.json": "Scores and lengths per teacher, quality level and dataset.",
    "metrics/training.json": "Losses, steps and tokens per variant.",
    "metrics/scores.json": "Mean pass@1 per candidate, and mean differences: what `dvc metrics diff` shows.",
    "metrics/evaluation.json": "Accuracies with intervals per candidate and benchmark.",
    "metrics/candidates.json": "All of a candidate beside its score: bounds, runs, budgets, suspects, groups.",
    "metrics/comparisons.json": "Differences between candidates with intervals and p-values per family and benchmark.",
    "data/report": "`index.html`, which needs no other file, and every figure as SVG.",
    "data/release": "Datasets, cards, Croissant metadata, a manifest and hashes, to hand out.",
}


def stages(root: Path) -> str:
    """docs/stages.md of the project at `root`.

    Raises:
        ValueError: no test runs a stage's script, or no page explains it.
    """
    defined = YAML(typ="safe", pure=True).load((root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    return _STAGES_HEAD + "\n".join(_stage(name, entry, root) for name, entry in defined.items()) + "\n"


def tables() -> str:
    """docs/tables.md."""
    plots = [_columns(f"### `{places.plot(name)}`", places.plot(name), schemas.PLOTS[name]) for name in schemas.PLOTS]
    blocks = [block for out in templates() for block in (_out(out), *(plots if out is places.PLOTS else ()))]
    return "\n".join([_TABLES_HEAD, *blocks])


def templates() -> list[GraphOut]:
    """Every out of the graph once, with NAME where params.yaml has a name."""
    return outs.named(
        outs.Names(
            models=[_NAME],
            sources=[_NAME],
            recorded=[_NAME],
            raters=[_NAME],
            imports=[],  # their table is that of a teacher
            question_sets=[_NAME],
            teachers={_NAME: _ROUND},
            rounds=[_ROUND],
            round_datasets={_NAME: f"round_datasets.{_NAME}.dataset.path"},
            datasets={_NAME: f"datasets.{_NAME}.path"},
            variants=[_NAME],
            candidates=[_NAME],
            judges=[_NAME],
            chain_judges=[_NAME],
        )
    )


def calls(script: Path) -> list[str]:
    """The functions of limo that a stage's script calls, beside those that every script calls, dotted."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    called = [ast.unparse(node.func).partition(".") for node in ast.walk(tree) if isinstance(node, ast.Call)]
    dotted = {f"{imported[name]}{dot}{rest}" for name, dot, rest in called if name in imported}
    return sorted(name for name in dotted if name.startswith("limo.") and not name.startswith(_GROUND))


def tests(stage: str, root: Path) -> list[str]:
    """The test files that run a stage's script: they import it or start it as `stages.STAGE`."""
    files = sorted((root / "tests").rglob("test_*.py"))
    return [file.relative_to(root).as_posix() for file in files if stage in _run(file)]


def page(stage: str, root: Path) -> str | None:
    """The page of a stage: that of its name, or else the first that has the name in its title, or in a heading."""
    pages = {path.stem: path.read_text(encoding="utf-8") for path in sorted((root / "docs").glob("*.md"))}
    if stage in pages:
        return f"{stage}.md"
    others = {STAGES.stem, TABLES.stem, "params", "LOG"}  # generated ones, and the one of what was
    for sign in ("#", "#+"):
        heading = re.compile(rf"(?im)^{sign} .*\b{stage}s?\b")
        for name, text in pages.items():
            if name not in others and heading.search(text):
                return f"{name}.md"
    return None


def _stage(name: str, entry: dict[str, Any], root: Path) -> str:
    body = entry.get("do", entry)
    said = body["desc"].replace("${key}", _NAME).replace("${item}", _ROUND)
    said = re.sub(r"\$\{item\.(?:\w+\.)*(\w+)\}", lambda key: key[1].upper(), said)
    each = _ROUND if entry.get("foreach") == "${rounds}" else _NAME
    shown = f"`{name}`" if body is entry else f"`{name}@{each}`"
    tested, explained = tests(name, root), page(name, root)
    if not tested or explained is None:
        raise ValueError(f"stage {name} needs a test that runs stages/{name}.py, and a page or a heading in docs")
    decide = meanings.DECIDES.get(name, [])
    called = ", ".join(_called(function, decides=function in decide) for function in calls(root / f"stages/{name}.py"))
    for function in meanings.STARTED.get(name, []):
        called += f", and in the processes that this starts {_called(function, decides=function in decide)}"
    run_by = ", ".join(f"`{file}`" for file in tested)
    return f"| {shown} | {said} | `stages/{name}.py` | {called} | {run_by} | [{explained[:-3]}]({explained}) |"


def _called(function: str, *, decides: bool) -> str:
    return f"**`{function}`**" if decides else f"`{function}`"


def _out(out: GraphOut) -> str:
    holds = _HOLDS[out.path]
    if not isinstance(out, Table):
        return f"## {out.path}\n\nStage `{out.stage}`. {holds}\n"
    key = ", ".join(f"`{column}`" for column in out.key)
    head = f"## {out.path}\n\nStage `{out.stage}`. One row is {holds}. Key: {key}."
    return _columns(head, out.path, out.schema)


def _columns(head: str, path: str, schema: pl.Schema) -> str:
    means = {**meanings.COLUMNS, **meanings.OTHERWISE.get(path, {})}
    rows = "\n".join(f"| `{name}` | {_type(dtype)} | {means[name]} |" for name, dtype in schema.items())
    return f"{head}\n\n| column | type | meaning |\n|---|---|---|\n{rows}\n"


def _type(dtype: Any) -> str:
    if isinstance(dtype, pl.List):
        return f"list of {_type(dtype.inner)}"
    if isinstance(dtype, pl.Struct):
        return f"{{{', '.join(f'{field.name}: {_type(field.dtype)}' for field in dtype.fields)}}}"
    return _TYPES[dtype]


def _root(name: str, imported: dict[str, str]) -> bool:
    return name.split(".", maxsplit=1)[0] in imported


def _run(file: Path) -> set[str]:
    return set(_scripts(ast.parse(file.read_text(encoding="utf-8"))))


def _scripts(tree: ast.Module) -> Iterator[str]:
    """The scripts that a test file imports or names as a module to start."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "stages":
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"^stages\.(\w+)$", node.value)


if __name__ == "__main__":
    STAGES.write_text(stages(Path()), encoding="utf-8")
    TABLES.write_text(tables(), encoding="utf-8")
