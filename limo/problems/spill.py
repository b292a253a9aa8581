"""Distinct problems ↔ a file of plain arrays; used by shards, between the pool's steps."""

import json
from pathlib import Path

import numpy as np

from limo.problems.arrays import Ragged, hashes_of
from limo.problems.distinct import Problems


def save(problems: Problems, path: Path) -> None:
    """Write problems to a file of plain arrays (.npz, without pickle)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    used = np.unique(np.concatenate([problems.tokens.values, problems.whole.values]))
    table = np.zeros(len(problems.vocabulary), dtype=np.uint32)
    table[used] = np.arange(len(used), dtype=np.uint32)
    np.savez(
        path,
        ids=np.array(problems.ids, dtype="S64"),
        # A token holds no white space.
        vocabulary=_bytes("\n".join(problems.vocabulary[code] for code in used)),
        tokens=table[problems.tokens.values],
        tokens_at=problems.tokens.offsets,
        whole=table[problems.whole.values],
        whole_at=problems.whole.offsets,
        forms=problems.forms,
        figures=_bytes(json.dumps(problems.figures)),
        numbers=problems.numbers,
        bands=problems.bands,
    )


def load(path: Path) -> Problems:
    """Read what `save` wrote."""
    with np.load(path, allow_pickle=False) as saved:
        vocabulary = saved["vocabulary"].tobytes().decode().split("\n") if len(saved["vocabulary"]) else []
        return Problems(
            [identity.decode() for identity in saved["ids"].tolist()],
            vocabulary,
            hashes_of(vocabulary),
            Ragged(saved["tokens"], saved["tokens_at"]),
            Ragged(saved["whole"], saved["whole_at"]),
            saved["forms"],
            json.loads(saved["figures"].tobytes()),
            saved["numbers"],
            saved["bands"],
        )


def _bytes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), dtype=np.uint8)
