import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from limo import params
from limo.params.empty import STAY
from limo.params.page import page
from limo.sources import rows

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "params.yaml", *sorted((ROOT / "profiles").glob("*.yaml"))]
DEFAULT: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))

# Mappings whose keys are the user's own names, or another library's.
NAMED = re.compile(
    r"models|engines|sources|benchmarks|recorded|rate\.raters|imports|teachers|datasets|variants|candidates"
    r"|question_sets|round_datasets"
    r"|variants\.\w+\.train|judges|chain_judges|evaluate\.(protocols|benchmarks|released)"
    r"|(sources\.\w+|benchmarks\.\w+\.source|recorded\.\w+|imports\.\w+)\.(families|config|where)"
    r"|plan\.(benchmarks|teachers|engines|shapes)"
    r"|evaluate\.(comparisons(\.\w+)?|published)|plan\.power\.pass_rates"
)
FREE = re.compile(r"((sources\.\w+|benchmarks\.\w+\.source)\.config|variants\.\w+\.train)\.")
CHOOSER = re.compile(
    r"((plan\.)?(models|engines|sources|recorded|imports)\.\w+|rate\.raters\.\w+|screen|benchmarks\.\w+\.source)\.kind"
    r"|datasets\.\w+\.rule|round_datasets\.\w+\.dataset\.rule"
)

# Those which leave sections empty.
PARTS = {"champ", "curation", "own", "training"}

each_whole_file = pytest.mark.parametrize(
    "file", [file for file in FILES if file.stem not in PARTS], ids=lambda file: file.stem
)


def sections(values: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if not NAMED.fullmatch(".".join(path)):
        yield path
    for key, value in values.items():
        if isinstance(value, dict):
            yield from sections(value, (*path, key))


def leaves(values: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value that is no section, except those which choose between kinds of section."""
    for key, value in values.items():
        dotted = ".".join((*path, key))
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        elif not CHOOSER.fullmatch(dotted) and not FREE.match(dotted):
            yield (*path, key), value


def put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        values = values[key]
    values[path[-1]] = value


def remove(values: dict[str, Any], path: tuple[str, ...]) -> None:
    for key in path[:-1]:
        values = values[key]
    del values[path[-1]]


def refusal(values: Any, folder: Path) -> str:
    path = folder / "params.yaml"
    path.write_text(json.dumps(values), encoding="utf-8")  # JSON is YAML, and quotes every string
    with pytest.raises(ValueError, match=re.escape(f"{path} is not valid")) as caught:
        params.load(path)
    return str(caught.value)


def names(message: str, path: tuple[str, ...], fault: str = "") -> bool:
    """Whether a line names this key; between its parts may stand the kind of the section."""
    start, end = path[:-1], path[-1]
    before = "".join(rf"{re.escape(part)}\.(\w+\.)?" for part in start)
    return re.search(rf"^  {before}{re.escape(end)}(\.\d+|\.str|\.int)*: .*{fault}", message, re.MULTILINE) is not None


def wrong(value: Any) -> Any:
    """A value of another type, of the sort that a lenient reader would convert."""
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, int | float):
        return str(value)
    return {"str": 1, "list": "x", "NoneType": [{}]}[type(value).__name__]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_params_file_is_valid(file):
    p = params.load(file)
    assert (file.stem in PARTS) == any(params.empty(getattr(p, name)) for name in params.Params.model_fields)


@each_whole_file
def test_an_unknown_key_in_any_section_is_refused_by_its_dotted_name(file, tmp_path):
    values = yaml.safe_load(file.read_text(encoding="utf-8"))
    found = list(sections(values))
    for path in found:
        put(values, (*path, "surplus"), 1)
    message = refusal(values, tmp_path)
    unnamed = [path for path in found if not names(message, (*path, "surplus"), "Extra inputs are not permitted")]
    assert len(found) > 30
    assert unnamed == []


@pytest.mark.parametrize(
    "section", ["models", "engines", "sources", "benchmarks", "teachers", "datasets", "variants", "candidates"]
)
@pytest.mark.parametrize("name", ["my.name", "a b", "-a", "a@b", ""])
def test_a_name_that_breaks_the_stages_of_dvc_is_refused(section, name, tmp_path):
    values = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    values[section][name] = next(iter(values[section].values()))
    message = refusal(values, tmp_path)
    assert f"{section}.{name}" in message
    assert "a name has letters, digits, _ and - alone" in message


def test_math_as_a_source_is_its_train_split_and_as_a_benchmark_any(tmp_path):
    hub = {"kind": "hub", "repo": "r", "revision": "0" * 40, "config": None, "fields": "math", "answer_from": None}
    hub |= {"split": "test", "where": {}, "limit": None, "licence": "MIT"}
    values = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    values["benchmarks"][next(iter(values["benchmarks"]))]["source"] = hub
    (tmp_path / "params.yaml").write_text(json.dumps(values), encoding="utf-8")
    params.load(tmp_path / "params.yaml")
    name = next(iter(values["sources"]))
    values["sources"][name] = hub
    assert f"sources.{name}.split = 'test' of MATH is refused" in refusal(values, tmp_path)


@each_whole_file
def test_no_key_has_a_hidden_default(file, tmp_path):
    values = yaml.safe_load(file.read_text(encoding="utf-8"))
    required = [
        path for path, _ in leaves(values) if not NAMED.fullmatch(".".join(path[:-1])) and path[:1] != ("seed",)
    ]
    for path in required:
        remove(values, path)
    message = refusal(values, tmp_path)
    assert len(required) > 150
    assert [path for path in required if not names(message, path, "Field required")] == []


@each_whole_file
def test_no_value_is_converted_from_another_type(file, tmp_path):
    values = yaml.safe_load(file.read_text(encoding="utf-8"))
    found = list(leaves(values))
    for path, value in found:
        put(values, path, wrong(value))
    message = refusal(values, tmp_path)
    assert len(found) > 150
    assert [path for path, _ in found if not names(message, path)] == []


@pytest.mark.parametrize("section", sorted(params.Params.model_fields))
def test_a_missing_section_is_named(section, tmp_path):
    values = {key: value for key, value in DEFAULT.items() if key != section}
    assert refusal(values, tmp_path).count("\n") == 1
    assert names(refusal(values, tmp_path), (section,), "Field required")


def with_variant(changes: dict[str, Any]) -> dict[str, Any]:
    values = copy.deepcopy(DEFAULT)
    values["variants"]["limo"]["train"] = changes
    return values


def test_a_variant_is_trained_with_its_own_keys_and_the_others_of_train(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text(json.dumps(with_variant({"epochs": 7, "save_steps": 3})), encoding="utf-8")
    p = params.load(file)
    assert p.training("limo") == p.train.model_copy(update={"epochs": 7, "save_steps": 3})
    assert p.training("random") == p.train


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epoch": 7}, "variants.limo.train.epoch: Extra inputs are not permitted"),
        ({"epochs": "7", "offload": 1}, "variants.limo.train.epochs: Input should be a valid integer"),
        ({"epochs": "7", "offload": 1}, "variants.limo.train.offload: Input should be a valid boolean"),
        ({"numerics": "portable", "device": "cuda"}, "variants.limo.train: numerics: portable is a mode"),
        ({"validation": "data/limo.parquet"}, "variants.limo.train.validation: Extra inputs are not permitted"),
    ],
)
def test_what_a_variant_changes_is_checked_as_train_is(changes, message, tmp_path):
    assert message in refusal(with_variant(changes), tmp_path)


def test_an_empty_file_is_refused(tmp_path):
    assert "(file)" in refusal(None, tmp_path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("tiers.min_chain", "tiers.min_chains"),
        ("score.verfiy", "score.verify"),
        ("rate.raters.smollm2.max_corect", "rate.raters.smollm2.max_correct"),
        ("sources.champ.limits", "sources.champ.limit"),
        ("varients", "variants"),
    ],
)
def test_a_key_that_is_spelled_wrong_is_told_which_may_be_meant(written, meant, tmp_path):
    values, path = copy.deepcopy(DEFAULT), tuple(meant.split("."))
    remove(values, path)
    put(values, tuple(written.split(".")), 1)
    line = f"{written}: Extra inputs are not permitted (found 1): did you mean {path[-1]}?"
    assert line in refusal(values, tmp_path)


def test_a_key_that_is_like_no_missing_one_is_refused_alone(tmp_path):
    values = {**DEFAULT, "charm": 1}
    assert refusal(values, tmp_path).endswith("charm: Extra inputs are not permitted (found 1)")


def test_a_fault_of_the_whole_file_begins_with_its_key(tmp_path):
    values = copy.deepcopy(DEFAULT)
    put(values, ("screen", "engine"), "loca")
    assert "\n  screen.engine = 'loca' is not one of" in refusal(values, tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 1\nvariants:\n  a: {}\n  b: {}\n  a: {}\n", 'line 5, column 3: found duplicate key "a"'),
        ("seed: 1\ntiers: {min_chains: 5\ngates: {}\n", "line 3, column 6: expected ',' or '}'"),
        ('seed: 1\nprompt: {system: "solve it}\n', "line 3, column 1: found unexpected end of stream"),
        ("seed: 1\n\ttiers: {}\n", "line 2, column 1: found character '\\t'"),
    ],
)
def test_what_is_no_yaml_is_refused_by_file_line_and_column(text, said, tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(f"{path} is no YAML: {said}")):
        params.load(path)


CASES = [
    ("rate.raters.smollm2.max_correct", 99, "rate.raters.smollm2: .*max_correct=99.*draws=6"),
    ("rate.raters.smollm2.min_correct", 4, "rate.raters.smollm2: .*min_correct=4"),
    ("rate.raters", {}, "rate: .*raters is empty: name at least one"),
    ("rate.rule", "best", "rate.rule: .*'only', 'strongest', 'every' or 'mean'"),
    ("screen.draws", 0, "screen.draws: .*greater than or equal to 1"),
    ("rate.raters.smollm2.sampling.temperature", -0.1, "rate.raters.smollm2.sampling.temperature: "),
    ("rate.raters.smollm2.sampling.temperature", float("nan"), "rate.raters.smollm2.sampling.temperature: "),
    ("rate.raters.smollm2.sampling.top_p", 0.0, "rate.raters.smollm2.sampling.top_p: "),
    ("teachers.smollm2.sampling.top_p", 1.1, "teachers.smollm2.sampling.top_p: "),
    ("train.epochs", 0, "train.epochs: "),
    ("train.learning_rate", 0.0, "train.learning_rate: "),
    ("train.attention", "eager", "train.attention: .*'sdpa' or 'flash_attention_2'"),
    ("train.beta2", 1.5, "train.beta2: "),
    ("train.loss", "mean", "train.loss: .*'token' or 'example'"),
    ("train.overlength", "cut", "train.overlength: .*'refuse', 'drop' or 'truncate'"),
    ("train.rendezvous", "a-host", "train.rendezvous: "),
    ("score.recipe", "custom", "score: .*weights belong to recipe custom, which needs them"),
    ("score.weights", {"length": 1.0}, "score: .*with v2 they are null"),
    ("score.weights", {"length": 0.6, "false": -0.5}, "score.weights: .*sum to 1.1"),
    ("score.weights", {"charm": 1.0}, "score.weights: .*charm is no measure"),
    ("gates.duplicate", 0.0, "gates.duplicate: "),
    ("gates.tags", "drop", "gates.tags: .*'strip', 'keep' or 'refuse'"),
    ("gates.max_repeats", 1.5, "gates.max_repeats: "),
    ("score.scaler", "zscore", "score.scaler: "),
    ("score.tokenizer", "gpt2", "score.tokenizer = 'gpt2' is not one of"),
    ("tiers.min_chains", 4, "tiers.min_chains: "),
    ("tiers.overlength", "cut", "tiers.overlength: "),
    ("select.max_similarity", 1.2, "select.max_similarity: "),
    ("answers.timeout_s", 0.0, "answers.timeout_s: "),
    ("pool.near.threshold", -0.5, "pool.near.threshold: "),
    ("pool.source_rank", ["champ", "chump"], "pool.source_rank names .*: add .*, take out chump$"),
    ("sources.families.families.add.low", 9, r"sources.families.*add: .*low \(9\) must be below high \(9\)"),
    ("sources.champ.kind", "hugging", "sources.champ: .*'families', 'reasoning_gym', 'champ', 'hub', 'files'"),
    (
        "models.smollm2",
        {"kind": "hub", "repo": "a/b", "revision": "main", "licence": "MIT"},
        "models.smollm2.*revision: ",
    ),
    ("models.two words", {"kind": "folder", "path": "x", "licence": "MIT"}, "models.two words"),
    ("engines.local.slots", 0, "engines.local.*slots: "),
    ("datasets.L1.level", 6, "datasets.L1.*level: "),
    (
        "datasets.size",
        {"path": "data/size.parquet", "rule": "top", "rows": 4},
        "datasets.size: DVC's run cache does not",
    ),
    ("sources.gym_sums.config.size", 9, "sources.gym_sums.config.size: DVC's run cache does not see"),
    ("datasets.random.like", "limoo", "datasets.random.like = 'limoo' is not one of"),
    ("variants.limo.data", "data/lima.parquet", "variants.limo.data = 'data/lima.parquet' is not one of"),
    ("variants.limo.validation", "data/benchmarks.parquet", "variants.limo.validation = .* never on a benchmark"),
    ("variants.limo.validation", "sums", "variants.limo.validation = 'sums' is not one of .'data/validation.parquet'."),
    (
        "variants.limo.validation",
        "data/ablations/random.parquet",
        "variants.limo.validation = .* on a dataset of rule held_out",
    ),
    ("train.choose", "best", "train.choose: .*'last' or 'validation'"),
    ("variants.limo.data", "data/validation.parquet", "variants.limo.data is its validation"),
    ("variants.limo.model", "qwen", "variants.limo.model = 'qwen' is not one of"),
    ("candidates.limo", "models/lima", "candidates.limo = 'models/lima' is not one of"),
    ("screen.path", "models/base/qwen", "screen.path = 'models/base/qwen' is not one of"),
    ("teachers.smollm2.engine", "remote", "teachers.smollm2.engine = 'remote' is not one of"),
    ("evaluate.engine", "remote", "evaluate.engine = 'remote' is not one of"),
    ("evaluate.benchmarks", {}, r"evaluate.benchmarks names \[\], expected exactly \['gym', 'stories', 'sums'\]"),
    ("evaluate.benchmarks.sums", [], r"benchmarks.sums is \[\]: list one or more of the protocols \['sampled'\]"),
    ("evaluate.benchmarks.sums", ["sampled"] * 2, r"benchmarks.sums is .*each once"),
    ("evaluate.benchmarks.sums", ["sober"], r"benchmarks.sums is \['sober'\]: list one or more of .*'sampled'"),
    ("seed", -1, "seed: "),
    ("plan.engines", {}, "plan.engines lacks 'local', which a stage uses"),
    ("plan.engines.remote", {"kind": "hosted", "price_per_million_in": 1, "price_per_million_out": 2}, "remote"),
    ("plan.engines.local.tokens_per_second", 0.0, "plan.engines.local.tokens_per_second: .*greater than 0"),
    ("plan.engines.local.kind", "rented", "plan.engines.local: .*'devices', 'hosted'"),
    (
        "plan.screen.pass_rates",
        [{"rate": 0.5, "share": 0.9}],
        "plan.screen.pass_rates: .*shares of pass_rates sum to 0.9, not 1",
    ),
    ("plan.rate.pass_rates", [{"rate": 1.5, "share": 1.0}], r"plan.rate.pass_rates.0.rate: "),
    ("plan.shapes", {}, "plan.shapes lacks 'smollm2', which a variant trains"),
    ("plan.teachers", {}, r"plan.teachers names \[\], expected exactly \['smollm2'\]"),
    ("plan.benchmarks", {"sums": 3}, r"plan.benchmarks names \['sums'\], expected exactly .*: add gym, add stories$"),
]


@pytest.mark.parametrize(("key", "value", "expected"), CASES, ids=[f"{key}={value}"[:60] for key, value, _ in CASES])
def test_a_value_that_makes_no_sense_is_refused_by_name(key, value, expected, tmp_path):
    values = copy.deepcopy(DEFAULT)
    put(values, tuple(key.split(".")), value)
    message = refusal(values, tmp_path)
    assert message.count("\n") == 1, "one fault, one line"
    assert re.search(expected, message)


COUNTS = [
    path for path, value in leaves(DEFAULT) if type(value) is int and value > 0 and path[-1] not in {"low", "high"}
]


@settings(max_examples=40, deadline=None)
@given(path=st.sampled_from(COUNTS), value=st.integers(max_value=-1))
def test_no_count_is_negative(path, value, tmp_path_factory):
    values = copy.deepcopy(DEFAULT)
    put(values, path, value)
    assert names(refusal(values, tmp_path_factory.mktemp("params")), path, "greater than or equal to")


# --- sections that are empty ------------------------------------------------------------------------------------

SECTIONS = sorted(key for key, value in DEFAULT.items() if isinstance(value, dict) and not NAMED.fullmatch(key))
UNNAMED = {"teachers": {}, "variants": {}, "candidates": {}}


def loaded(values: Any, folder: Path) -> params.Params:
    (folder / "params.yaml").write_text(json.dumps(values), encoding="utf-8")
    return params.load(folder / "params.yaml")


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_may_be_empty_and_says_so_where_it_is_needed(section, tmp_path):
    p = loaded({**DEFAULT, **UNNAMED, "plan": None, section: None}, tmp_path)
    assert params.empty(getattr(p, section))
    assert not params.empty(p.pool) or section == "pool"
    key = next(iter(DEFAULT[section]))
    with pytest.raises(ValueError, match=rf"section {section} of params.yaml is empty, and {section}\.{key} is needed"):
        getattr(getattr(p, section), key)
    assert p.model_dump(mode="json")[section] is None


@pytest.mark.parametrize(
    ("section", "held"),
    [
        ("pool", {"max_characters": 400}),
        ("screen", {"path": "unused", "engine": "unused"}),
        ("rate", {"raters": {}}),
        ("score", {"tokenizer": "unused"}),
        ("evaluate", {"benchmarks": {}}),
    ],
)
def test_keys_that_dvc_reads_may_stay_in_an_empty_section(section, held, tmp_path):
    p = loaded({**DEFAULT, **UNNAMED, "plan": None, section: held}, tmp_path)
    assert params.empty(getattr(p, section))
    assert {key: getattr(getattr(p, section), key) for key in held} == held
    assert p.model_dump(mode="json")[section] == held
    wrong_value = {key: "x" if isinstance(value, dict) else wrong(value) for key, value in held.items()}
    assert names(
        refusal({**DEFAULT, **UNNAMED, "plan": None, section: wrong_value}, tmp_path), (section, *wrong_value)[:2]
    )


@pytest.mark.parametrize(
    ("section", "readers"),
    [
        ("answers", "teachers"),
        ("generation", "teachers"),
        ("prompt", "variants"),
        ("train", "variants"),
        ("prompt", "candidates"),
        ("evaluate", "candidates"),
    ],
)
def test_a_section_that_a_named_stage_reads_is_not_empty(section, readers, tmp_path):
    unnamed = {key: value for key, value in UNNAMED.items() if key != readers}
    values = {**DEFAULT, **unnamed, "plan": None, section: None}
    if readers == "candidates":
        values["candidates"] = {"base": "models/base/smollm2"}
        values["evaluate"] = values["evaluate"] and {**values["evaluate"], "comparisons": {}}
    assert f"{section} is empty, and the stages of {readers} read it" in refusal(values, tmp_path)


def test_dvc_reads_of_an_empty_section_only_what_stays():
    """Names in paths and params of stages that are no foreach are looked up whether the stage is wanted or not."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    always = json.dumps([stage for stage in stages.values() if "foreach" not in stage])
    looked_up = {tuple(name.split(".")) for name in re.findall(r"\$\{([\w.]+)\}", always)}
    assert looked_up == {("screen", "path"), ("screen", "engine"), ("score", "tokenizer")}
    assert all(key in STAY[section] for section, key in looked_up)


def test_own_data_is_trained_where_there_are_no_datasets(tmp_path):
    own = {
        "limo": {"data": "data/raw/mine.jsonl", "model": "smollm2", "validation": "data/raw/apart.jsonl", "train": {}}
    }
    values = {**DEFAULT, "datasets": {}, "variants": own, "candidates": {}}
    assert loaded(values, tmp_path).variants["limo"].data == "data/raw/mine.jsonl"
    own["limo"]["validation"] = "data/raw/mine.jsonl"
    assert "variants.limo.data is its validation" in refusal(values, tmp_path)


# --- the page of every key ----------------------------------------------------------------------------------------


def every_section(base: type[params.Section] = params.Section) -> set[type[params.Section]]:
    below = {inner for section in base.__subclasses__() for inner in every_section(section)}
    return {base, *below} if base.__module__.startswith("limo.params.") else below


def test_every_key_says_what_it_means():
    found = {
        f"{section.__name__}.{key}": field for section in every_section() for key, field in section.model_fields.items()
    }
    assert len(found) > 200
    assert sorted(name for name, field in found.items() if not (field.description or "").endswith(".")) == []


def test_the_page_of_every_key_is_the_one_that_the_sections_give():
    written = (ROOT / "docs/params.md").read_text(encoding="utf-8")
    assert written == page(), "docs/params.md is not current: run `make docs`"


# --- what the profiles promise ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "band", "size", "batch", "small", "recipe"),
    [("limo_v1", (0, 3), 817, 32, (16, 0.7), "v1"), ("limo_v2", (1, 3), 800, 64, (4, 0.6), "v2")],
)
def test_paper_profiles_hold_the_published_figures(file, band, size, batch, small, recipe):
    p = params.load(ROOT / f"profiles/{file}.yaml")
    assert (p.screen.draws, p.screen.max_correct) == (4, 0)
    for rater in p.rate.raters.values():
        assert (rater.draws, (rater.min_correct, rater.max_correct)) == (32, band)
    assert p.datasets["limo"].rows == size
    assert [p.datasets[f"L{level}"].rows for level in range(1, 6)] == [500] * 5
    assert p.score.recipe == recipe
    assert (p.train.epochs, p.train.batch_size, p.train.learning_rate) == (15, batch, 5e-6)
    exams = params.exams(p.evaluate)
    assert p.train.max_length == 16384
    assert {exam.protocol.max_tokens for exam in exams.values()} == {32768}
    drawn = {name: (exam.protocol.draws, exam.protocol.temperature) for name, exam in exams.items()}
    assert len(drawn) == 10
    assert {name for name, found in drawn.items() if found == small} == {"aime24", "amc23", "chmath"}
    assert {found for found in drawn.values() if found != small} == {(1, 0.0)}
    assert p.sources["aime"].fields == "aime", "AIME 2024 is a benchmark, which this layout drops"
    assert p.sources["math"].split == "train", "MATH500 is drawn from the test split"


def test_the_full_profile_has_as_many_different_problems_as_it_says():
    p = params.load(ROOT / "profiles/smollm2_full.yaml")
    drawn = {"train": set(), "test": set()}
    for name, spec in {**p.sources, **{name: guarded.source for name, guarded in p.benchmarks.items()}}.items():
        table = rows.rows(name, spec, p.pool.max_characters)
        assert table["rejected"].null_count() == table.height >= 60, name
        if spec.kind == "families":
            assert table["id"].n_unique() == table.height, name
            drawn[spec.split] |= set(table["id"].to_list())
    assert len(drawn["train"]) == 1500
    assert len(drawn["test"]) == 140
    assert not drawn["train"] & drawn["test"]


def test_a_rate_is_a_number_in_the_spelling_that_dvc_writes(tmp_path):
    path = tmp_path / "params.yaml"
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("learning_rate: 3.0e-5", "learning_rate: 1e-05", 1), encoding="utf-8")
    assert params.load(path).train.learning_rate == 1e-5
