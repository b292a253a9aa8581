"""Money in an answer → amounts with their currency in words, or with an escaped dollar sign; used by spelling."""

import re

SCALE = r"(?:hundred|thousand|million|billion|trillion)(?![A-Za-z])"
_LONE_DOLLAR = re.compile(r"(?<!\\)(?:\b[A-Z]{1,2})?\$(?=\s*-?[\d.])")
_CURRENCY = re.compile(r"^(?:[A-Z]{2}(?=\\\$)|(?:USD|EUR|GBP|INR|CNY|RMB|Rs\.?|₹)\s*(?=[\d.]))")
_FOREIGN = re.compile(
    rf"(?P<sign>[€£¥￥])\s*(?P<amount>-?[\d.,]*\d(?:\s*(?:{SCALE}|[kKM](?![A-Za-z])))?)|(?P<before>\d)\s*(?P<behind>[€£¥￥])"
)
_CURRENCIES = {"€": "euros", "£": "pounds", "¥": "yuan", "￥": "yuan"}
_THOUSANDS = re.compile(r"(?<=\$)(?P<amount>\s*-?[\d,]*\.?\d+)\s?(?P<scale>[kKM])(?![A-Za-z])")  # $2k, $1.5M
_SCALES = {"k": "thousand", "K": "thousand", "M": "million"}


def in_dollars(answer: str) -> str:
    """An answer with $2k as 2 thousand, the one dollar sign before an amount escaped, and no letters of a currency."""
    answer = _THOUSANDS.sub(lambda money: f"{money['amount']} {_SCALES[money['scale']]}", answer)
    if answer.count("$") == 1:
        answer = _LONE_DOLLAR.sub(r"\\$", answer)
    return _CURRENCY.sub("", answer)


def named_currencies(answer: str) -> str:
    r"""An answer with the names of €, £ and ¥ behind their amounts: £35 is 35 \text{pounds}.

    ¥ is yuan and yen, which are one unit here.
    """
    return _FOREIGN.sub(_in_words, answer)


def _in_words(money: re.Match[str]) -> str:
    amount = (money["amount"] or "").rstrip()
    if amount[-1:] in _SCALES:
        amount = f"{amount[:-1]} {_SCALES[amount[-1]]}"
    return f"{money['before'] or amount} \\text{{{_CURRENCIES[money['sign'] or money['behind']]}}} "
