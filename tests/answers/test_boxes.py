import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limo.answers.boxes import Box, boxes, last_boxed


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        (r"\boxed{1}, no: \boxed{\frac{1}{2}}.", ["1", r"\frac{1}{2}"]),
        (r"\boxed{\{1, 2\}}", [r"\{1, 2\}"]),  # braces of a set are no braces of the box
        (r"\boxed{\left\{x\right.}", [r"\left\{x\right."]),
        (r"\boxed{[0, 1\}}", [r"[0, 1\}"]),
        (r"\{ \boxed{5} \}", ["5"]),
        (r"\boxed{a_{b_{c}}} and {x}", ["a_{b_{c}}"]),
        (r"first \boxed{3}, then \boxed{4", ["3"]),
        (r"\boxed{4", []),
        (r"\boxed{\{4}", [r"\{4"]),
        (r"\boxed{4\}", []),
        (r"\boxed{a \boxed{b}}", [r"a \boxed{b}"]),
        (r"\boxed{\boxed{b}}", ["b"]),
        (r"\boxed{ \fbox{ \boxed{b} } }", ["b"]),
        (r"\boxed{a \boxed{b}", ["b"]),
        (r"} \boxed {5} {", ["5"]),
        (r"\boxed{ 5 }", ["5"]),
        (r"\boxed{} \boxed{ } \boxed{...} \boxed{\dots} \boxed{\ldots} \boxed{?}", []),
        (r"\boxed 5 or \fbox{6}", ["5", "6"]),
        (r"\boxed -1,234.5. Then", ["-1,234.5"]),
        (r"\boxed\pi, \fbox x", [r"\pi", "x"]),
        (r"\boxed (5)", []),
        (r"\boxedx{5} boxed{5} \\boxed{5}", []),
        ("", []),
    ],
)
def test_boxes_are_read_with_their_braces(text: str, contents: list[str]) -> None:
    assert [box.content for box in boxes(text)] == contents
    assert last_boxed(text) == (contents[-1] if contents else None)


def test_a_box_says_where_it_stands() -> None:
    text = r"So \boxed{ 5 } or \boxed 6."
    assert boxes(text) == [Box(3, 14, "5"), Box(18, 27, "6")]
    assert [text[box.start : box.end] for box in boxes(text)] == [r"\boxed{ 5 }", r"\boxed 6."]


@settings(deadline=None)
@given(st.text("\\boxed{} 1"), st.text("abc123 ", min_size=1).filter(str.strip))
def test_a_final_box_is_found_after_any_text(before: str, inside: str) -> None:
    content = last_boxed(before.rstrip("\\") + f" \\boxed{{{inside}}}")
    assert content is not None
    assert content.endswith((inside.strip(), f"\\boxed{{{inside}}}"))


def test_a_megabyte_of_braces_is_no_box() -> None:
    assert last_boxed("\\boxed{" * 150_000) is None
    assert last_boxed("\\boxed{" * 150_000 + "1" + "}" * 150_000) == "1"
