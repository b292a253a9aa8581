"""What no table holds: bytes that are no UTF-8, and NUL; used by acquire, benchmarks and recorded."""

import re

# Lone surrogates stand for bytes that are no UTF-8; NUL ends strings in too many tools to be carried along.
UNSTORABLE = re.compile("[\ud800-\udfff\x00]")
