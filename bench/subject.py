"""Fit the subject classifier of limo/problems/subject.py, and measure it.

Usage: python bench/subject.py FIT.jsonl.zst [--write] [--test FILE.jsonl.zst ...]

Rows have `problem` and `subject`. FIT is MATH's train split; --write replaces limo/problems/subject.json. The last line
is JSON: the accuracy on every test file, and how the classes fare.
"""

import json
from collections import Counter
from pathlib import Path

import click
import numpy as np
import torch
from problems import rows_of

from limo import params
from limo.problems import subject
from limo.problems.arrays import Ragged
from limo.problems.distinct import distinct

Texts = tuple[Ragged, list[str]]  # tokens and their vocabulary
WORDS, SEEN, SCALE = 1500, 5, 100  # features kept, problems that a feature needs, steps of a weight


def read(path: Path) -> tuple[Texts, list[str]]:
    """Problems and their subjects."""
    rows = [row for row in rows_of(path) if row.get("subject")]
    ids, problems = distinct([row["problem"] for row in rows], params.load("params.yaml").pool.near, 2, "problems")
    place = {identity: number for number, identity in enumerate(problems.ids)}
    whole = problems.whole.take(np.array([place[identity] for identity in ids], dtype=np.int64))
    return (whole, problems.vocabulary), [subject.spelled(row["subject"]) for row in rows]


def fit(texts: Texts, labels: list[str]) -> dict[str, object]:
    """Integer weights of the words that say most."""
    rows, vocabulary = texts
    lists = [{subject.feature(vocabulary[code]) for code in rows.row(place)} for place in range(len(labels))]
    seen = Counter(word for tokens in lists for word in tokens)
    words = sorted(word for word, count in seen.items() if count >= SEEN)
    for _ in range(2):  # once to choose the words, once with these alone
        weights, bias = _regression(words, lists, labels)
        strength = dict(zip(words, weights.max(axis=1) - weights.min(axis=1), strict=True))
        chosen = sorted(sorted(words, key=lambda word: -strength[word])[:WORDS])
        if chosen == words:
            break
        words = chosen
    whole = np.rint(weights * SCALE).astype(int).tolist()
    return {
        "subjects": subject.SUBJECTS,
        "bias": np.rint(bias * SCALE).astype(int).tolist(),
        "words": dict(zip(words, whole, strict=True)),
    }


def _regression(words: list[str], lists: list[set[str]], labels: list[str]) -> tuple[np.ndarray, np.ndarray]:
    torch.manual_seed(0)
    at = {word: place for place, word in enumerate(words)}
    features = torch.zeros(len(lists), len(words))
    for row, tokens in enumerate(lists):
        features[row, [at[word] for word in tokens if word in at]] = 1
    target = torch.tensor([subject.SUBJECTS.index(label) for label in labels])
    model = torch.nn.Linear(len(words), len(subject.SUBJECTS))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(200):
        loss = torch.nn.functional.cross_entropy(model(features), target) + 3e-4 * (model.weight**2).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model.weight.detach().numpy().T, model.bias.detach().numpy()


def accuracy(path: Path) -> dict[str, object]:
    """Share of rows whose subject is found, over all and by subject."""
    texts, labels = read(path)
    pairs = list(zip(labels, subject.classify(*texts), strict=True))
    totals, right = Counter(labels), Counter(label for label, predicted in pairs if label == predicted)
    shares = {label: round(right[label] / totals[label], 3) for label in sorted(totals)}
    return {"rows": len(pairs), "accuracy": round(right.total() / len(pairs), 4), **shares}


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--test", multiple=True, type=click.Path(exists=True, path_type=Path))
@click.option("--write", is_flag=True)
def main(source: Path, test: tuple[Path, ...], write: bool) -> None:
    if write:
        saved = json.dumps(fit(*read(source)), ensure_ascii=False)
        subject.WEIGHTS.write_text(saved.replace("], ", "],\n") + "\n", encoding="utf-8")
    click.echo(json.dumps({path.name.split(".")[0]: accuracy(path) for path in (source, *test)}))


if __name__ == "__main__":
    main()
