import polars as pl
import pytest

from limo.release import gate
from tests.chains.world import loaded
from tests.release.world import GUARDED, benchmarks, rows

TEXT = ["question", "solution", "answer"]


def options(**changes):
    release = loaded().release
    return release.model_copy(update=changes)


def test_permitted_rows_pass():
    gate.check({"limo": rows()}, benchmarks(), options())


@pytest.mark.parametrize(
    ("licence", "shown"), [("CC-BY-NC-4.0", "'CC-BY-NC-4.0'"), (None, "'unknown'"), ("", "'unknown'")]
)
def test_rows_that_may_not_be_handed_out_are_named(licence, shown):
    datasets = {"limo": rows(), "L1": rows(licence=licence)}
    with pytest.raises(ValueError, match="3 of 6 rows may not be released") as caught:
        gate.check(datasets, benchmarks(), options())
    message = str(caught.value)
    assert f"dataset L1, id p01, source easy, source_id 's1', licence {shown}" in message
    assert "dataset limo" not in message
    assert "release.redistributable" in message
    assert "release.on_restricted" in message


def test_at_most_five_rows_are_named_and_the_rest_counted():
    datasets = {name: rows(licence="CC-BY-NC-4.0") for name in ("limo", "L1", "L5")}
    with pytest.raises(ValueError, match="9 of 9 rows") as caught:
        gate.check(datasets, benchmarks(), options())
    assert str(caught.value).count("\n  dataset ") == 5
    assert "and 4 more" in str(caught.value)


def test_a_source_id_cannot_write_lines_of_its_own_into_the_refusal():
    with pytest.raises(ValueError, match="may not be released") as caught:
        gate.check({"limo": rows(licence=None, source_id="x\n  dataset forged")}, benchmarks(), options())
    assert "\n  dataset forged" not in str(caught.value)


def test_withholding_lets_restricted_rows_pass_without_their_text():
    dataset = rows()  # p01 and p03 are under MIT, p02 under Apache-2.0
    gate.check({"limo": dataset}, benchmarks(), options(redistributable=["MIT"], on_restricted="withhold"))
    released = gate.withhold(dataset, ["MIT"])
    assert released.schema == gate.WITHHELD
    assert released["withheld"].to_list() == [False, True, False]
    for column in TEXT:
        assert released[column].is_null().to_list() == [False, True, False]
    rest = [name for name in dataset.columns if name not in TEXT]
    assert released.select(rest).equals(dataset.select(rest))
    open_rows = ~released["withheld"]
    assert released.filter(open_rows).select(TEXT).equals(dataset.filter(open_rows).select(TEXT))


@pytest.mark.parametrize("licence", [None, "", " ", "mit"])
def test_only_a_listed_licence_permits(licence):
    assert gate.withhold(rows(licence=licence), ["MIT"])["withheld"].all()


@pytest.mark.parametrize("mode", ["stop", "withhold"])
def test_a_dataset_without_rows_is_refused(mode):
    with pytest.raises(ValueError, match=r"datasets\.L1 has no rows to release: run `dvc repro dataset@L1`"):
        gate.check({"limo": rows(), "L1": rows().clear()}, benchmarks(), options(on_restricted=mode))


@pytest.mark.parametrize("mode", ["stop", "withhold"])
def test_a_problem_of_a_benchmark_is_refused_whatever_its_licence(mode):
    leaked = rows().with_columns(pl.Series("id", ["p01", GUARDED[0]["id"], "p03"]))
    with pytest.raises(ValueError, match=r"datasets\.limo: row guarded1 is problem 'b1' of benchmark sums"):
        gate.check({"limo": leaked}, benchmarks(), options(on_restricted=mode))


def test_a_chain_under_a_licence_of_its_own_is_barred_for_that():
    datasets = {"limo": rows(chain_licence="hosted-terms")}
    with pytest.raises(ValueError, match="3 of 3 rows may not be released") as caught:
        gate.check(datasets, benchmarks(), options())
    assert "licence 'hosted-terms of its chain'" in str(caught.value)
    allowed = options(redistributable=["MIT", "Apache-2.0", "hosted-terms"])
    gate.check(datasets, benchmarks(), allowed)
    assert gate.withhold(rows(chain_licence="hosted-terms"), ["MIT", "Apache-2.0"])["solution"].null_count() == 3
