import pytest

from limo.quality.form import stored


@pytest.mark.parametrize("chain", ["<think>\n\n</think>\n\nIt is 2.", "</think>\nIt is 2.", "[THINK][/THINK]It is 2."])
def test_marks_around_no_thought_are_stripped_or_kept_as_others(chain):
    assert stored(chain, "strip") == ("It is 2.", None)
    assert stored(chain, "keep") == (chain, None)


def test_a_chain_without_marks_is_stored_as_it_is():
    assert stored(" It is < 3.\n", "strip") == (" It is < 3.\n", None)
