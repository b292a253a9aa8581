import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STEPS = {
    "pool": "one clean row per problem",
    "screen": "a small model must fail 2 of 2 draws",
    "rate": "1 to 3 of 6 draws correct",
    "select": "balance of subject and level",
    "tiers": "chains that can be in a dataset",
}


def funnel_lines(funnel):
    lines = []
    for step, meaning in STEPS.items():
        entry = funnel[step]
        why = ", ".join(f"{reason} {count}" for reason, count in entry["rejected"].items())
        lines.append(f"| {step} | {meaning} | {entry['in']} | {entry['kept']} | {why} |")
    datasets = ", ".join(f"{name} {rows}" for name, rows in funnel["datasets"].items())
    return [*lines, f"Rows per dataset: {datasets}."]


def score_lines(evaluation):
    lines = []
    for candidate, figures in evaluation.items():
        cells = [
            f"{100 * figures[b]['pass_at_1']:.1f} ({100 * figures[b]['low']:.0f}–{100 * figures[b]['high']:.0f})"
            for b in ("sums", "stories", "gym", "mean")
        ]
        mean = figures["mean"]
        lines.append(
            f"| {candidate} | {' | '.join(cells)} | {100 * mean['answered']:.0f} | {100 * mean['unfinished']:.0f} |"
        )
    return lines


@pytest.mark.parametrize(("page", "metrics"), [("README.md", "metrics"), ("docs/smollm2_full.md", "docs/smollm2_full")])
@pytest.mark.parametrize(("file", "lines"), [("funnel", funnel_lines), ("evaluation", score_lines)])
def test_the_page_shows_the_committed_figures(page, metrics, file, lines):
    text = (ROOT / page).read_text(encoding="utf-8")
    figures = json.loads((ROOT / metrics / f"{file}.json").read_text(encoding="utf-8"))
    assert [line for line in lines(figures) if line not in text] == []


if __name__ == "__main__":
    for name, lines in (("funnel", funnel_lines), ("evaluation", score_lines)):
        print(*lines(json.loads((ROOT / f"metrics/{name}.json").read_text(encoding="utf-8"))), sep="\n")
