import pytest
import yaml

from limo.report import cards
from limo.tables import DATASET
from tests.quality.world import PARAMS, chain, loaded, problem, table

STEP = {"in": 9, "kept": 7, "rejected": {"too easy": 2}}
FUNNEL = dict.fromkeys(("pool", "screen", "rate", "select", "tiers"), STEP)
FIGURES = {"pass_at_1": 0.25, "low": 0.125, "high": 0.375, "answered": 1.0, "unfinished": 0.0}


def released(**changes):
    rows = [
        {
            **problem(number),
            **chain(f"p{number:02}", "so"),
            "solution": "so",
            "difficulty": 1,
            "decontamination": "clean",
            "rank": number,
            "level": None,
            "truncated": False,
            **changes,
        }
        for number in range(1, 4)
    ]
    return table(rows, DATASET)


def front_matter(card):
    opening, matter, _ = card.split("---\n", 2)
    assert opening == ""
    return yaml.safe_load(matter)


def test_every_column_of_the_dataset_is_described():
    assert list(cards.COLUMNS) == DATASET.names()


def test_the_dataset_card_tells_origin_funnel_and_rules():
    card = cards.dataset_card(loaded(), released(), FUNNEL)
    assert front_matter(card)["license"] == ["apache-2.0", "mit"]
    assert front_matter(card)["configs"] == [{"config_name": "default", "data_files": "limo.parquet"}]
    assert "| easy | rev1 | MIT | 2 |" in card
    assert "| hard | rev1 | Apache-2.0 | 1 |" in card
    assert "| screen | 9 | 7 | too easy 2 |" in card
    assert "0.3 length, 0.2 verification" in card
    assert "| `score` | weighted sum" in card


def test_the_model_card_tells_base_training_and_scores():
    gain = {"gain": 0.125, "gain_low": -0.05, "gain_high": 0.3}
    card = cards.model_card(loaded(), {"base": {"sums": FIGURES}, "limo": {"sums": FIGURES | gain}}, 3)
    assert front_matter(card)["license"] == "apache-2.0"
    assert "base_model" not in front_matter(card)
    assert "| epochs | 2 |" in card
    assert "| base | sums | 25.0 | 12.5 to 37.5 | – | – | 100.0 | 0.0 |" in card
    assert "| limo | sums | 25.0 | 12.5 to 37.5 | +12.5 | -5.0 to +30.0 | 100.0 | 0.0 |" in card


def test_a_hub_model_is_named_by_repository_and_revision():
    model = {"kind": "hub", "repo": "Qwen/Base", "revision": "a" * 40, "licence": "Apache-2.0"}
    card = cards.model_card(loaded(models={"tiny": model}), {"base": {"sums": FIGURES}}, 3)
    assert front_matter(card)["base_model"] == "Qwen/Base"
    assert f"Qwen/Base at {'a' * 40}" in card


def test_text_of_params_brings_no_markup_to_a_card():
    card = cards.model_card(loaded(prompt={"system": "<img src=x>"}), {"base": {"sums": FIGURES}}, 3)
    assert "<img" not in card


@pytest.mark.parametrize("licence", ["CC-BY-NC-4.0", None])
def test_rows_that_may_not_be_handed_out_are_named(licence):
    rows = released(licence=licence)
    with pytest.raises(ValueError, match=rf"3 of 3 rows may not be released: easy:s1 \({licence}\)"):
        cards.refuse_licences(rows, PARAMS["release"]["redistributable"])


def test_permitted_rows_pass():
    cards.refuse_licences(released(), ["MIT", "Apache-2.0"])


def test_the_manifest_changes_with_a_file(tmp_path):
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    first = cards.manifest([file])
    file.write_bytes(b"two")
    second = cards.manifest([file])
    assert first != second
    assert first[file.as_posix()]["bytes"] == 3
