"""Blocks of a page that is played from top to bottom in a world of its own test."""

import doctest
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.test_docs import ROOT

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the prose since the block before it."""

    kind: str
    text: str
    before: str

    @property
    def path(self) -> str | None:
        """The file that the block is to be written to: the prose before it ends in "Write `PATH`:"."""
        named = re.search(r"Write `([^`]+)`:\s*$", self.before)
        return named[1] if named else None


def blocks(page: str) -> Iterator[Block]:
    """The blocks of docs/PAGE in their order."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    end = 0
    for match in FENCE.finditer(text):
        yield Block(match[1], match[2], text[end : match.start()])
        end = match.end()


def bash(command: str, folder: Path, env: Mapping[str, str] = os.environ) -> str:
    """What a reader's shell prints for a command, which must succeed."""
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def doctests_fail(text: str, page: str) -> int:
    """How many examples of a text print something else than it shows; blanks and empty lines are as good as others."""
    shown = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    return doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(shown).failed
