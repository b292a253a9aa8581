from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limo.params import Decontamination
from limo.problems.dedup import shingles
from limo.problems.facts import facts
from limo.problems.text import canonical, problem_id, words

RARE = 10  # documents; in a small pool no n-gram is common before it is in more than these


@dataclass(frozen=True)
class Hit:
    """A benchmark problem found in a question: the rule that found it, the benchmark row, and the overlap (0..1)."""

    rule: str
    match: str
    score: float


@dataclass(frozen=True)
class _Guarded:
    match: str
    facts: tuple[str, ...]
    grams: frozenset[tuple[str, ...]]


def find(questions: Sequence[str], benchmarks: Sequence[Mapping[str, Any]], p: Decontamination) -> list[Hit | None]:
    """For every question, the benchmark problem it holds, or None.

    `exact`: equal canonical text. `near`: at least `threshold` of the benchmark question's word n-grams lie in the
    question, and its numbers, operators and asked quantities do too, in a row; the second condition tells the same
    problem reworded or embedded from the same template with other numbers. N-grams in more than
    `max_document_frequency` of all documents are common phrases and count only where a question has no others.

    Args:
        questions: pool questions.
        benchmarks: rows with `benchmark`, `source_id`, `question`.
        p: n-gram length in words, threshold and document frequency limit.
    """
    tokens = [words(canonical(question)) for question in questions]
    guarded_tokens = [words(canonical(row["question"])) for row in benchmarks]
    frequency = Counter(gram for found in [*tokens, *guarded_tokens] for gram in shingles(found, p.ngram))
    common = max(RARE, p.max_document_frequency * (len(tokens) + len(guarded_tokens)))
    exact: dict[str, str] = {}
    holders: dict[tuple[str, ...], list[_Guarded]] = {}
    for row, found in zip(benchmarks, guarded_tokens, strict=True):
        match = f"{row['benchmark']}:{row['source_id']}"
        exact.setdefault(problem_id(row["question"]), match)
        grams = shingles(found, p.ngram)
        telling = frozenset(gram for gram in grams if frequency[gram] <= common) or grams
        entry = _Guarded(match, facts(found), telling)
        for gram in telling:
            holders.setdefault(gram, []).append(entry)
    return [
        Hit("exact", exact[identity], 1.0)
        if (identity := problem_id(question)) in exact
        else max(_near(found, holders, p), key=lambda hit: (hit.score, hit.match), default=None)
        for question, found in zip(questions, tokens, strict=True)
    ]


def _near(tokens: list[str], holders: Mapping[tuple[str, ...], list[_Guarded]], p: Decontamination) -> Iterator[Hit]:
    # A benchmark question shorter than the n-gram is one gram of its own length: look for runs of every such length.
    sizes = {len(gram) for gram in holders} if len(tokens) >= 1 else set()
    grams = {gram for size in sizes for gram in shingles(tokens, size)}
    shared = Counter(entry for gram in grams for entry in holders.get(gram, []))
    own = facts(tokens)
    for entry, count in shared.items():
        score = count / len(entry.grams)
        if score >= p.threshold and _inside(entry.facts, own):
            yield Hit("near", entry.match, round(score, 6))


def _inside(inner: tuple[str, ...], outer: tuple[str, ...]) -> bool:
    return any(outer[i : i + len(inner)] == inner for i in range(len(outer) - len(inner) + 1))
