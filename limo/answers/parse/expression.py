"""Tokens → the tree of one expression; used by structure, quantity and matrix."""

import re
from fractions import Fraction

from limo.answers.parse.numerals import Node, NoExpressionError, based_node, mixed_number, number_node
from limo.answers.parse.tokens import FUNCTIONS, Token

DEPTH = 60  # brackets inside each other; beyond it a text is no answer
HEIGHT = 200  # operations inside each other, as in 1/2/3/...; what walks the tree by recursion relies on it
GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar nabla partial".split()
)  # fmt: skip
_DERIVATIVE = re.compile(
    r"\{ (?P<sign>d|partial) (?:\^ (?:\{ )?(?P<order>[2-9]) (?:\} )?)?(?P<name>[A-Za-z]+(?: _ \w)?) \} "
    r"\{ (?P=sign) (?P<by>[A-Za-z]+) (?:\^ (?:\{ )?(?P<again>[2-9]) (?:\} )?)?\} "
)
_DECORATIONS = frozenset(
    "vec overline bar hat widehat tilde overrightarrow overarc mathring dot ddot underline".split()
)


def expression(stream: list[Token]) -> Node:
    """Parse a whole token list.

    Raises:
        NoExpressionError: it is no expression, or is nested too deeply.
    """
    reader = _Reader(stream)
    node = reader.inside(0)
    if reader.at < len(stream):
        raise NoExpressionError(f"unexpected {stream[reader.at][1]!r}")
    if _height(node) > HEIGHT:
        raise NoExpressionError("too many operations inside each other")
    return node


def _height(node: Node) -> int:
    level, height = [node], 0
    while level and height <= HEIGHT:
        level = [child for parent in level for child in parent[1:] if isinstance(child, tuple)]
        height += 1
    return height


class _Reader:
    """Recursive descent over tokens; `at` is the next one."""

    def __init__(self, stream: list[Token]):
        self.stream = stream
        self.at = 0
        self.bars = 0

    def peek(self) -> Token:
        return self.stream[self.at] if self.at < len(self.stream) else ("end", "")

    def take(self, text: str) -> None:
        if self.peek()[1] != text:
            raise NoExpressionError(f"{text!r} expected, not {self.peek()[1]!r}")
        self.at += 1

    def sum(self, depth: int) -> Node:
        if depth > DEPTH:
            raise NoExpressionError("nested too deeply")
        terms = [self.term(depth)]
        while self.peek() in {("op", "+"), ("op", "-")}:
            sign = self.peek()[1]
            self.at += 1
            term = self.term(depth)
            terms.append(("neg", term) if sign == "-" else term)
        return terms[0] if len(terms) == 1 else ("add", *terms)

    def term(self, depth: int) -> Node:
        sign = False
        while self.peek() in {("op", "+"), ("op", "-")}:
            sign ^= self.peek()[1] == "-"
            self.at += 1
        node = self.factor(depth)
        while True:
            kind, text = self.peek()
            if kind == "op" and text in "*/" and text:
                self.at += 1
                negative = self.peek() == ("op", "-")
                if negative or self.peek() == ("op", "+"):
                    self.at += 1
                right = self.factor(depth)
                right = ("neg", right) if negative else right
                node = ("mul", node, right) if text == "*" else ("div", node, right)
            elif kind == "num" and self.stream[self.at - 1][0] == "num":
                node = ("mul", node, self.factor(depth)) if self.starts_product(node) else self.ascii_mixed(node)
            elif self.starts_factor(kind, text):
                right = self.factor(depth)
                node = mixed_number(node, right) or ("mul", node, right)
            else:
                return ("neg", node) if sign else node

    def starts_product(self, node: Node) -> bool:
        """Whether a numeral after a numeral is a factor: behind a power, as in 2^5 3 7, or a power of ten."""
        factors = [node]
        while factors[-1][0] == "mul":
            factors[-1:] = [factors[-1][2], factors[-1][1]]
        powers = any(factor[0] == "pow" for factor in factors)
        return powers or self.stream[self.at : self.at + 2] == [("num", "10"), ("op", "^")]

    def ascii_mixed(self, whole: Node) -> Node:
        """3 1/2; two numerals side by side are nothing else."""
        parts = self.stream[self.at : self.at + 3]
        if [kind for kind, _ in parts] == ["num", "op", "num"] and parts[1][1] == "/":
            top, bottom = number_node(parts[0][1]), number_node(parts[2][1])
            if bottom[1] and (node := mixed_number(whole, ("div", top, bottom))):
                self.at += 3
                return node
        raise NoExpressionError("two numbers side by side")

    def starts_factor(self, kind: str, text: str) -> bool:
        if kind in {"letter", "num", "base"}:
            return True
        if kind == "cmd":
            return text not in {
                "cup",
                "cap",
                "in",
                "le",
                "ge",
                "ne",
                "pm",
                "mp",
                "approx",
                "equiv",
                "to",
                "end",
                "over",
                "choose",
                "rfloor",
                "rceil",
                "rangle",
                "mid",
                "setminus",
                "degree",
                "begin",
                "dots",
            }
        return (kind == "op" and text in {"(", "[", "{"}) or (text == "|" and kind == "op" and not self.bars)

    def factor(self, depth: int) -> Node:
        node = self.postfix(self.atom(depth))
        if self.peek() == ("op", "^"):
            self.at += 1
            node = ("pow", node, self.exponent(depth + 1))
            node = self.postfix(node)
        return node

    def postfix(self, node: Node) -> Node:
        while True:
            kind, text = self.peek()
            if (kind, text) == ("op", "!"):
                if self.stream[self.at + 1 : self.at + 2] == [("op", "!")]:
                    raise NoExpressionError("double factorial")
                self.at += 1
                node = ("fact", node)
            elif (kind, text) == ("cmd", "degree"):
                self.at += 1
                node = ("deg", node)
            elif (kind, text) == ("op", "%"):
                self.at += 1
                node = ("percent", node)
            elif (kind, text) == ("op", "'") and node[0] == "var":
                self.at += 1
                node = ("var", node[1] + "'")
            else:
                return node

    def exponent(self, depth: int) -> Node:
        if depth > DEPTH:
            raise NoExpressionError("nested too deeply")
        sign = self.peek()
        if sign in {("op", "-"), ("op", "+")}:
            self.at += 1
            node = self.exponent(depth + 1)
            return ("neg", node) if sign[1] == "-" else node
        node = self.atom(depth)
        if self.peek() == ("op", "^"):
            self.at += 1
            node = ("pow", node, self.exponent(depth + 1))
        return node

    def group(self, depth: int) -> Node:
        """One braced argument, or the single token that LaTeX takes in its place."""
        if self.peek() == ("op", "{"):
            return self.atom(depth + 1)
        kind, text = self.peek()
        if kind == "num" and len(text) > 1 and text.isdigit():
            self.stream[self.at : self.at + 1] = [("num", text[0]), ("num", text[1:])]
        return self.atom(depth + 1)

    def atom(self, depth: int) -> Node:
        if depth > DEPTH:
            raise NoExpressionError("nested too deeply")
        kind, text = self.peek()
        if kind == "end":
            raise NoExpressionError("ends too early")
        self.at += 1
        if kind == "num":
            return self.number(text)
        if kind == "base":
            return based_node(text)
        if kind == "letter":
            return self.variable(text, depth)
        if kind == "op":
            return self.bracketed(text, depth)
        if kind == "cmd":
            return self.command(text, depth)
        raise NoExpressionError(f"{text!r} is no expression")

    def number(self, text: str) -> Node:
        node = number_node(text)
        repeating = self.stream[self.at : self.at + 4]
        if (
            [token[1] for token in repeating[:2]] in (["overline", "{"], ["dot", "{"])
            and len(repeating) == 4
            and "." in text
        ):
            digits = repeating[2][1]
            if repeating[2][0] == "num" and digits.isdigit() and repeating[3][1] == "}":
                self.at += 4
                places = len(text.split(".")[1])
                return ("num", Fraction(text + "0") + Fraction(int(digits), (10 ** len(digits) - 1) * 10**places), None)
        return node

    def variable(self, name: str, depth: int) -> Node:
        if name == "C" and (chosen := self.combinations()):
            return chosen
        name += self.subscript(depth)
        ahead = self.stream[self.at : self.at + 3]
        if [text for _, text in ahead[::2]] == ["(", ")"] and ahead[1][0] == "num":
            self.at += 3
            return ("var", f"{name}({ahead[1][1]})")  # f(0) is a value, not a product
        if name in {"e", "i"}:
            return ("const", name)
        return ("var", name)

    def combinations(self) -> Node | None:
        """C(10, 3) and C_{10}^{3}, between numerals."""
        ahead = [text for _, text in self.stream[self.at : self.at + 8] if text not in {"{", "}"}]
        if len(ahead) < 4 or not all(part.isascii() and part.isdigit() for part in ahead[1:4:2]):
            return None
        if [ahead[0], ahead[2]] == ["_", "^"] or [ahead[0], ahead[2], *ahead[4:5]] == ["(", ",", ")"]:
            closing = ")" if ahead[0] == "(" else ahead[3]
            while self.stream[self.at][1] != closing:
                self.at += 1
            self.at += 1
            if self.peek() == ("op", "}"):
                self.at += 1
            numbers = [("num", Fraction(int(ahead[k])), None) for k in (1, 3)]
            return ("binom", *numbers)
        return None

    def subscript(self, depth: int) -> str:
        if self.peek() != ("op", "_"):
            return ""
        self.at += 1
        start = self.at
        if self.peek() == ("op", "{"):
            level = 0
            while self.at < len(self.stream):
                level += {"{": 1, "}": -1}.get(self.stream[self.at][1], 0)
                self.at += 1
                if level == 0:
                    break
        else:
            self.group(depth + 1)
        return "_" + "".join(text for _, text in self.stream[start : self.at] if text not in "{}")

    def bracketed(self, text: str, depth: int) -> Node:
        closing = {"(": ")", "[": "]", "{": "}"}.get(text)
        if closing:
            outer, self.bars = self.bars, 0
            node = self.inside(depth + 1)
            self.bars = outer
            self.take(closing)
            return node
        if text == "|":
            self.bars += 1
            node = self.sum(depth + 1)
            self.bars -= 1
            self.take("|")
            return ("abs", node)
        if text == r"\{":  # braces for brackets: \{1+x\}^2
            node = self.sum(depth + 1)
            self.take(r"\}")
            return node
        raise NoExpressionError(f"unexpected {text!r}")

    def inside(self, depth: int) -> Node:
        node = self.sum(depth)
        for name, operation in (("over", "div"), ("choose", "binom")):
            if self.peek() == ("cmd", name):
                self.at += 1
                return (operation, node, self.sum(depth))
        return node

    def command(self, name: str, depth: int) -> Node:  # noqa: C901, PLR0912 - one branch per command
        if name == "pi":
            return ("const", "pi")
        if name == "infty":
            return ("const", "inf")
        if name == "frac" and (derived := self.derivative()):
            return derived
        if name == "frac":
            top = self.group(depth)
            return ("div", top, self.group(depth))
        if name == "binom":
            top = self.group(depth)
            return ("binom", top, self.group(depth))
        if name == "sqrt":
            return self.root(depth)
        if name == "cbrt":
            return ("root", ("num", Fraction(3), None), self.group(depth))
        if name in FUNCTIONS:
            return self.function(name, depth)
        if name in GREEK:
            return ("var", name + self.subscript(depth))
        if name in {"lfloor", "lceil"}:
            node = self.sum(depth + 1)
            self.take("r" + name[1:])
            return ("floor" if name == "lfloor" else "ceil", node)
        if name in _DECORATIONS:
            start = self.at
            node = self.group(depth)
            spelled = "".join(text for _, text in self.stream[start : self.at] if text not in "{}")
            if spelled in {"i", "j", "k"}:
                return node  # unit vectors
            if name in {"dot", "ddot"} and node[0] == "var":
                return ("var", node[1] + "'" * (1 + (name == "ddot")) + self.subscript(depth))
            name = "" if name in {"vec", "overrightarrow", "overline", "bar"} and len(spelled) > 1 else name
            return ("var", f"{name}:{spelled}" + self.subscript(depth)) if node[0] != "num" else node
        if name in {"angle", "triangle"} and self.peek()[0] == "letter":
            start = self.at
            while self.peek()[0] == "letter":
                self.at += 1
            return ("var", name + "".join(text for _, text in self.stream[start : self.at]))
        raise NoExpressionError(f"\\{name} is not read here")

    def derivative(self) -> Node | None:
        r"""\frac{dy}{dx} as one name: y' for derivatives by x and t, as others write them."""
        texts = [text for _, text in self.stream[self.at : self.at + 20]]
        found = _DERIVATIVE.match(" ".join(texts) + " ")
        if found is None or found["order"] != found["again"]:
            return None
        self.at += len(found[0].split())
        order = int(found["order"] or 1)
        if found["sign"] == "d" and found["by"] in {"x", "t"}:
            return ("var", found["name"] + "'" * order)
        return ("var", f"{found['sign']}{order} {found['name']}/{found['by']}")

    def root(self, depth: int) -> Node:
        degree: Node = ("num", Fraction(2), None)
        if self.peek() == ("op", "["):
            self.at += 1
            degree = self.sum(depth + 1)
            self.take("]")
        if self.peek() == ("op", "(") or self.peek()[0] == "num":
            braced = self.atom(depth + 1)  # sqrt(2), √12
            return ("root", degree, braced)
        return ("root", degree, self.group(depth))

    def function(self, name: str, depth: int) -> Node:
        power: Node | None = None
        base: Node | None = None
        while self.peek() in {("op", "^"), ("op", "_")}:
            mark = self.peek()[1]
            self.at += 1
            if mark == "^":
                power = self.exponent(depth + 1)
            else:
                base = self.group(depth)
        if name in {"max", "min", "gcd", "lcm"}:
            return self.many(name, depth)
        argument = self.argument(depth)
        node: Node
        if power == ("neg", ("num", Fraction(1), None)) and name in {"sin", "cos", "tan", "cot"}:
            return ("fn", "arc" + name, argument)
        if name in {"floor", "ceil", "abs"}:
            node = (name, argument)
        elif name == "log" and base is not None:
            node = ("div", ("fn", "ln", argument), ("fn", "ln", base))
        elif name == "lg":
            node = ("div", ("fn", "ln", argument), ("fn", "ln", ("num", Fraction(10), None)))
        else:
            node = ("fn", "ln" if name == "log" else name, argument)
        return node if power is None else ("pow", node, power)

    def many(self, name: str, depth: int) -> Node:
        opening = self.peek()[1]
        closing = {"(": ")", "{": "}", r"\{": r"\}"}.get(opening)
        if closing is None:
            raise NoExpressionError(f"{name} without arguments")
        self.at += 1
        arguments = [self.sum(depth + 1)]
        while self.peek() == ("op", ","):
            self.at += 1
            arguments.append(self.sum(depth + 1))
        self.take(closing)
        return (name, *arguments)

    def argument(self, depth: int) -> Node:
        """What a function is applied to: a bracket, or the product up to the next sign or function (\\sin 2x)."""
        negative = self.peek() == ("op", "-")
        if negative:
            self.at += 1
        bracket = self.peek() in {("op", "("), ("op", "["), ("op", "{")}
        node = self.factor(depth + 1)
        while not bracket:
            kind, text = self.peek()
            ended = (kind, text) == ("op", "(") or (kind == "cmd" and text in FUNCTIONS and text != "sqrt")
            if ended or not self.starts_factor(kind, text) or kind == "op":
                break
            right = self.factor(depth + 1)
            node = mixed_number(node, right) or ("mul", node, right)
        if not bracket and self.peek() == ("op", "/") and self.stream[self.at + 1 : self.at + 2][0:1]:
            following = self.stream[self.at + 1]
            if following[0] == "num":  # \cos \pi/5
                self.at += 1
                node = ("div", node, self.factor(depth + 1))
        return ("neg", node) if negative else node
