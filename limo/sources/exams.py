"""Rows of the ten benchmarks as two repositories publish them → the values of a record; used by layouts."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

Values = dict[str, Any]


def _columns(row: Mapping[str, Any], columns: Mapping[str, str]) -> Values:
    values = {field: row.get(column) for field, column in columns.items()}
    answer = values["answer"]  # of a problem in parts some rows name each part's
    return values | {"answer": list(answer.values()) if isinstance(answer, Mapping) else answer}


def _gaokao(row: Mapping[str, Any]) -> Values:
    """The letter is the answer where there are options: the text beside it may spell the option otherwise."""
    return {"id": row["idx"], "question": row["question"], "answer": row["choice_answer"] or row["answer"]}


_BY_COLUMN: dict[str, dict[str, str]] = {
    "limo_aime": {"id": "id", "question": "problem", "answer": "answer", "origin": "url"},
    "limo_amc": {"id": "id", "question": "problem", "answer": "answer", "origin": "url"},
    "limo_chmath": {"id": "id", "question": "problem", "answer": "answer"},
    "limo_gpqa": {"id": "id", "question": "question", "answer": "answer"},
    "limo_gradeschool": {"question": "problem", "answer": "answer"},
    "limo_kaoyan": {"id": "id", "question": "problem", "answer": "answer", "origin": "source"},
    "limo_math500": {
        "id": "unique_id",
        "question": "problem",
        "answer": "answer",
        "domain": "subject",
        "level": "level",
    },
    "limo_minerva": {"question": "question", "answer": "answer"},
    "limo_olympiadbench": {"id": "id", "question": "question", "answer": "answer"},
    "mlilab": {"id": "id", "question": "problem", "answer": "answer"},
}
# By layout the columns that every row must have, and what `layouts.Layout` calls its values.
LAYOUTS: dict[str, tuple[tuple[str, ...], Callable[[Mapping[str, Any]], Values]]] = {
    **{name: (tuple(columns.values()), partial(_columns, columns=columns)) for name, columns in _BY_COLUMN.items()},
    "limo_gaokao": (("idx", "question", "answer", "choice_answer"), _gaokao),
}
