"""The page as a reader meets it, in a real browser."""

import re
from itertools import pairwise

import polars as pl
import pytest

from limo.base import tables
from limo.graph import schemas
from stages import metrics, report
from tests.report import browser
from tests.stages.test_report import run, run_all

QUESTION = (
    r"Let $x^2 = \frac{1}{4}$ with \(x > 0\). <script>window.broken = 1</script><img src=x onerror='window.broken = 2'>"
    r"\[\sum_{k=1}^{n} k = \frac{n(n+1)}{2}\] $$\int_0^1 t\,dt$$ and no formula: $\frac{$ or $\unknown{x}$."
)
SOLUTION = r"Therefore, the answer is \boxed{\frac{1}{2}}."
LONG = "$" + " + ".join(f"a_{{{n}}}" for n in range(80)) + "$ " + "w" * 300
CONTRAST = """(() => {
  const parts = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = parts(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || ["SCRIPT", "STYLE"].includes(node.tagName)) continue;
    const style = getComputedStyle(node);
    const ink = light(parts(node.namespaceURI.endsWith("svg") ? style.fill : style.color));
    const paper = light(behind(node));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    found.push([ratio, node.tagName + ": " + walker.currentNode.data.trim().slice(0, 40)]);
  }
  return found;
})()"""

pytestmark = pytest.mark.skipif(browser.executable() is None, reason="no chromium on the PATH, CHROMIUM names none")


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The page of a project whose best example is full of formulas and of attempts to break out."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_all()
        dataset = tables.read("data/limo.parquet", schemas.DATASET)
        best = pl.col("rank") == dataset["rank"].min()
        texts = {"question": QUESTION, "solution": f"{LONG}\n{SOLUTION}"}
        changed = [pl.when(best).then(pl.lit(text)).otherwise(name).alias(name) for name, text in texts.items()]
        tables.write(dataset.with_columns(changed), "data/limo.parquet", schemas.DATASET, ["id"])
        for stage in (metrics, report):  # the page has its samples from data/evidence.json, which metrics writes
            run(stage)
    return (folder / "data/report/index.html").as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with browser.started(browser.executable(), tmp_path_factory.mktemp("browser") / "profile") as found:
        yield found


@pytest.fixture
def tab(address):
    with browser.tab(address) as found:
        yield found


@pytest.fixture
def page(tab, url):
    """The page in a tab, with everything on it unfolded."""
    tab.open(url)
    tab.evaluate("document.querySelectorAll('details').forEach(found => { found.open = true })")
    return tab


def background(tab):
    return tab.evaluate("getComputedStyle(document.body).backgroundColor")


def choose(tab, theme):
    tab.evaluate(f"document.getElementById('theme-{theme}').click()")


def test_the_watch_sees_requests_messages_and_errors(tab, tmp_path):
    (tmp_path / "bad.html").write_text(
        "<!doctype html><img src='gone.png'><script>console.warn('a'); throw new Error('b')</script>", encoding="utf-8"
    )
    tab.open((tmp_path / "bad.html").as_uri())
    assert [found.rsplit("/", 1)[1] for found in tab.requested()] == ["bad.html", "gone.png"]
    assert {"Runtime.consoleAPICalled", "Runtime.exceptionThrown"} <= {event["method"] for event in tab.complaints()}


def test_the_page_asks_for_nothing_and_complains_of_nothing(page, url):
    for theme in ("dark", "light", "auto"):
        choose(page, theme)
    page.resize(320)
    assert page.requested() == [url]
    assert page.complaints() == []
    assert page.evaluate("window.broken") is None


def test_the_policy_stops_what_a_hole_would_let_in(page):
    image = "<img src='https://example.org/x' onerror='window.broken = 3'>"
    page.evaluate(f'document.body.insertAdjacentHTML("beforeend", "{image}")')
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.broken = 4'}))")
    page.evaluate("new Promise(done => setTimeout(done, 100))")
    assert page.evaluate("window.broken") is None
    assert [event["method"] for event in page.complaints()] != []


def test_formulas_are_drawn_and_the_rest_is_shown_as_written(page):
    sizes = page.evaluate(
        "[...document.querySelectorAll('math')].map(m => [m.getBoundingClientRect().width, "
        "m.getBoundingClientRect().height, m.getAttribute('display')])"
    )
    assert all(width > 3 and height > 3 for width, height, _ in sizes)
    assert [display for _, _, display in sizes].count("block") == 2
    half, whole = page.evaluate(
        "['math mfrac', 'math mn'].map(m => document.querySelector(m).getBoundingClientRect().height)"
    )
    assert half > 1.2 * whole, "a fraction is two lines high"
    box = "getComputedStyle(document.querySelector('menclose')).borderTopWidth"
    assert page.evaluate(box) == "1px"
    written = page.evaluate("[...document.querySelectorAll('.text code')].map(c => c.textContent)")
    assert r"$\unknown{x}$" in written
    assert "<script>window.broken = 1</script>" in page.evaluate("document.querySelector('.question').textContent")


def test_the_theme_follows_the_system_until_the_reader_chooses(page):
    seen = {}
    for system in ("light", "dark"):
        page.scheme(system)
        for theme in ("auto", "light", "dark"):
            choose(page, theme)
            seen[system, theme] = background(page)
    light, dark = seen["light", "auto"], seen["dark", "auto"]
    assert sum(map(int, re.findall(r"\d+", light)[:3])) > sum(map(int, re.findall(r"\d+", dark)[:3])) + 500
    assert {seen[system, "light"] for system in ("light", "dark")} == {light}
    assert {seen[system, "dark"] for system in ("light", "dark")} == {dark}


def test_figures_follow_the_theme(page):
    def fill():
        return page.evaluate("getComputedStyle(document.querySelector('#main svg path[fill*=accent]')).fill")

    choose(page, "light")
    light = fill()
    choose(page, "dark")
    assert fill() != light


def test_a_choice_of_theme_is_kept(tab, url):
    tab.scheme("light")
    tab.open(url)
    light = background(tab)
    choose(tab, "dark")
    tab.open(url)
    assert tab.evaluate("document.getElementById('theme-dark').checked")
    assert background(tab) != light


def test_a_browser_that_refuses_storage_gets_every_theme_and_no_error(tab, url):
    refuse = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    tab.send("Page.addScriptToEvaluateOnNewDocument", source=refuse)
    tab.scheme("light")
    tab.open(url)
    light = background(tab)
    choose(tab, "dark")
    assert background(tab) != light
    assert tab.complaints() == []


def test_the_theme_changes_without_scripts_too(tab, url):
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    tab.scheme("light")
    tab.send("Page.navigate", url=url)
    tab.wait("Page.loadEventFired")
    light = background(tab)
    choose(tab, "dark")
    assert background(tab) != light


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_width_makes_the_page_scroll_sideways(page, width):
    page.resize(width)
    assert page.evaluate("innerWidth") == width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (
        page.evaluate(
            "[...document.querySelectorAll('h1, h2, h3, p, summary, nav, .text')]"
            ".filter(e => e.getBoundingClientRect().right > innerWidth).length"
        )
        == 0
    )


@pytest.mark.parametrize("width", [320, 400])
def test_figures_fit_a_telephone_in_letters_that_can_be_read(page, width):
    page.resize(width)
    shown = "[...document.querySelectorAll('figure svg')].filter(image => image.checkVisibility())"
    assert page.evaluate(f"{shown}.length") == 9
    assert page.evaluate(f"{shown}.filter(image => image.getBoundingClientRect().right > innerWidth).length") == 0
    letters = f"{shown}.map(image => 12 * image.getBoundingClientRect().width / image.viewBox.baseVal.width)"
    assert min(page.evaluate(letters)) > 10


def test_the_first_tab_stop_skips_to_the_content(tab, url):
    tab.open(url)
    tab.press("Tab")
    shown = tab.evaluate(
        "(e => [e.textContent, e.getBoundingClientRect().top >= 0, getComputedStyle(e).outlineStyle])"
        "(document.activeElement)"
    )
    assert shown == ["Skip to the content", True, "solid"]
    tab.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"


def test_every_stop_of_the_keyboard_shows_where_it_is(tab, url):
    tab.open(url)
    stop = "(e => [e.tagName, getComputedStyle(e).outlineStyle])(document.activeElement)"
    stops = []
    while tab.press("Tab") or (found := tab.evaluate(stop))[0] != "BODY":
        stops.append(found)
    assert {name for name, _ in stops} == {"A", "INPUT", "SUMMARY", "DIV"}
    assert [name for name, outline in stops if outline == "none"] == []
    # A text whose formula is too wide scrolls, so the keyboard must reach it too.
    reachable = "e.matches('.text') ? e.scrollWidth > e.clientWidth : e.checkVisibility()"
    named = "[...document.querySelectorAll('a, input:checked, summary, .scroll, .text')]"
    assert len(stops) == tab.evaluate(f"{named}.filter(e => {reachable}).length")


def test_wide_tables_scroll_by_keyboard_on_a_narrow_screen(page):
    page.resize(320)
    wide = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth)"
    assert page.evaluate(f"{wide}.filter(e => e.querySelector('table')).length") > 0
    assert page.evaluate(f"{wide}.every(e => e.tabIndex === 0 && e.getAttribute('aria-label'))")
    page.evaluate(f"{wide}[0].focus()")
    for _ in range(3):
        page.press("ArrowRight")
    page.evaluate("new Promise(done => setTimeout(done, 300))")
    assert page.evaluate(f"{wide}[0].scrollLeft") > 0


def test_the_keyboard_opens_what_is_folded(tab, url):
    tab.open(url)
    tab.evaluate("document.querySelector('details:not([open]) summary').focus()")
    tab.press("Enter")
    assert tab.evaluate("document.activeElement.parentElement.open")


def test_every_figure_has_a_name(page):
    nodes = page.send("Accessibility.getFullAXTree")["nodes"]
    images = [node for node in nodes if node.get("role", {}).get("value") in {"image", "img"} and not node["ignored"]]
    shown = "[...document.querySelectorAll('svg, img')].filter(image => image.checkVisibility()).length"
    assert len(images) == page.evaluate(shown) == 9
    assert all(len(node["name"]["value"]) > 20 for node in images)


def test_headings_form_an_outline(page):
    levels = [
        int(name[1]) for name in page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => h.tagName)")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert page.evaluate("[...document.querySelectorAll('nav a')].every(a => document.getElementById(a.hash.slice(1)))")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_background(page, theme):
    choose(page, theme)
    found = page.evaluate(CONTRAST)
    assert len(found) > 200
    assert [text for ratio, text in found if ratio < 4.5] == []


def test_print_is_light_and_unfolded_and_leaves_the_page_as_it_was(tab, url):
    tab.scheme("dark")
    tab.open(url)
    folded = "document.querySelectorAll('details:not([open])').length"
    before = tab.evaluate(folded)
    tab.evaluate(f"addEventListener('beforeprint', () => {{ window.folded = {folded} }})")
    tab.send("Page.printToPDF", printBackground=True)
    assert tab.evaluate("window.folded") == 0
    assert tab.evaluate(folded) == before > 0
    choose(tab, "dark")
    tab.send("Emulation.setEmulatedMedia", media="print")
    light = background(tab)
    tab.send("Emulation.setEmulatedMedia", media="")
    assert background(tab) != light
