import json
from pathlib import Path

from click.testing import CliRunner

from limo.graph import places
from stages import audit
from tests.chains.world import write_params


def test_the_audit_measures_both_decisions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_params()
    CliRunner().invoke(audit.main, catch_exceptions=False)
    audited = json.loads(Path(places.AUDIT.path).read_text(encoding="utf-8"))
    assert audited.keys() == {"decontamination", "deduplication"}
    assert all(figures["pairs"] > 100 for figures in audited.values())
