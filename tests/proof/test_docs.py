import re
from collections import Counter
from pathlib import Path

from limo.graph import lock
from limo.proof import hardware, summary
from limo.proof.proof import IDENTICAL, OutVerdict, Proof

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/verify.md").read_text(encoding="utf-8")


def test_the_page_shows_what_data_prints_for_the_committed_lock():
    stages = lock.read(ROOT / "dvc.lock")
    chosen = lock.data(stages)
    outs = [
        OutVerdict(path, stage.name, IDENTICAL, md5, md5, "", [])
        for stage in stages.values()
        if stage.name in chosen
        for path, md5 in stage.outs.items()
    ]
    others = sum(len(stages[name].outs) for name in stages.keys() - chosen)
    shown = PAGE.split("$ limo verify --data\n")[1].split("```")[0].strip()
    assert shown == summary.text(Proof("1a2b3c4d5e", outs, others, []))


def test_the_page_names_the_stages_that_a_replay_takes():
    stages = lock.read(ROOT / "dvc.lock")
    named = PAGE.split("in this graph\n")[1].split(".")[0].replace(" and ", ", ").split(", ")
    assert Counter(named) == Counter({stages[name].group for name in lock.of_models(stages)})


def test_the_page_shows_how_hardware_is_explained():
    unit = hardware.HardwareClass(["data/rate_attempts/smollm2.parquet"], "a GPU", "a CPU")
    assert summary.text(Proof("1a2b3c4d5e", [], 0, [unit])).split("\n\n")[0].strip() in PAGE


def test_every_test_that_the_contract_names_is_there():
    named = re.findall(r"`(tests/[\w/.]+)`", (ROOT / "docs/contract.md").read_text(encoding="utf-8"))
    assert len(named) > 8
    assert [path for path in named if not (ROOT / path).exists()] == []
