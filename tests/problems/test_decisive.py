import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.problems.canonical import canonical
from limo.problems.decisive import facts
from limo.problems.tokens import words


def values(text: str) -> list[str]:
    return [fact.value for fact in facts(words(canonical(text))) if not fact.article]


@given(st.text(alphabet=string.ascii_letters + " ,.", min_size=1), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_changed_number_changes_the_facts(prose: str, left: int, right: int) -> None:
    one, two = (values(f"{prose} has {number} left?") for number in (left, right))
    assert (one == two) == (left == right)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Find the least even n.", "What is the smallest even n?", True),
        ("Find the least even n.", "Find the greatest even n.", False),
        ("Tom has 3 apples.", "Mia has three apples.", True),
        ("Points per game for a well-known (small) team", "Points per game for a well known small team", True),
        ("Find 5 - 3.", "Find 3 - 5.", False),
        (r"Is $xy=kb$?", "Is x y = k b?", True),
        (r"Evaluate $\frac{3}{4}$.", "Evaluate 4/3.", False),
        ("The 1,000.50 dollars", "The 1000.5 dollars", True),
        ("Arrange the letters of BEEKEEPER.", "Arrange the letters of BEEPEEKER.", False),
        ("What is the second smallest prime?", "What is the smallest prime?", False),
        ("Find a number x.", "Find one number x.", True),
    ],
)
def test_facts_tell_rewording_from_another_problem(left: str, right: str, same: bool) -> None:
    assert (values(left) == values(right)) == same
