"""Questions of one benchmark → which belong together, since one answer tells of the other; used by benchmarks."""

from itertools import pairwise

from limo.params import Near
from limo.problems.clusters import clusters
from limo.problems.distinct import distinct

STEM = 60  # characters of a shared opening, from which on two questions have one stem
SHARE = 0.5  # of the shorter question that a shared opening must be
# As the profiles deduplicate the pool; a benchmark has hundreds of rows, so every pair with the same numbers is met.
_NEAR = Near(shingle=2, permutations=64, bands=32, threshold=0.5)


def related(questions: list[str], title: str) -> list[int]:
    """For every question the place of the first one that belongs with it: its own where none does.

    Two belong together that are the same problem (`problems.clusters`), or that share a stem: an opening of at least 60
    characters and half of the shorter one, as the parts of one exercise have. What more than half of all questions open
    with is no stem but the words that the benchmark asks in, and left out.
    """
    first = list(range(len(questions)))

    def root(place: int) -> int:
        while first[place] != place:
            place = first[place]
        return place

    for one, other in [*_same(questions, title), *_stems(questions)]:
        earlier, later = sorted((root(one), root(other)))
        first[later] = earlier
    return [root(place) for place in first]


def _same(questions: list[str], title: str) -> list[tuple[int, int]]:
    names, problems = distinct(questions, _NEAR, 1, title)
    roots = dict(zip(problems.ids, clusters(problems, _NEAR).tolist(), strict=True))
    met: dict[int, int] = {}
    return [(met.setdefault(roots[name], place), place) for place, name in enumerate(names)]


def _stems(questions: list[str]) -> list[tuple[int, int]]:
    """Pairs with a shared stem. In sorted order the longest shared openings are those of neighbours."""
    texts = _unframed([" ".join(question.split()) for question in questions])
    order = sorted(range(len(texts)), key=lambda place: (texts[place], place))
    pairs = []
    for one, other in pairwise(order):
        opening = _opening(texts[one], texts[other])
        if opening >= max(STEM, SHARE * min(len(texts[one]), len(texts[other]))):
            pairs.append((one, other))
    return pairs


def _unframed(texts: list[str]) -> list[str]:
    """The texts without the longest opening that more than half of them have."""
    ordered, half = sorted(texts), len(texts) // 2
    spans = [(_opening(one, other), one) for one, other in zip(ordered, ordered[half:], strict=False)]
    length, text = max(spans, default=(0, ""))
    return [each.removeprefix(text[:length]) for each in texts]


def _opening(one: str, other: str) -> int:
    """How many characters two texts have in common from their start."""
    shorter = min(len(one), len(other))
    return next((place for place in range(shorter) if one[place] != other[place]), shorter)
