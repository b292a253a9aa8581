import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limo import params
from limo.base import tables
from limo.graph import schemas
from limo.problems.canonical import problem_id
from limo.sources import rows as sources


def record(**changes):
    return {
        "source_id": "a",
        "question": "What is 2 + 3?",
        "answer": "5",
        "solutions": [{"style": "official", "text": "It is \\boxed{5}."}],
        "domain": "arithmetic",
        "level": 1,
        "source_revision": "r",
        "licence": "MIT",
        **changes,
    }


def rows(monkeypatch, *records, max_characters=200):
    monkeypatch.setitem(sources.SOURCES, "champ", lambda _: iter(records))
    table = sources.rows("here", params.ChampSource(kind="champ", limit=1), max_characters)
    assert table.schema == schemas.SOURCE
    assert table.height == len(records)
    return table


def test_a_good_row_keeps_its_text_and_history(monkeypatch):
    row = rows(monkeypatch, record()).row(0, named=True)
    assert row == {
        **record(),
        "id": problem_id("What is 2 + 3?"),
        "source": "here",
        "rejected": None,
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"question": ""}, "empty question"),
        ({"question": " \n\t"}, "empty question"),
        ({"question": None}, "empty question"),
        ({"question": math.nan}, "not text: question"),
        ({"question": 7}, "not text: question"),
        ({"question": ["What?"]}, "not text: question"),
        ({"question": "x" * 201}, "question longer than 200 characters"),
        ({"question": "x" * 1_000_000}, "question longer than 200 characters"),
        ({"question": "What \ud800?"}, "invalid UTF-8: question"),
        ({"question": b"What \xff?"}, "invalid UTF-8: question"),
        ({"question": "What \x00?"}, "invalid UTF-8: question"),
        ({"answer": None}, "no answer"),
        ({"answer": "  "}, "no answer"),
        ({"answer": "N.A."}, "no answer: N.A."),
        ({"domain": {"x": 1}}, "not text: domain"),
        ({"domain": ["algebra", None]}, "not text: domain"),
        ({"answer": []}, "no answer"),
        ({"answer": math.nan}, "not text: answer"),
        ({"answer": Decimal("sNaN")}, "not text: answer"),
        ({"answer": math.inf}, "not text: answer"),
        ({"answer": True}, "not text: answer"),
        ({"answer": {"x": 1}}, "not text: answer"),
        ({"answer": ["1", None]}, "not text: answer"),
        ({"answer": "5\udfff"}, "invalid UTF-8: answer"),
        ({"solutions": [{"style": "official", "text": math.nan}]}, "not text: solution"),
        ({"solutions": [{"style": "official", "text": "\ud800"}]}, "invalid UTF-8: solution"),
        ({"rejected": "malformed JSON line: f line 3"}, "malformed JSON line: f line 3"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason_and_its_neighbour_kept(monkeypatch, tmp_path, changes, reason):
    table = rows(monkeypatch, record(**changes), record(source_id="b"))
    assert table["rejected"].to_list() == [reason, None]
    tables.write(table, tmp_path / "out.parquet", schemas.SOURCE, ["source", "source_id"])
    assert tables.read(tmp_path / "out.parquet", schemas.SOURCE).equals(table)


def test_what_cannot_be_stored_is_replaced_and_the_rest_kept(monkeypatch):
    row = rows(monkeypatch, record(question=b"caf\xc3\xa9 \xff", source_id="i\ud800d")).row(0, named=True)
    assert (row["question"], row["source_id"]) == ("café \ufffd", "i\ufffdd")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (42, "42"),
        (-7, "-7"),
        (0.5, "0.5"),
        (Decimal("1.50"), "1.50"),
        (b"x", "x"),
        ([3, "4"], "3, 4"),
        (["1/2", "0.5"], "1/2"),
        (10**400, str(10**400)),
    ],
)
def test_answers_that_are_numbers_or_lists_become_text(monkeypatch, answer, text):
    row = rows(monkeypatch, record(answer=answer)).row(0, named=True)
    assert (row["answer"], row["rejected"]) == (text, None)


@pytest.mark.parametrize(
    ("level", "stored"),
    [
        (3, 3),
        (4.5, 5),
        (4.4, 4),
        (Decimal("2.5"), 3),
        ("Level 3.5 of 9", 4),
        ("Level 5", 5),
        ("Level ?", None),
        ("-1", -1),
        ("Level-3", 3),
        ("3/8", None),
        ("12 / 16", None),
        (None, None),
        (math.nan, None),
        (10**400, None),
        (True, None),
        ([1], None),
    ],
)
def test_levels_are_read_leniently(monkeypatch, level, stored):
    row = rows(monkeypatch, record(level=level)).row(0, named=True)
    assert (row["level"], row["rejected"]) == (stored, None)


def test_a_repeated_source_id_keeps_the_first_and_never_takes_an_id_in_use(monkeypatch):
    ids = ["A", "A#2", "A", "B", "A", "A#2"]
    table = rows(monkeypatch, *(record(source_id=i) for i in ids))
    assert table["source_id"].to_list() == ["A", "A#2", "A#3", "B", "A#4", "A#2#2"]
    duplicate = "duplicate source id: "
    assert table["rejected"].to_list() == [None, None, f"{duplicate}A", None, f"{duplicate}A", f"{duplicate}A#2"]


def test_a_source_without_rows_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="source here has no rows"):
        rows(monkeypatch)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.binary(max_size=20)
    | st.text(st.characters(exclude_categories=()), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(dict.fromkeys(("question", "answer", "domain", "level", "text"), anything)),
        min_size=1,
        max_size=5,
    )
)
def test_no_value_of_any_type_is_lost_or_makes_the_source_fail(values):
    records = [
        record(**{k: v for k, v in value.items() if k != "text"}, solutions=[{"style": "s", "text": value["text"]}])
        for value in values
    ]
    with pytest.MonkeyPatch.context() as patch:
        table = rows(patch, *records, max_characters=10)
    assert table.select("source", "source_id").is_unique().all()
    for row in tables.kept(table).iter_rows(named=True):
        assert 0 < len(row["question"]) <= 10
        assert row["answer"]
    table.write_parquet("/dev/null")
