"""Sections `question_sets` and `round_datasets`: questions beside the selected ones, datasets before the last round."""

from collections.abc import Mapping, Sequence

from limo.params.datasets import Dataset, HeldOutDataset
from limo.params.draws import Teacher
from limo.params.section import Count, Name, Positive, Section
from limo.params.train import Variant


class QuestionSet(Section):
    """Problems of the pool, drawn by hash, whether `select` chose them or not."""

    levels: list[int] | None
    """Difficulty levels of the sources that may come in; null for all."""
    sources: list[Name] | None
    """Keys of `sources` that may come in; null for all."""
    rows: Positive
    """Problems at most."""


class RoundDataset(Section):
    """A dataset that is made of the chains of one round alone."""

    round: Count
    """The round, of `rounds`."""
    dataset: Dataset
    """What it holds, and where it lies: `path` is in data/rounds."""


def check_rounds(
    rounds: Sequence[int], teachers: Mapping[str, Teacher], specs: Mapping[str, RoundDataset], taken: set[str]
) -> None:
    """Refuse rounds with a gap or without a teacher, and round datasets of no round, elsewhere or with a taken name.

    Raises:
        ValueError: the key and the remedy are named.
    """
    if list(rounds) != list(range(max(1, len(rounds)))):
        raise ValueError(f"rounds = {rounds} is not 0, 1 and so on, without a gap")
    if idle := sorted(set(rounds) - {0, *(teacher.round for teacher in teachers.values())}):
        raise ValueError(f"rounds names {idle[0]}, in which no teacher writes: take it out, or give it a teacher")
    for name, spec in specs.items():
        if spec.round not in rounds:
            raise ValueError(f"round_datasets.{name}.round = {spec.round} is not one of {rounds}")
        if not spec.dataset.path.startswith("data/rounds/"):
            raise ValueError(f"round_datasets.{name}.dataset.path = {spec.dataset.path!r} is not in data/rounds")
        if name in taken:
            raise ValueError(f"round_datasets.{name}: the name is taken by a dataset of `datasets`")


def check_teachers(
    teachers: Mapping[str, Teacher], trained: Mapping[str, Variant], specs: Mapping[str, RoundDataset], whole: set[str]
) -> None:
    """Refuse a trained teacher that its own chains are trained on, since it would wait for itself.

    Args:
        teachers, specs: sections `teachers` and `round_datasets`.
        trained: variants by the folder of the model.
        whole: the paths of the datasets that are made of all rounds.

    Raises:
        ValueError: both keys and the datasets that would do are named.
    """
    early = {spec.dataset.path: spec.round for spec in specs.values()}
    for name, teacher in teachers.items():
        if teacher.path not in trained:
            continue
        variant = trained[teacher.path]
        for key, path in (("data", variant.data), ("validation", variant.validation)):
            if path not in whole and early.get(path, -1) < teacher.round:
                continue
            made = "all rounds" if path in whole else f"round {early[path]}"
            apart = {spec.dataset.path for spec in specs.values() if isinstance(spec.dataset, HeldOutDataset)}
            wanted = apart if key == "validation" else early.keys() - apart
            fit = sorted(other for other in wanted if early[other] < teacher.round)
            raise ValueError(
                f"teachers.{name} writes in round {teacher.round}, and variants.{teacher.name}.{key} = {path!r} is "
                f"made of {made}: it would wait for itself. Name one of an earlier round, of which round_datasets has "
                f"{fit}"
            )
