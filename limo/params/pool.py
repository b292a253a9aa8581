"""Sections `pool` and `select`: what may enter the pool, and which rated questions go on."""

from typing import Literal

from pydantic import model_validator

from limo.params.section import Fraction, Positive, Section


class Near(Section):
    """Near-duplicates: MinHash over runs of words proposes, a second look at facts and wording decides."""

    shingle: Positive
    """Words of a run."""
    permutations: Positive
    """Hashes per question."""
    bands: Positive
    """Groups of hashes; one equal group, and equal numbers, make a candidate pair. Must divide `permutations`."""
    threshold: Fraction
    """Least share of common tokens, 2·common/(n + m), that makes duplicates; texts of few facts need more."""

    @model_validator(mode="after")
    def _divides(self) -> "Near":
        if self.permutations % self.bands:
            raise ValueError(f"bands ({self.bands}) must divide permutations ({self.permutations})")
        return self


class Decontamination(Section):
    """Overlap with benchmarks: shared runs of words propose, a second look at facts and wording decides."""

    ngram: Positive
    """Words of a run."""
    threshold: Fraction
    """Share of the shorter text's runs that makes a candidate."""
    similarity: Fraction
    """Least share of common tokens that makes a hit; texts of few facts need more."""


class Families(Section):
    """Problems of one template, as GSM-Symbolic has them: MinHash proposes, runs of words decide."""

    shingle: Positive
    """Words of a run."""
    permutations: Positive
    """Hashes per question."""
    bands: Positive
    """Groups of hashes; one equal group makes a candidate pair. Must divide `permutations`."""
    similarity: Fraction
    """Least Jaccard similarity of runs of words; numbers, names of variables and formulas do not count."""
    cap: Positive | None
    """Problems of one family that stay; null for all."""

    @model_validator(mode="after")
    def _divides(self) -> "Families":
        if self.permutations % self.bands:
            raise ValueError(f"bands ({self.bands}) must divide permutations ({self.permutations})")
        return self


class Pool(Section):
    """What may enter the pool (paper 2)."""

    max_characters: Positive
    """Characters of a question; a longer one is rejected."""
    workers: Positive
    """Threads; their number changes no byte."""
    shards: Positive
    """Parts of the pool, one in memory at a time; their number changes no byte."""
    cluster: str | None
    """Address of a Ray cluster that works on the parts, such as `auto`; null for this machine. Changes no byte."""
    source_rank: list[str]
    """All keys of `sources`: of a cluster of duplicates the row of the first source survives."""
    near: Near
    """Near-duplicates."""
    decontamination: Decontamination
    """Overlap with benchmarks."""
    languages: list[str] | None
    """ISO 639 codes that may enter, such as `[en, zh, zxx]`, the last for formulas alone; null for all."""
    answer_types: (
        list[Literal["integer", "fraction", "expression", "interval", "set", "tuple", "choice", "text"]] | None
    )
    """Types of answer that may enter; null for all."""
    families: Families
    """Problems of one template."""


class Select(Section):
    """Which rated questions go on (paper 3)."""

    rule: Literal["balance", "proportional", "all"]
    """`balance` takes equally many of every bin of subject and difficulty, as v1's strategic sampling does;
    `proportional` as many as the bin's share; `all` is v2's pass through."""
    rows: Positive
    """Questions; `all` does not look at it."""
    difficulty: Literal["level", "correct"]
    """What makes a bin beside the subject: the source's level, or the number of correct answers in `rate`."""
    max_similarity: Fraction
    """Similarity of runs of words that a question may have with one already chosen; `all` does not look at it."""
