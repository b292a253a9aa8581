"""datatrove's MinHash pipeline with its defaults but for runs of three words, all given processes."""

import gzip
import json
import sys
import tempfile
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.hashing import HashConfig

if __name__ == "__main__":
    source, out, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
    config = MinhashConfig(n_grams=3, hash_config=HashConfig(hash_fc="sha1", precision=64))
    with tempfile.TemporaryDirectory() as work:
        shards = Path(work) / "in"
        shards.mkdir()
        rows = [json.loads(line) for line in Path(source).read_text(encoding="utf-8").split("\n") if line]
        for shard in range(workers):
            # A document's id must be text here.
            part = [json.dumps({"id": f"row {row['id']}", "problem": row["problem"]}) for row in rows[shard::workers]]
            (shards / f"{shard}.jsonl").write_text("\n".join(part), encoding="utf-8")

        def reader():
            return JsonlReader(str(shards), text_key="problem", id_key="id", glob_pattern="*.jsonl")

        steps = [
            ([reader(), MinhashDedupSignature(f"{work}/signatures", config=config)], workers),
            ([MinhashDedupBuckets(f"{work}/signatures", f"{work}/buckets", config=config)], config.num_buckets),
            ([MinhashDedupCluster(f"{work}/buckets", f"{work}/remove", config=config)], 1),
            ([reader(), MinhashDedupFilter(f"{work}/remove"), JsonlWriter(f"{work}/kept")], workers),
        ]
        for number, (pipeline, tasks) in enumerate(steps):
            logs = f"{work}/logs/{number}"  # which also says what is done already
            LocalPipelineExecutor(pipeline, tasks=tasks, workers=workers, start_method="fork", logging_dir=logs).run()
        with Path(out).open("w", encoding="utf-8") as verdicts:
            for path in sorted(Path(f"{work}/kept").glob("*.gz")):
                with gzip.open(path, "rt", encoding="utf-8") as packed:
                    for line in packed:
                        row = int(json.loads(line)["id"].removeprefix("row "))
                        verdicts.write(json.dumps({"id": row, "kept": True}) + "\n")
