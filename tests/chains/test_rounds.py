import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from limo.chains.rounds import joined, merged

IDS = st.sets(st.text("abc", min_size=1, max_size=3), min_size=0, max_size=12)


def of_round(number, ids):
    return pl.DataFrame(
        {"chain_id": sorted(ids), "round": [number] * len(ids)}, schema={"chain_id": pl.String, "round": pl.Int64}
    )


@given(st.lists(IDS, min_size=1, max_size=4), st.integers(1, 5))
def test_tables_merged_in_parts_are_the_joined_ones(rounds, size):
    tables = [of_round(number, ids) for number, ids in enumerate(rounds)]
    in_parts = [[part for part in table.iter_slices(size) if part.height] for table in tables]
    found = pl.concat([tables[0].clear(), *merged(in_parts)])
    assert found.equals(joined(tables))
