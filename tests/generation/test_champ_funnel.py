"""What GPT-3.5 and GPT-4 made of CHAMP's problems with a value, as a funnel."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from limo import params
from limo.base.scratch import scratch
from limo.generation import replay
from limo.problems.answer_type import kind
from limo.sources import rows
from limo.sources.recorded import table

CHAMP = params.load(Path(__file__).parents[2] / "profiles/champ.yaml")


def funnel(out: Path) -> None:
    """Write what each of the two made of the problems: attempts and counts."""
    problems = rows.rows("champ", CHAMP.sources["champ"], CHAMP.pool.max_characters)
    values = pl.Series([kind(answer) != "text" and "No " not in answer for answer in problems["answer"]])
    problems = problems.filter(values)
    for name, rater in (("gpt35", CHAMP.screen), ("gpt4", CHAMP.rate.raters["gpt4"])):
        record = out / f"{name}.parquet"
        with scratch() as folder:
            table.write(name, CHAMP.recorded[name], problems.select("id", problem="id"), folder, record)
        here = rater.model_copy(update={"path": str(record)})
        counts, _ = replay.replay(problems, here, CHAMP.answers, out / f"{name}_attempts.parquet")
        counts.write_parquet(out / f"{name}_counts.parquet")


@pytest.mark.slow
def test_the_funnels_of_champ_keep_what_was_counted_elsewhere_under_any_hash_seed(tmp_path):
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        command = [sys.executable, "-m", "tests.generation.test_champ_funnel", str(tmp_path / seed)]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / seed).iterdir()} for seed in ("1", "2"))
    assert one == two
    screened = pl.read_parquet(tmp_path / "1/gpt35_counts.parquet").select("id", easy="correct")
    both = pl.read_parquet(tmp_path / "1/gpt4_counts.parquet").join(screened, on="id", validate="1:1")
    assert both.height == 212

    def kept(most, low, high):
        return both.filter((pl.col("easy") <= most) & pl.col("correct").is_between(low, high)).height

    assert abs(kept(0, 1, 3) - 28) <= 2
    # An attempt counts as correct where text and summary are; another reader had 50 and 67.
    assert abs(kept(1, 1, 4) - 50) <= 3
    assert abs(kept(2, 1, 4) - 67) <= 2


if __name__ == "__main__":
    funnel(Path(sys.argv[1]))
