"""dvc.yaml → the picture of the graph in README, docs/graph.svg. `python -m tests.docs.graph` draws it anew."""

import itertools
import re
import subprocess

import networkx

from tests.test_docs import ENV, ROOT

PICTURE = ROOT / "docs/graph.svg"
# Where each stage stands, column and row: DVC knows the arrows, and not what reads well.
ROWS = (
    ("benchmarks", "", "fetch", "", "", "validity"),
    ("acquire", "pool", "screen", "rate", "decide"),
    ("", "recorded", "", "gather", "select"),
    ("question_set", "imported", "", "check", "collect"),
    ("tiers", "score", "pair", "measure", "vote"),
    ("dataset", "train", "answer", "metrics", "", "report"),
    ("round_dataset", "", "judge", "release", "audit"),
)
PLACES = {name: (column, row) for row, names in enumerate(ROWS) for column, name in enumerate(names) if name}
MODELS = {"screen", "rate", "collect", "train", "answer"}  # those that a large model makes expensive
WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 104, 30, 152, 58, 8


def arrows(mermaid: str) -> set[tuple[str, str]]:
    """The edges of a flowchart of mermaid, in which one line may hold several arrows."""
    chains = [line.split("-->") for line in mermaid.splitlines() if "-->" in line]
    return {(a.strip(), b.strip()) for chain in chains for a, b in itertools.pairwise(chain)}


def edges() -> set[tuple[str, str]]:
    """DVC's graph of stages, all instances of one as one, without what follows from other edges."""
    done = subprocess.run(["dvc", "dag", "--mermaid"], cwd=ROOT, env=ENV, capture_output=True, text=True, check=True)
    names = {node: name.split("@")[0] for node, name in re.findall(r'(node\d+)\["(.*?)"\]', done.stdout)}
    between = {(names[a], names[b]) for a, b in arrows(done.stdout)}
    return set(networkx.transitive_reduction(networkx.DiGraph([(a, b) for a, b in between if a != b])).edges)


def svg(drawn: set[tuple[str, str]]) -> str:
    """The picture: a box per stage, an arrow per edge."""
    width = 5 * ACROSS + WIDTH + 2 * MARGIN
    height = 6 * DOWN + HEIGHT + 2 * MARGIN
    opened = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="14" text-anchor="middle">'
    )
    head = (
        '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#7d8590"/></marker></defs>'
    )
    title = "<title>The stages of the graph and what each needs</title>"
    shapes = [*(_arrow(a, b) for a, b in sorted(drawn)), *(_box(name) for name in PLACES)]
    return "\n".join([opened, title, head, *shapes, "</svg>\n"])


def _middle(name: str) -> tuple[float, float]:
    column, row = PLACES[name]
    return MARGIN + column * ACROSS + WIDTH / 2, MARGIN + row * DOWN + HEIGHT / 2


def _box(name: str) -> str:
    x, y = _middle(name)
    fill = "#ffd8a8" if name in MODELS else "#dbe9ff"
    return (
        f'<rect x="{x - WIDTH / 2:g}" y="{y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}" rx="5" fill="{fill}" '
        f'stroke="#7d8590"/><text x="{x:g}" y="{y + 5:g}" fill="#1f2328">{name}</text>'
    )


def _arrow(a: str, b: str) -> str:
    """A line from the border of one box to that of the other, on the way between their middles."""
    (x1, y1), (x2, y2) = _middle(a), _middle(b)
    share = min(
        WIDTH / 2 / abs(x2 - x1) if x2 != x1 else 1.0,
        HEIGHT / 2 / abs(y2 - y1) if y2 != y1 else 1.0,
    )
    dx, dy = share * (x2 - x1), share * (y2 - y1)
    return (
        f'<line x1="{x1 + dx:.1f}" y1="{y1 + dy:.1f}" x2="{x2 - dx:.1f}" y2="{y2 - dy:.1f}" stroke="#7d8590" '
        'stroke-width="1.5" marker-end="url(#head)"/>'
    )


if __name__ == "__main__":
    PICTURE.write_text(svg(edges()), encoding="utf-8")
