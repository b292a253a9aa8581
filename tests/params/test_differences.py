"""A profile as its difference from another."""

from pathlib import Path

import pytest
import yaml

from limo.params.compose import compose

ROOT = Path(__file__).parents[2]
DIFFERENCES = sorted((ROOT / "profiles/differences").glob("*.yaml"))
BASE = """# The base.

a: 1   # why one

# --- models ---
# why these
b:
  c: 2
  # why three
  d: 3
  e: {f: 4}
g: [5]
"""


def composed(difference: str) -> str:
    header, _, rest = compose(BASE, f"# Another.\n\nbase: whole\n{difference}", "other").partition("# Another.\n\n")
    assert (
        header
        == "# Written by `make profiles` from whole.yaml and differences/other.yaml: change those, not this file.\n"
    )
    return rest


@pytest.mark.parametrize("file", DIFFERENCES, ids=lambda file: file.stem)
def test_a_profile_is_its_base_with_the_difference(file):
    difference = file.read_text(encoding="utf-8")
    base = ROOT / f"profiles/{yaml.load(difference, yaml.BaseLoader)['base']}.yaml"
    written = (ROOT / "profiles" / file.name).read_text(encoding="utf-8")
    whole = compose(base.read_text(encoding="utf-8"), difference, file.stem)
    assert written == whole, f"profiles/{file.name} is not current: run `make profiles`"
    assert difference.count("\n") < 0.4 * whole.count("\n"), "it no longer reads as a difference"


def test_without_a_change_the_base_stays_to_the_byte():
    assert composed("") == BASE.removeprefix("# The base.\n\n")


def test_a_change_takes_the_place_of_the_value_and_its_comment_of_the_comment():
    assert "a: 9\n" in composed("a: 9\n")
    assert "  # why three\n  d: 9\n" in composed("b:\n  d: 9\n")
    assert "  c: 2\n  d: 9   # why nine\n" in composed("b:\n  d: 9   # why nine\n")
    assert "  c: 2\n  # why nine\n  d: 9\n" in composed("b:\n  # why nine\n  d: 9\n")
    assert "\n# --- models ---\nb:   # others\n  c: 7\n" in composed("b:   # others\n  c: 7\n")


def test_a_new_key_comes_last_and_one_that_is_taken_away_leaves_no_comment():
    assert "  e: {f: 4}\n  new: 6\ng: [5]\n" in composed("b:\n  new: 6\n")
    assert "  c: 2\n  e: {f: 4}\n" in composed("b:\n  d: !without\n")
    assert yaml.safe_load(composed("b: {c: 1}\ng: !without\n")) == {"a": 1, "b": {"c": 1}}
