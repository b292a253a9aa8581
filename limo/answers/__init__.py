"""A response to a verdict: extract, compare, verify in killable workers; parse/ answers, compare/ two of them."""
