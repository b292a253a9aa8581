import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from limo.release.markdown import commands, escaped, front_matter

HOSTILE = [
    "<script>alert(1)</script>",
    "a | b | c",
    "`rm -rf`",
    "[x](https://example.org)",
    "![x](y)",
    "**bold** _it_ ~~gone~~",
    "\\| \\`",
    "line\nbreak\r\n| new | row |",
    "&lt;b&gt;",
    "$x$",
]


def shown(text):
    """The cells of a table's row around an escaped text, as readers see them, and the kinds of markup in it."""
    table = f"| a | b |\n|---|---|\n| {escaped(text)} | end |\n"
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(table)
    cells = [tokens[at + 1].children for at, token in enumerate(tokens) if token.type == "td_open"]
    kinds = {child.type for cell in cells for child in cell}
    return ["".join(child.content for child in cell) for cell in cells], kinds


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_others_is_shown_and_brings_no_markup(text):
    cells, kinds = shown(text)
    assert cells == [" ".join(text.replace("\r", " ").replace("\n", " ").split(" ")), "end"]
    assert kinds <= {"text", "text_special"}


@given(st.text(alphabet="<>&|`*_[]()!\\~$#:-\n\r\tab1 \u2028\u202e", max_size=30))
def test_any_text_stays_in_its_cell(text):
    cells, kinds = shown(f"x{text}x")  # a cell loses spaces around its text
    assert cells == ["".join(c if c.isprintable() else " " for c in f"x{text}x"), "end"]
    assert kinds <= {"text", "text_special"}


@pytest.mark.parametrize("text", ["see https://example.org now", "www.example.org"])
def test_an_address_is_no_link(text):
    assert text not in escaped(text)


@given(st.text(max_size=40), st.text(alphabet="-\n\r\u2028 a:", max_size=40))
@example("---", "a\n---\nb")
def test_front_matter_holds_the_values_whatever_they_are(one, two):
    matter = front_matter({"license_name": one, "tags": [two]})
    assert matter.startswith("---\n")
    assert matter.endswith("\n---\n")
    inner = matter.removeprefix("---\n").removesuffix("---\n")
    assert "---" not in [line.strip() for line in inner.splitlines()]
    assert yaml.safe_load(inner) == {"license_name": one, "tags": [two]}


def test_a_command_cannot_leave_its_block():
    with pytest.raises(ValueError, match="printable"):
        commands("dvc pull 'x\n```\n<script>'")
