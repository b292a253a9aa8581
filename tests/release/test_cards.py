import pytest
import yaml
from huggingface_hub import DatasetCard, ModelCard
from markdown_it import MarkdownIt

from limo.release import cards, gate
from tests.chains.world import PARAMS, loaded
from tests.release.world import facts, rows

ENTRY = {"path": "data/release/datasets/limo/limo.parquet", "bytes": 7, "sha256": "a" * 64, "md5": "b" * 32}
OUT = {**ENTRY, "path": "data/limo.parquet"}
WEIGHTS = {**ENTRY, "path": "models/limo/model.safetensors", "parameters": 1234567}
HOSTILE = "<img src=x> | `x` [a](b)\n---\nlicense: evil\n# top"


def dataset_card(table=None, found=None, out=OUT, **changes):
    return cards.dataset_card(
        loaded(**changes), "limo", rows() if table is None else table, found or facts(), ENTRY, out
    )


def model_card(name="limo", found=None, withheld=0, **changes):
    return cards.model_card(loaded(**changes), name, found or facts(), [WEIGHTS], "c" * 32 + ".dir", withheld)


def release(**changes):
    return {**PARAMS["release"], **changes}


def front_matter(card):
    opening, matter, _ = card.split("---\n", 2)
    assert opening == ""
    return yaml.safe_load(matter)


def test_every_column_of_a_released_table_is_described():
    assert list(cards.COLUMNS) == gate.WITHHELD.names()


def test_a_hub_reads_the_front_matter_of_a_dataset(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(dataset_card(), encoding="utf-8")
    data = DatasetCard.load(path).data
    assert data.license == ["apache-2.0", "mit"]
    assert data.language == ["en", "zh"]  # p03 holds formulas alone
    assert data.size_categories == ["n<1K"]
    assert data.task_categories == ["text-generation"]
    assert data.configs == [
        {"config_name": "default", "data_files": [{"split": "train", "path": "limo.parquet"}]},
    ]


@pytest.mark.parametrize(("rows", "size"), [(999, "n<1K"), (1000, "1K<n<10K"), (99_999, "10K<n<100K"), (10**6, "n>1M")])
def test_hubs_sort_datasets_by_size(rows, size):
    assert cards.size(rows) == size


def test_the_dataset_card_tells_origin_funnel_difficulty_and_score():
    card = dataset_card()
    assert "| easy | families | rev1 | MIT | 2 | 12 |" in card
    assert "| hard | families | rev1 | Apache-2.0 | 1 | 12 |" in card
    assert "| screen | 9 | 7 | too easy 2 |" in card
    assert "| rate.raters.tiny | tiny | 4 | 1 to 3 | 0.6 | 0.95 | 64 |" in card
    assert "| tiny | 2 | 4 | False | False | 3 |" in card
    assert "score = 0.3 × length_z + 0.2 × verify_z + 0.25 × explore_z + 0.25 × connect_z" in card
    assert "(scaler rank)" in card
    assert "| explore | perhaps, might |" in card
    assert "| `score` | Float64 | weighted sum" in card


def test_the_dataset_card_tells_what_decontamination_found():
    card = dataset_card()
    assert "| products | rev9 | MIT | 1 |" in card
    assert "| sums | reworded | 1 |" in card  # its match is sums:b:1
    assert "10 labelled pairs this has precision 1.000 and recall 0.875" in card
    clean = dataset_card(found=facts(contaminated=facts().contaminated.clear()))
    assert "No problem was refused" in clean
    assert "| sums | reworded |" not in clean


def test_the_dataset_card_tells_hashes_and_how_to_rebuild():
    card = dataset_card()
    assert f"| data/limo.parquet, of the graph | 7 | {'a' * 64} | {'b' * 32} |" in card
    for command in (
        "git clone REPOSITORY limo",
        "dvc get REPOSITORY data/limo.parquet",
        "dvc pull data/limo.parquet",
        "dvc repro dataset@limo",
        "limo verify dataset@limo",
    ):
        assert f"\n{command}" in card
    published = dataset_card(release=release(repository="https://example.org/limo"))
    assert "git clone https://example.org/limo limo" in published
    assert "REPOSITORY" not in published


def test_the_dataset_card_says_how_many_rows_of_which_licence_are_withheld():
    card = dataset_card(gate.withhold(rows(), ["Apache-2.0"]), out={**OUT, "sha256": "d" * 64})
    assert "2 of 3 rows have a licence" in card
    assert "| MIT | 2 |" in card
    assert "| `withheld` | Boolean |" in card
    assert front_matter(card)["license"] == ["apache-2.0"]
    assert "The released file has the column `withheld`" in card
    unknown = dataset_card(gate.withhold(rows(licence=None), ["MIT"]))
    assert "| unknown | 3 |" in unknown
    assert front_matter(unknown)["license"] == ["other"]


def test_nothing_is_said_to_be_withheld_where_nothing_is():
    card = dataset_card()
    assert "No text is withheld" in card
    assert "withheld` is true" not in card
    assert "The released file has" not in card


def test_a_hub_reads_the_front_matter_and_the_results_of_a_model(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(model_card(), encoding="utf-8")
    data = ModelCard.load(path).data
    assert data.license == "apache-2.0"
    assert data.library_name == "transformers"
    assert data.datasets == ["LIMO-test-limo"]
    assert data.base_model is None
    (result,) = data.eval_results
    assert (result.dataset_name, result.metric_type, result.metric_value) == ("sums", "pass@1", 25.0)
    assert result.metric_name == "pass@1 in %, 95 % interval 12.5 to 37.5"


def test_the_model_card_tells_base_training_and_scores():
    pair = {"family": "trained", "candidate": "limo", "other": "base", "benchmark": "sums"}
    pair |= {
        "difference": 0.125,
        "low": -0.05,
        "high": 0.3,
        "wins": 3,
        "losses": 1,
        "ties": 4,
        "p": 0.25,
        "p_holm": 0.5,
    }
    card = model_card(found=facts(comparisons=[pair]))
    for key in PARAMS["train"]:
        assert f"\n| {key} | " in card
    assert "| epochs | 2 |" in card
    assert "1,234,567 parameters" in card
    assert "| base | sums | – | 25.0 | 12.5 to 37.5 | 100.0 | 0.0 | 0.0 |" in card
    assert "| trained | limo | base | sums | +12.5 | -5.0 to +30.0 | 3 | 1 | 4 | 0.5000 |" in card
    assert f"{'c' * 32}.dir" in card
    assert "\ndvc repro train@limo" in card
    assert "withheld" not in card


def test_the_model_card_has_the_settings_of_its_own_variant():
    limo = {**PARAMS["variants"]["limo"], "train": {"epochs": 7, "learning_rate": 0.25}}
    changes = {"variants": {**PARAMS["variants"], "limo": limo}}
    card = model_card(**changes)
    assert "\n| epochs | 7 |\n" in card
    assert "\n| learning_rate | 0.25 |\n" in card
    assert " of 7, and no benchmark had a part in that" in card
    assert "\n| epochs | 2 |\n" in model_card("L5", **changes)


def test_a_model_that_read_withheld_text_says_so():
    assert "The text of 2 of these examples is withheld" in model_card(withheld=2)


def test_a_variant_that_no_candidate_names_claims_no_results():
    card = model_card(candidates={"base": "models/base/tiny"}, evaluate={**PARAMS["evaluate"], "comparisons": {}})
    assert "model-index" not in front_matter(card)
    assert "This model was not evaluated" in card


def test_a_hub_model_is_named_by_repository_and_revision():
    model = {"kind": "hub", "repo": "Qwen/Base", "revision": "a" * 40, "licence": "Apache-2.0"}
    card = model_card(models={"tiny": model})
    assert front_matter(card)["base_model"] == "Qwen/Base"
    assert f"Qwen/Base at {'a' * 40}" in card


def test_a_licence_that_hubs_do_not_know_is_named_beside_other():
    model = {"kind": "folder", "path": "tiny", "licence": "Homegrown 1"}
    matter = front_matter(model_card(models={"tiny": model}))
    assert (matter["license"], matter["license_name"]) == ("other", "Homegrown 1")


def test_text_of_rows_and_params_brings_no_markup_and_no_front_matter():
    table = rows(licence=HOSTILE, source_revision=HOSTILE, teacher=HOSTILE)
    changes = {
        "release": release(name=HOSTILE, creator=HOSTILE),
        "prompt": {"system": HOSTILE},
        "score": {**PARAMS["score"], "verify": [HOSTILE]},
        "models": {"tiny": {"kind": "folder", "path": HOSTILE, "licence": HOSTILE}},
    }
    honest = {"dataset": dataset_card(rows(licence="x")), "model": model_card()}
    hostile = {"dataset": dataset_card(table, **changes), "model": model_card(**changes)}
    for kind, card in hostile.items():
        assert front_matter(card).keys() - {"license_name"} == front_matter(honest[kind]).keys()
        assert "evil" not in str(front_matter(card).get("license"))
        assert markup(card) == markup(honest[kind])


def markup(card):
    """The markup of a card: its blocks one by one, such as headings and table cells, and the kinds of inline markup."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(card.split("\n---\n", 1)[1])
    inner = {child.type for token in tokens for child in token.children or []}
    return [token.type for token in tokens], inner - {"text_special"}


def test_a_recorded_rater_stands_on_the_card_without_sampling():
    record = {"kind": "recorded", "path": "data/recorded/log.parquet", "engine": "log", "sources": None}
    band = {"draws": 8, "min_correct": 0, "max_correct": 1}
    p = loaded(
        engines={**PARAMS["engines"], "log": {"kind": "recorded"}},
        recorded={"log": {"kind": "champ", "author": "GPT-4", "settings": ["0-Shot"], "licence": "none"}},
        screen={**record, **band},
    )
    card = cards.dataset_card(p, "limo", rows(), facts(), ENTRY, ENTRY)
    assert "| screen | log, recorded | 8 | 0 to 1 | - | - | - |" in card
