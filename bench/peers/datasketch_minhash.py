"""datasketch: 128 permutations, Jaccard 0.7 over runs of three words, one process (it has no other way)."""

import json
import re
import sys
from pathlib import Path

from datasketch import MinHash, MinHashLSH

source, out, _ = sys.argv[1:]
index = MinHashLSH(threshold=0.7, num_perm=128)
with Path(source).open(encoding="utf-8") as lines, Path(out).open("w", encoding="utf-8") as verdicts:
    for line in lines:
        row = json.loads(line)
        words = re.findall(r"\w+", row["problem"].lower())
        sketch = MinHash(num_perm=128)
        sketch.update_batch([" ".join(words[i : i + 3]).encode() for i in range(max(1, len(words) - 2))])
        kept = not index.query(sketch)
        if kept:
            index.insert(row["id"], sketch)
        verdicts.write(json.dumps({"id": row["id"], "kept": kept}) + "\n")
