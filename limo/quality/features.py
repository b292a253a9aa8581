"""The text of chains → tokens and how often keywords occur; used by score and validity."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from limo import params

BATCH = 256  # chains per tokenizer call: bounds the memory that their token ids take
COUNTED = ("verify", "explore", "connect")
COUNTS = pl.Schema({"tokens": pl.Int64, "verify_count": pl.Int64, "explore_count": pl.Int64, "connect_count": pl.Int64})


def keyword_pattern(key: str, words: Sequence[str]) -> re.Pattern[str]:
    """A pattern that finds each of `words` as a whole word in lower-cased text; of two that start alike, the longer.

    Raises:
        ValueError: there is no word, or one is blank; `key` names the list.
    """
    lowered = sorted({word.lower().strip() for word in words}, key=lambda word: (-len(word), word))
    if not lowered or "" in lowered:
        raise ValueError(
            f"score.{key} needs at least one word and no blank one; to leave a trait out, set its weight to 0"
        )
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, lowered))})(?!\w)")


def count_tokens(texts: Sequence[str], tokenizer: Callable[..., Any]) -> list[int]:
    """Tokens of each text, without special tokens."""
    counts: list[int] = []
    for start in range(0, len(texts), BATCH):
        ids = tokenizer(list(texts[start : start + BATCH]), add_special_tokens=False)["input_ids"]
        counts += map(len, ids)
    return counts


def counted(texts: Sequence[str], p: params.Score, tokenizer: Callable[..., Any]) -> pl.DataFrame:
    """Raw features of chains (paper 4.1): `tokens` and, for each keyword trait, how often its words occur.

    Returns:
        A frame with columns COUNTS and a row per text, in order.
    """
    patterns = {key: keyword_pattern(key, getattr(p, key)) for key in COUNTED}
    lowered = [text.lower() for text in texts]
    found = {
        f"{key}_count": [sum(1 for _ in pattern.finditer(text)) for text in lowered]
        for key, pattern in patterns.items()
    }
    return pl.DataFrame({"tokens": count_tokens(texts, tokenizer), **found}, schema=COUNTS)
