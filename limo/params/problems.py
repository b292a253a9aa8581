from typing import Literal

from pydantic import model_validator

from limo.params.section import Fraction, Positive, Section


class Near(Section):
    """Near-duplicate search: MinHash over word shingles proposes, a second look at facts and wording decides.

    `threshold` is the least share of common tokens, 2·common/(n + m).
    """

    shingle: Positive
    permutations: Positive
    bands: Positive
    threshold: Fraction

    @model_validator(mode="after")
    def _divides(self) -> "Near":
        if self.permutations % self.bands:
            raise ValueError(f"bands ({self.bands}) must divide permutations ({self.permutations})")
        return self


class Decontamination(Section):
    """Benchmark overlap: shared word n-grams propose, a second look at facts and wording decides.

    `threshold` is the least share of n-grams of the shorter text, `similarity` that of common tokens; n-grams in more
    than `max_document_frequency` of the texts do not count.
    """

    ngram: Positive
    threshold: Fraction
    similarity: Fraction
    max_document_frequency: Fraction


class Families(Section):
    """Families of one template: MinHash proposes, the similarity of runs of words decides; `cap` may be null."""

    shingle: Positive
    permutations: Positive
    bands: Positive
    similarity: Fraction
    cap: Positive | None

    @model_validator(mode="after")
    def _divides(self) -> "Families":
        if self.permutations % self.bands:
            raise ValueError(f"bands ({self.bands}) must divide permutations ({self.permutations})")
        return self


class Pool(Section):
    """What may enter the pool (paper 2, design).

    `workers` (threads), `shards` (parts, one in memory at a time) and `cluster` (the address of a Ray cluster, or null)
    change no byte. `languages` and `answer_types` are null where every one may enter.
    """

    max_characters: Positive
    workers: Positive
    shards: Positive
    cluster: str | None
    source_rank: list[str]
    near: Near
    decontamination: Decontamination
    languages: list[str] | None
    answer_types: (
        list[Literal["integer", "fraction", "expression", "interval", "set", "tuple", "choice", "text"]] | None
    )
    families: Families


class Select(Section):
    """Which rated questions go on (paper 3): `all` is v2's pass through, the others are v1's strategic sampling.

    `balance` takes equally many of every bin, `proportional` as many as the bin's share. A bin is a subject with a
    difficulty: the source's level, or the number of correct answers in `rate`.
    """

    rule: Literal["balance", "proportional", "all"]
    rows: Positive
    difficulty: Literal["level", "correct"]
    max_similarity: Fraction
