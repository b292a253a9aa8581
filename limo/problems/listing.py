"""A canonical text → the text without the numbers of its conditions and parts; used by core."""

import re
from collections.abc import Iterator

import polars as pl

_BEFORE = r"[.;:?!。；：，,\"”\u3400-\u9fff]|[a-z]{4}|(?-u:\b)(?:if|and|or)"
_ORDERS = [
    [str(number) for number in range(1, 21)],
    "i ii iii iv v vi vii viii ix x".split(),
    "a b c d e f g h".split(),
]
# What looks like the second or third mark of a listing, found much faster than all of them.
_LISTED = rf"(?:{_BEFORE}) ?(?:\((?:[23bc]|iii?)\)|[23][.)])"
_MARK = re.compile(
    r"(?:^|(?<=[.;:?!。；：，,\"”\u3400-\u9fff])|(?<=[a-z]{4})|(?<=\bif)|(?<=\band)|(?<=\bor)|(?P<formula>(?<=[\d})])))"
    r" ?(?:\((?P<inner>\d{1,2}|[ivx]{1,4}|[a-h])\)(?![-+*/^=<>(,)!|]|$)|(?P<bare>\d{1,2})(?:\. |\))(?=[^\W\d_]))"
)
_CLOSED = ".;:。；："


def unnumbered(texts: pl.Series) -> pl.Series:
    """Texts without marks such as (1), (ii), (b), 3. or 3) before their conditions, which some publishers number, set
    in formulas or leave out. A mark counts where the one before or after it in its order is there too, or a sentence
    ended before it: f(2) is none.

    Args:
        texts: canonical texts.
    """
    listed = texts.str.contains(_LISTED).arg_true()
    if not len(listed):
        return texts
    return texts.clone().scatter(listed, pl.Series([_unnumbered(text) for text in texts.gather(listed)]))


def _unnumbered(text: str) -> str:
    marks = list(_MARK.finditer(text))
    spans = [span for order in _ORDERS for span in _in_order(text, marks, order)]
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return text


def _in_order(text: str, marks: list[re.Match[str]], order: list[str]) -> Iterator[tuple[int, int]]:
    """Where the marks of one order are that follow one another; behind a formula only the third or a later one."""
    found = [(order.index(name), mark) for mark in marks if (name := mark["inner"] or mark["bare"]) in order]
    ours = [(place, mark) for place, mark in found if mark["formula"] is None or place > 1]
    for number, (place, mark) in enumerate(ours):
        before, after = ours[max(0, number - 1) : number], ours[number + 1 : number + 2]
        follows = place > 0 and text[mark.start() - 1 : mark.start()] in {*_CLOSED}
        if follows or place - 1 in dict(before) or (place + 1 in dict(after) and mark["formula"] is None):
            yield mark.span()
