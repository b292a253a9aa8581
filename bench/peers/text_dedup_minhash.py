"""text-dedup's MinHash command: 128 permutations, Jaccard 0.7 over runs of three words, all given processes."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from datasets import load_from_disk

source, out, workers = sys.argv[1:]
options = "--path json --split train --column problem --ngram 3 --min_length 1 --num_perm 128 --threshold 0.7"
options += " --hash_func xxh3 --hash_bits 64 --batch_size 10000"
with tempfile.TemporaryDirectory() as work:
    command = [sys.executable, "-m", "text_dedup.minhash", *options.split(), "--data_files", source]
    command += ["--num_proc", workers, "--output", f"{work}/out", "--cache_dir", f"{work}/cache"]
    subprocess.run(command, check=True)
    with Path(out).open("w", encoding="utf-8") as verdicts:
        verdicts.writelines(json.dumps({"id": row, "kept": True}) + "\n" for row in load_from_disk(f"{work}/out")["id"])
