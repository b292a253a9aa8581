import pytest

from limo import params
from limo.report import published
from tests.chains import world


def figures(value, low, high):
    return {"pass_at_1": value, "low": low, "high": high}


OURS = params.Protocol(draws=4, temperature=0.6, top_p=1.0, max_tokens=64, system=None)


def measured(**changes):
    """Our protocol of the world's benchmark `sums`, renamed to one that others report."""
    p = world.loaded()
    asked = {"protocols": {"ours": OURS}, "benchmarks": {"aime24": ["ours"]}, "published": {"limo": ["limo_v3"]}}
    evaluate = p.evaluate.model_copy(update={**asked, **changes})
    return p.model_copy(update={"evaluate": evaluate})


def test_every_entry_has_a_protocol_a_reference_and_shares():
    for entry in published.published():
        assert set(entry["protocol"]) == {"draws", "temperature", "top_p", "max_tokens", "system"}
        assert entry["reference"]
        assert entry["by"]
        assert all(0 < value < 100 for value in entry["values"].values())
        assert set(entry.get("spread", {})) <= set(entry["values"])


def test_no_source_reports_a_model_and_benchmark_twice():
    keys = [(e["model"], e["by"], benchmark) for e in published.published() for benchmark in e["values"]]
    assert len(set(keys)) == len(keys)


def test_ours_stands_beside_what_is_published_of_the_same_benchmark():
    (row,) = published.beside(measured(), {"limo": {"aime24": figures(0.5, 0.3, 0.6)}})
    assert (row["candidate"], row["benchmark"], row["model"], row["by"]) == ("limo", "aime24", "limo_v3", "LIMO, v3")
    assert (row["value"], row["ours"], row["apart"]) == (pytest.approx(0.633), 0.5, True)
    assert row["differs"] == ["top_p not stated", "max_tokens 32768", "system not stated"]


def test_only_differing_fields_of_a_protocol_are_named():
    ours = {"draws": 10, "temperature": 0.8, "top_p": 0.9, "max_tokens": 100, "system": True}
    assert published.differing(ours, ours) == []
    theirs = {**ours, "draws": 4, "system": False}
    assert published.differing(ours, theirs) == ["draws 4", "system without"]
    greedy = {**ours, "temperature": 0.0}
    assert published.differing(greedy, {**greedy, "top_p": None}) == []


def test_a_benchmark_that_nobody_reports_has_no_row():
    assert published.beside(measured(benchmarks={"sums": ["ours"]}), {"limo": {"sums": figures(0.5, 0.3, 0.6)}}) == []


def test_of_several_protocols_the_nearest_one_stands_beside_what_is_published():
    p = measured(
        protocols={"v3": OURS, "v1": OURS.model_copy(update={"draws": 16, "temperature": 0.7, "max_tokens": 32768})},
        benchmarks={"aime24": ["v3", "v1"]},
        published={"limo": ["limo_v1"]},
    )
    ours = {"limo": {"aime24": figures(0.5, 0.3, 0.6), "aime24/v1": figures(0.55, 0.5, 0.6)}}
    row = next(row for row in published.beside(p, ours) if row["by"] == "LIMO, v1")
    assert (row["benchmark"], row["ours"], row["value"]) == ("aime24/v1", 0.55, pytest.approx(0.571))
    assert row["differs"] == ["top_p not stated", "system not stated"]


def test_a_model_without_results_is_refused_with_those_that_have_some():
    with pytest.raises(ValueError, match=r"names \['limo_v9'\]; results are known of \['limo_v1'"):
        published.beside(measured(published={"limo": ["limo_v9"]}), {})


@pytest.mark.parametrize("profile", ["limo_v1", "limo_v2"])
def test_the_profiles_of_the_paper_name_known_models(profile, pytestconfig):
    p = params.load(pytestconfig.rootpath / f"profiles/{profile}.yaml")
    measured = {name: dict.fromkeys(p.evaluate.benchmarks, figures(0.5, 0.4, 0.6)) for name in p.candidates}
    rows = published.beside(p, measured)
    assert {row["benchmark"] for row in rows} == set(p.evaluate.benchmarks)
