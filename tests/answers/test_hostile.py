import multiprocessing
import os
import random
import resource
import signal
import string
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

import pytest

from limo.answers.compare.decide import compare
from limo.answers.compare.symbolic import admissible
from limo.answers.extract import extract, gold_answer, looping
from limo.answers.hints import hints_of
from limo.answers.verify import Case, Verifier, verify_many
from limo.params import Answers
from tests.growth import seconds

SETTINGS = Answers(extraction="flexible", workers=1, timeout_s=1.0, memory_mb=2048)
PATIENT = SETTINGS.model_copy(update={"timeout_s": 20.0})
FORK = multiprocessing.get_context("fork")
VERDICTS = {"correct", "wrong", "undecided", "truncated"}
KILLED_AFTER = 60  # seconds of processor time, of texts that take at most two on a quiet machine
SUSPECT_AFTER = 1.0  # seconds of processor time after which the growth of a text's cost is measured
GROWTH = 8.0  # of the cost of four times the text: 4 where it is linear, 16 where it is quadratic
GROWTH_MB = 500


def repeated(piece: str, length: int, end: str = "") -> str:
    return piece * (length // len(piece)) + end


def numbered(form: str, count: int, joined: str = ", ", start: int = 1) -> str:
    return joined.join(form % k for k in range(start, start + count))


def determinants(depth: int) -> str:
    entry = "x"
    for _ in range(depth):
        entry = r"\begin{vmatrix}1&1&2&3\\1&2&3&5\\2&2&1&7\\" + entry + r"&1&4&1\end{vmatrix}"
    return entry


BIG = "+7^{1400}"
SPACES = " " * 9_000
# Pairs that once took long, much memory, or an error that ended the run.
TRAPS = {
    "subscript": (r"1_{\text{" + " " * 3_000 + "x", "7"),
    "subscript spaces": ("1_" + SPACES + "x", "7"),
    "base spaces": ("1" + SPACES + "x", "7"),
    "base word": ("1base" + SPACES + "x", "7"),
    "base spaces, 50,000": ("1" + " " * 50_000 + "x", "7"),
    "dots": ("1" + "." * 1_000_000, "7"),
    "list spaces": ("1" + " " * 50_000 + "2", "7"),
    "boxes": (r"\boxed1 " * 120_000, "7"),
    "open boxes": (numbered(r"\boxed{%d", 90_000, " "), "7"),
    "digits and a sign": ("1" * 2_000 + " " * 1_900 + "!", "7"),
    "deep json": ('{"answer": ' + "[" * 1_900 + "]" * 1_900 + "}", "7"),
    "large exponent": ("1e4500", "1e4501"),
    "large exponent and one digit": ("1e4500", "7"),
    "decimal and power": ("1.234e5", "2^{999999999}"),
    "decimal and root": ("1.234e5", r"\sqrt{2}^{99999999}"),
    "interval to a power": ("(0,2^{200000000}]", "(0,1]"),
    "inequality to a power": ("x<2^{200000000} and x<3", "(0,1]"),
    "powers of long units": ("5 " + "ly^{12} " * 30, "5 " + "m^{12} " * 30),
    "common points": (
        r"\{" + numbered("%d", 500, ",") + r"\} \cap \{" + numbered("%d", 490, ",", 500) + r"\}",
        "[1,2)",
    ),
    "points taken out": (r"R\setminus\{" + numbered("%d", 900, ",") + r"\}", "[1,2)"),
    "circled digits": ("C(⑦,⑧)", "7"),
    "zero-width space": ("\u200b", "7"),
    "lone surrogate": ("x_{\ud800}", "x_{\ud801}"),
    "long product": ("x*" * 1_500 + "x", "y"),
    "long implicit product": ("a b " * 1_000, "b a " * 1_000),
    "long quotient": ("1/2" * 900, "1/3" * 900),
    "coefficients": ("2x" * 1_500, "3x" * 1_500),
    "bars": ("|x" * 1_900, "7"),
    "nested determinants": (determinants(8), "7"),
    "factorials of fractions": ("(1/3)!" + BIG, "(1/7)!" + BIG),
    "factorial of a variable": ("x!" + BIG, "x!" + BIG + "+0"),
    "binomial of a fraction": (r"\binom{999999}{1/3}" + BIG, r"\binom{999999}{1/7}" + BIG),
    "many sines": (numbered(r"\sin %d", 300, "+") + BIG, numbered(r"\cos %d", 300, "+") + BIG),
    "many angles": (numbered(r"\arctan %d", 290, "+") + BIG, numbered(r"\arctan %d", 290, "+", 2) + BIG),
    "many powers": (numbered(r"%d^{\pi}", 390, "+") + BIG, numbered("%d^{e}", 390, "+") + BIG),
    "long list of large roots": (
        numbered(r"\sqrt{%dx}" + BIG, 60),
        ", ".join(rf"\sqrt{{{k}x}}{BIG}+1-1" for k in range(60, 0, -1)),
    ),
    "long list of large numbers": (numbered(r"\sqrt{7^{1400}+%d}", 60), numbered(r"\sqrt{7^{1400}+%d}", 60, start=2)),
    "sets of sets": (
        ", ".join(r"\{" + numbered("%d", 30, ",") + f",{100 + k}" + r"\}" for k in range(35)),
        ", ".join(r"\{" + numbered("%d", 30, ",") + f",{500 + k}" + r"\}" for k in range(35)),
    ),
}
# Texts that invite patterns to try again and again, or a parser to go deep; "%s" stands for the repeated piece.
BAIT = [
    " ", "\t", "\n", "a ", "1 ", "1,", "1,111", " 111", "-", "+", "- ", "{", "}", "(", ")", "[", "]", "|", "||", "!",
    "'", "\"", ".", ",", ";", ":", "%", "$", "$$", "&", "_", "^", "_ ", "^ ", "^{", "_{", "\\", "\\\\", "\\ ", r"\{",
    r"\}", r"\(", r"\[", r"\text{", r"\text{a}", r"\mathrm ", r"\boxed{", r"\boxed ", r"\boxed1", r"\frac", r"\frac1",
    r"\frac{", r"\sqrt", r"\sqrt[", r"\sqrt{", r"\left(", r"\pm", r"\pm1", r"\cup", r"(1,2)\cup", r"\begin{pmatrix}",
    r"\end{pmatrix}", r"\binom", "\\prime ", r"^{\prime", r"^\circ", "base", "1base ", "_1", "1_1", "_{(1)", "(1)",
    "(1", "( 1 )", "(A) ", "A. ", "A) ", "A", "A,", "AB", "and ", "or ", "is ", "answer is ", "answer to ",
    "the answer of ", "the ", "final ", "Answer:", "答案", "答案是", "#### ", "####", '{"answer":',
    '{"answer": 1}', "'",
    "' ,", "['", "{'a':", "x=", "=", "<", r"\le ", r"\ge", "x<", "1:", ":", "1/", "/", "1/2 ", "1e9", "1e", "e", "i",
    "sin", r"\sin", r"\log_", "max(", "²", "½", "√", "٣", "⑦", "元", "或", "\u200b", "\x00", "🙂",
    "deg", "1deg ", "cm ",
    "5 cm ", r"5\text{ cm}", "m^2/", "per ", r"\$", r"\$1", r"\,", "{,}", r"\!", r"\dots", "...", "**", "* *", "`",
    "<think>", "</think>", "1)(", "C(", "C_1^", "0.", ".0", r"0.\overline{", r"\overline{3}", r"\lfloor ", r"\tag{",
    r"\hspace{", "10^", r"\times 10^",
]  # fmt: skip


def limited(work: Callable[[Any], Any], given: Any) -> tuple[str, Any]:
    """What a child process makes of work: ("done", result), ("raised", error) or ("killed", "")."""
    here, there = FORK.Pipe()

    def child(sent: Connection) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (KILLED_AFTER, KILLED_AFTER))
        resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            result = work(given)
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent shows it
            sent.send(("raised", repr(error)[:200]))
        else:
            sent.send(("done", result))

    process = FORK.Process(target=child, args=(there,))
    process.start()
    there.close()
    try:
        return here.recv()
    except EOFError:
        return "killed", ""
    finally:
        process.kill()
        process.join()
        here.close()


def in_process(pair: tuple[str, str]) -> str:
    """All that happens to two texts outside the workers."""
    for text in pair:
        hints = hints_of(text, text, "")
        extract(text, "boxed", hints, None)
        extract(text, "flexible", hints, "eos")
        extract(text, "flexible", hints, "length")
        looping(text)
        gold_answer(text)
        admissible(text)
    one, other = pair
    verdicts = compare(one, other, {})[0], compare(other, one, {})[0]
    assert verdicts[0] == verdicts[1]
    return verdicts[0]


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_ends_and_raises_nothing(name: str) -> None:
    how, result = limited(in_process, TRAPS[name])
    assert how == "done", result
    assert result in VERDICTS


FRAMES = ("%s", "1%sx", r"\boxed{%s}", "1%s!", "The answer is %s.")


def cost(text: str) -> float:
    return seconds(lambda given: in_process((given, "7")), text)


def growth(frame: str, piece: str, length: int) -> float:
    """Cost of the text against that of a quarter of it, each the least of three in turn: a busy machine slows both."""
    texts = [frame.replace("%s", repeated(piece, size)) for size in (length // 4, length)]
    quarter, whole = (min(costs) for costs in zip(*([cost(text) for text in texts] for _ in range(3)), strict=True))
    return whole / quarter


@pytest.mark.parametrize("length", [3_900, 50_000])
def test_the_cost_of_a_repeated_piece_grows_with_its_length_alone(length: int) -> None:
    def judge(piece: str) -> list[tuple[str, float]]:
        suspects = [frame for frame in FRAMES if cost(frame.replace("%s", repeated(piece, length))) > SUSPECT_AFTER]
        grown = [(frame, round(growth(frame, piece, length), 1)) for frame in suspects]
        return [(frame, factor) for frame, factor in grown if factor > GROWTH]

    outcomes = {piece: limited(judge, piece) for piece in BAIT}
    assert {piece: outcome for piece, outcome in outcomes.items() if outcome != ("done", [])} == {}


LONG = "12345678901234567890" * 50_000
# Bombs with the verdict that is true: that one or undecided, at little cost.
BOMBS = [
    ("9^{9^{9^9}}", "9^{9^{9^8}}", "wrong"),
    ("9^{9^{9^9}}", "1", "wrong"),
    ("10^{10^{10}}!", "10^{10^{10}}", "wrong"),
    (r"\binom{10^9}{10^8}", r"\binom{10^9}{9 \cdot 10^8}", "correct"),
    (r"\binom{10^9}{10^8}", r"\binom{10^9}{10^8+1}", "wrong"),
    ("(1+x)^{200000}", "(x+1)^{200000}", "correct"),
    ("(1+x)^{200000}", "(1+x)^{200001}", "wrong"),
    ("1e999999999", "1e999999998", "wrong"),
    ("1e-999999999", "0", "wrong"),
    (LONG, LONG + "1", "wrong"),
    (LONG, "3" + LONG[1:], "wrong"),
    (r"\sqrt{" * 2_000 + "2" + "}" * 2_000, r"\sqrt{" * 1_999 + "2" + "}" * 1_999, "wrong"),
    (r"\frac{1}{" * 2_000 + "2" + "}" * 2_000, "2", "correct"),
    ("{" * 2_000 + "1" + "}" * 2_000, "1", "correct"),
    (numbered("%d", 5_000), numbered("%d", 5_000, start=2), "wrong"),
    (numbered("%d", 5_000), ", ".join(str(k) for k in range(5_000, 0, -1)), "correct"),
    (r"\sum_{k=1}^{10^{12}} \frac{1}{k}", "28", "wrong"),
    (r"\sum_{k=1}^{10^{12}} \frac{1}{k^2+\sin k}", "1", "wrong"),
    (r"\int_0^{10^{100}} e^{-x^2} dx", r"\frac{\sqrt{\pi}}{2}", "wrong"),
    ("0." + "0" * 1_000_000 + "1", "0", "wrong"),
    ("2^{2^{100}}-2^{2^{100}}+1", "1", "correct"),
    (r"5\text{ meter" + " meter" * 2_000 + "}", "5", "correct"),
]


@pytest.mark.parametrize(("gold", "answer", "truth"), BOMBS, ids=range(len(BOMBS)))
def test_a_bomb_is_undecided_or_judged_rightly(gold: str, answer: str, truth: str) -> None:
    outcomes, _ = judged([Case(gold, answer=answer), Case(gold, response=rf"\boxed{{{answer}}}", stop="eos")])
    assert set(outcomes) <= {"undecided", truth}


def test_many_long_answers_do_not_fill_the_memory() -> None:
    def judge(count: int) -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with Verifier(SETTINGS) as verifier:
            for k in range(count):
                verifier.verify(Case(f"{k} " + "x " * 400_000, answer="x " * 400_000 + f"{k}"))
        return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024

    how, grown = limited(judge, 600)
    assert how == "done"
    assert grown < GROWTH_MB


ATOMS = [*"0123456789xyntkabNC", "12", "100", "0.5", "3.14", "1,000", r"\pi", "e", "i", r"\infty", r"\theta", "\\"]
FORMS = [
    r"\frac{%s}{%s}", r"\dfrac{%s}{%s}", "%s/%s", "%s+%s", "%s-%s", r"%s\cdot %s", "%s%s", "(%s)(%s)", "%s^{%s}",
    "%s^%s", "%s_{%s}", r"\sqrt[%s]{%s}", r"\sqrt{%s}%s", r"\left(%s,%s\right)", "[%s,%s)", "(%s,%s]", r"\{%s, %s\}",
    "%s, %s", "%s = %s", "%s < %s", r"%s \le %s", r"%s \text{ or } %s", r"%s \pm %s", r"(%s) \cup (%s)", "%s:%s",
    r"\binom{%s}{%s}", "|%s|+%s", r"\sin %s + \cos %s", r"\log_{%s} %s", r"\begin{pmatrix} %s \\ %s \end{pmatrix}",
    r"%s \text{ %s}", "%s!+%s", r"\lfloor %s \rfloor %s", r"%s\%% %s", r"\int_0^{%s} %s\,dx", r"\sum_{k=1}^{%s} %s",
]  # fmt: skip
ANSWERS = [
    r"\frac{1}{2}", "0.333", r"2\sqrt{3}", "(1,2]", r"\{1, 2, 3\}", "x=3", r"10\%", "1,234", "x^2-1", "5 cm", "3:4",
    "A", "no solution", r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "1.5e-3", r"3 \frac{1}{2}", r"\frac{\pi}{4}",
    "-1", "1, 2", r"x \ge 2", "2^{10}",
]  # fmt: skip
SIZES = [1, 2, 3, 10, 100, 1_000, 4_000, 50_000]


@dataclass(frozen=True)
class Fuzz:
    """Cases from one seed; `wild` ones too, which are long, broken or huge."""

    seed: int
    wild: bool = True

    def cases(self, count: int) -> list[Case]:
        rng = random.Random(self.seed)
        return [self._case(rng) for _ in range(count)]

    def _case(self, rng: random.Random) -> Case:
        gold = rng.choice(ANSWERS) if rng.random() < 0.5 else self._text(rng)
        text = self._mutated(rng, gold) if rng.random() < 0.4 else self._text(rng)
        if rng.random() < 0.6:
            return Case(gold, answer=text)
        response = rng.choice(["%s", r"So it is \boxed{%s}.", "The answer is %s.", "#### %s", "<think>hm</think> $%s$"])
        stop = rng.choice(["eos", "length", None])
        return Case(gold, response=response.replace("%s", text), stop=stop)

    def _text(self, rng: random.Random) -> str:
        kind = rng.random()
        if kind < 0.55 or not self.wild:
            return self._formula(rng, rng.randint(0, 3))
        if kind < 0.7:
            data = rng.randbytes(rng.choice(SIZES[:6]))
            return data.decode(rng.choice(["latin-1", "utf-8"]), errors="replace")
        if kind < 0.78:
            return "".join(rng.choices(string.printable, k=rng.choice(SIZES[:6])))
        if kind < 0.94:
            mixed = "".join(rng.choices(BAIT, k=rng.randint(1, 3)))
            return repeated(mixed, rng.choice(SIZES), rng.choice(["", "x", "!", "}", "1"]))
        if kind < 0.97:
            return rng.choice(rng.choice(list(TRAPS.values())))
        return rng.choice(rng.choice(BOMBS)[:2])

    def _formula(self, rng: random.Random, depth: int) -> str:
        if depth == 0:
            return rng.choice(ATOMS)
        form = rng.choice(FORMS)
        parts = tuple(self._formula(rng, rng.randint(0, depth - 1)) for _ in range(2))
        return form % parts

    def _mutated(self, rng: random.Random, text: str) -> str:
        for _ in range(rng.randint(0, 3)):
            place = rng.randrange(len(text) + 1)
            kind = rng.randrange(5)
            if kind == 0:
                text = text[:place] + text[place + 1 :]
            elif kind == 1:
                text = text[:place] + rng.choice(string.printable) + text[place:]
            elif kind == 2:
                text = text[:place] + rng.choice(BAIT) + text[place:]
            elif kind == 3:
                text = text[place:] + text[:place]
            else:
                text = text[:place] + text[max(0, place - rng.randint(0, 5)) :]
        return text


def _judge(cases: list[Case], start: int, sent: Connection) -> None:
    os.setsid()  # so that whatever it starts can be ended with it
    resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30, 8 * 2**30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    before = set(multiprocessing.active_children()), threading.active_count()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with Verifier(SETTINGS) as verifier:
        for k in range(start, len(cases)):
            signal.setitimer(signal.ITIMER_PROF, KILLED_AFTER)
            try:
                outcome = verifier.verify(cases[k]).verdict
            except Exception as error:  # noqa: BLE001 - the parent shows it
                outcome = repr(error)[:120]
            sent.send(outcome)
            signal.setitimer(signal.ITIMER_PROF, 0)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) // 1024
    sent.send((grown, set(multiprocessing.active_children()) == before[0], threading.active_count() == before[1]))


def judged(cases: list[Case]) -> tuple[list[str], list[tuple[int, bool, bool]]]:
    """Outcome of every case, and what the run left behind; a case that is killed does not end the run."""
    outcomes: list[str] = []
    ends = []
    while len(outcomes) < len(cases):
        here, there = FORK.Pipe()
        process = FORK.Process(target=_judge, args=(cases, len(outcomes), there))
        process.start()
        there.close()
        try:
            while True:
                told = here.recv()
                if isinstance(told, str):
                    outcomes.append(told)
                else:
                    ends.append(told)
                    break
        except EOFError:
            outcomes.append("killed")
        with _ended_group(process.pid):
            process.join()
        here.close()
    return outcomes, ends


@contextmanager
def _ended_group(pid: int | None) -> Iterator[None]:
    yield
    assert pid is not None
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def short(case: Case) -> str:
    text = case.answer if case.answer is not None else case.response
    return (
        f"{case.gold[:60]!r} ({len(case.gold)}) against {text[:60]!r} ({len(text or '')})"
        if text
        else repr(case.gold[:60])
    )


def check(cases: list[Case]) -> None:
    outcomes, ends = judged(cases)
    bad = [(short(case), outcome) for case, outcome in zip(cases, outcomes, strict=True) if outcome not in VERDICTS]
    assert bad == []
    (grown, no_child_left, no_thread_left) = ends[0]
    assert grown < GROWTH_MB
    assert no_child_left
    assert no_thread_left


def test_hostile_texts_get_a_verdict() -> None:
    check(Fuzz(0).cases(2_000))


@pytest.mark.slow
def test_ten_thousand_hostile_texts_get_a_verdict() -> None:
    check(Fuzz(1).cases(10_000))


def test_order_and_workers_change_no_verdict() -> None:
    cases = Fuzz(2, wild=False).cases(300)
    wanted = [verdict.verdict for verdict in verify_many(cases, PATIENT)]
    assert len(set(wanted)) >= 3
    order = random.Random(1).sample(range(len(cases)), len(cases))
    verdicts = verify_many([cases[k] for k in order], PATIENT.model_copy(update={"workers": 2}))
    assert [verdict.verdict for verdict in verdicts] == [wanted[k] for k in order]


def test_exchanging_reference_and_answer_changes_no_verdict() -> None:
    for case in Fuzz(3, wild=False).cases(1_500):
        if case.answer is not None:
            turned = replace(case, gold=case.answer, answer=case.gold)
            assert compare(turned.gold, turned.answer or "", {})[0] == compare(case.gold, case.answer, {})[0], short(
                case
            )


def test_a_busy_machine_changes_no_verdict_of_hostile_texts() -> None:
    cases = Fuzz(4, wild=False).cases(150)
    wanted = verify_many(cases, PATIENT)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 2))]
    try:
        assert verify_many(cases, PATIENT) == wanted
    finally:
        for process in busy:
            process.kill()
            process.wait()
