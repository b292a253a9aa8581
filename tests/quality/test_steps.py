import pytest

from limo.quality.steps import content, steps


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Add the tens.\nThen the ones.", ["Add the tens.", "Then the ones."]),
        ("We know that:\nx = 4 holds", ["We know that:\nx = 4 holds"]),
        ("The sum grows,\nAnd so does its half.", ["The sum grows,\nAnd so does its half."]),
        ("**Counting**\nThere are nine.", ["**Counting**\nThere are nine."]),
        ("Take the half\n\n$$12 / 2 = 6$$\n\nDone it is.", ["Take the half\n$$12 / 2 = 6$$", "Done it is."]),
        ("The line is long\nand goes on here.", ["The line is long\nand goes on here."]),
        ("Write\n\\begin{align*}\na &= \\text{half of } 4 \\\\\n&= 2\n\\end{align*}\nSo two.", None),
        ("", []),
    ],
)
def test_lines_that_belong_together_are_one_step(text, expected):
    found = steps(text)
    assert found == expected if expected is not None else len(found) == 2


def test_a_formula_that_is_never_closed_ends_with_its_paragraph():
    assert len(steps("Look \\[ x\n\nFirst this.\n\nThen that.")) == 3


def test_terms_are_long_words_single_letters_and_numbers_without_commands_and_list_numbers():
    found = content("3. Therefore the **triangle** has \\frac{1}{2} of a base \\alpha, and x_1 = 1,024.50")
    assert found.terms == {"triangle", "base", "alpha", "x", "1", "2", "1024.5"}
    assert found.numbers == ("1", "2", "1", "1024.5")
