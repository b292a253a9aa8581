import click
from tqdm import tqdm

from limo import params
from limo.answers.verify import Case, Verdict, Verifier
from limo.base import timing
from limo.base.tables import read, write
from limo.chains import gather
from limo.chains.check import check
from limo.graph.schemas import CHAIN, CHECKED, POOL

PART = 256  # chains judged between two steps of the progress bar


@click.command()
def main() -> None:
    """Judge the answer of every chain; each distinct chain of a problem once."""
    p = params.load()
    with timing.record("check") as counts, Verifier(p.answers) as verifier:
        # Sorted names: reordering the teachers in params.yaml must not change which of two identical chains stays.
        names = [gather.SOLUTIONS, "attempts", *sorted(p.teachers)]
        tables = [read(f"data/chains/{name}.parquet", CHAIN) for name in names]

        def verify(asked: list[Case]) -> list[Verdict]:
            found: list[Verdict] = []
            with tqdm(total=len(asked), desc="check", unit="chain") as progress:
                for start in range(0, len(asked), PART):
                    found += verifier.verify_many(asked[start : start + PART])
                    progress.update(len(found) - progress.n)
            return found

        merged = gather.merge(tables)
        checked = check(merged, read("data/pool.parquet", POOL), verify)
        write(checked, "data/chains_checked.parquet", CHECKED, ["chain_id"])
        entered = sum(table.height for table in tables)
        identical = entered - merged.height
        verdicts = dict(sorted(checked["verdict"].value_counts().iter_rows()))
        counts.update({"in": entered, "identical": identical, **verdicts})
        assert sum(verdicts.values()) + identical == entered


if __name__ == "__main__":
    main()
