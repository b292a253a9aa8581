from limo import params
from limo.sources import rows
from limo.sources.local import last_boxed


def champ(limit):
    return rows.rows("champ", params.ChampSource(kind="champ", limit=limit), 2000)


def test_all_270_problems_have_answer_and_solution():
    table = champ(1000)
    assert table.height == 270
    assert table["rejected"].null_count() == 270
    assert set(table["domain"]) == {"Number-Theory", "Inequality", "Polynomial", "Sequence", "Combinatorics"}
    assert table["source_revision"].unique().to_list() == ["champ-dataset==1.0.0"]
    for row in table.iter_rows(named=True):
        (solution,) = row["solutions"]
        assert last_boxed(solution["text"]) == row["answer"]
        assert "@@" not in row["question"] + solution["text"]


def test_limit_takes_a_nested_mixed_sample():
    few, more = champ(20), champ(40)
    assert few.equals(more.head(20))
    assert few["domain"].n_unique() >= 3
