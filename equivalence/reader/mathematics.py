"""The formulas of the docstrings as MathML, which browsers set without a library.

Docstrings write mathematics as mathematicians do in a letter: ``m <- m + (g - m)(1 - beta_1)``.
What stands side by side is multiplied; a fraction's numerator is what stands before the stroke in
its term, and its denominator the next factor, but without spaces around the stroke (1/n) one number
over one; an underscore lowers an index (x_ij, beta_1), or joins the words of a name
(learning_rate).  A formula ends where words begin; these stay words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

GREEK = {
    **{"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε"},
    **{"lambda": "λ", "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "theta": "θ"},
}
FUNCTIONS = {
    *("exp", "log", "sqrt", "sum", "max", "min", "mean", "tanh", "sigmoid", "softmax", "sign"),
    *("cos", "sin", "sinh", "abs", "erf", "erfc", "clip", "ceil", "floor", "RMS", "softplus"),
    *("relu6", "hard_sigmoid", "log1p", "expm1", "encoder", "decoder"),
}
NEEDY = {"sum", "exp", "log", "sqrt", "max", "min"}  # which say nothing by themselves
RELATIONS = {"=": "=", "<-": "←", "<=": "≤", ">=": "≥", "<": "<", ">": ">", "~": "∼", "->": "→"}
# Words that no name of a formula is: where one stands, the formula has ended.
WORDS = frozenset(
    re.findall(
        r"\w+",
        "above all an and are as at be behind being below beside between both but by clipped each "
        "else elsewhere every for from has have here if in is it its no not nothing of on one or "
        "over seed so that the their them then there these this through to under what when where "
        "which with without",
    )
)
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:e-?\d+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]*(?:_\{[^}]*\}|_[A-Za-z0-9]+)*)"
    r"|(?P<dots>\.\.\.)"
    r"|(?P<sign><-|<=|>=|->|[-+*/^=<>~()|,;'\[\].]))"
)


class NoFormula(ValueError):
    """A text is not a formula."""


@dataclass(frozen=True)
class Token:
    """One token: its kind, its text, its place, and whether a space stands before it."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool


def formula(text: str) -> str | None:
    """Return a formula as the inside of a <math> element; None where the text is none."""
    try:
        parser = Parser(_tokens(text))
        found = parser.relation(top=True)
        if not parser.done or not parser.said_something:
            return None
    except NoFormula:
        return None
    return found


def math(inside: str, block: bool = False) -> str:
    """Return the <math> element around ``inside``; ``block``: on a line of its own."""
    display = ' displaystyle="true"' if block else ""
    return f"<math{display}>{inside}</math>"


def split(text: str) -> tuple[str, str] | None:
    """Return the formula at the beginning of a text as MathML, and the words behind it.

    None where a text does not begin with a formula that says that something is something.
    """
    gap = re.search(r"(?<![,;\s])\s{2,}", text)  # behind it stands a remark
    line, remark = (text[: gap.start()], text[gap.start() :]) if gap else (text, "")
    ends = [m.start() for m in re.finditer(r"\s{2,}|[.;:,](?=\s|$)|\s(?=[A-Za-z(])", line)]
    for end in (len(line), *reversed(ends)):
        word = re.match(r" ([A-Za-z]+)", line[end:])
        if word and word.group(1) not in (*WORDS, *FUNCTIONS):
            continue  # a name of the formula, which does not end before it
        found = formula(line[:end])
        if found:
            return found, line[end:] + remark
    return None


def _tokens(text: str) -> list[Token]:
    found, place = [], 0
    while place < len(text.rstrip()):
        match = TOKEN.match(text, place)
        if not match or match.lastgroup is None:
            raise NoFormula(text[place:])
        kind, words = match.lastgroup, match.group(match.lastgroup)
        if kind == "name" and words in WORDS:
            raise NoFormula(words)
        start = match.start(kind)
        found.append(Token(kind, words, start, match.end(), start > place))
        place = match.end()
    return found


class Parser:
    """A recursive descent over the tokens; each method returns MathML."""

    def __init__(self, tokens: list[Token]):
        self.tokens, self.place = tokens, 0
        self.bar_ends = False  # a bar ends what stands in bars, or begins a condition
        self.said_something = False

    @property
    def done(self) -> bool:
        return self.place == len(self.tokens)

    def peek(self, ahead: int = 0) -> Token:
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else Token("end", "", 0, 0, True)

    def take(self, *texts: str) -> bool:
        """Take the next token if it is one of these signs."""
        if self.peek().kind == "sign" and self.peek().text in texts:
            self.place += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            raise NoFormula(self.peek().text)

    def relation(self, top: bool = False) -> str:
        """a = b, c <- d, and several of them behind commas.

        top: nothing is around it; then what comes behind a comma says something, too.
        """
        parts = ["" if self.peek().text in ("=", "+", "-") else self.sum()]
        while not self.done:
            sign = self.peek()
            if sign.text in RELATIONS:
                self.place += 1
                self.said_something = True
                parts += [_sign(RELATIONS[sign.text]), self.sum()]
            elif not parts[0] and sign.text in "+-":
                self.place += 1
                self.said_something = True
                parts += [_sign("−" if sign.text == "-" else "+"), self.sum()]
            elif sign.text in (",", ";"):
                self.place += 1
                parts += [_sign(sign.text, ' rspace="0.6em"'), self.sum()]
                if top and self.said_something and self.peek().text not in RELATIONS:
                    raise NoFormula(self.peek().text)
            else:
                break
        return "".join(parts)

    def sum(self) -> str:
        parts = []
        if self.take("-"):
            parts.append(_sign("−", ' form="prefix"'))
        parts.append(self.term())
        while self.peek().text in ("+", "-"):
            parts.append(_sign("−" if self.peek().text == "-" else "+"))
            self.place += 1
            parts.append(self.term())
        return "".join(parts)

    def term(self) -> str:
        """Factors side by side; a stroke makes a fraction of those before it and the next."""
        factors = [self.tight()]
        while True:
            if self.take("/"):
                above, below = _row(factors), _bare(self.factor())
                factors = [f"<mfrac>{_bare(above)}{below}</mfrac>"]
            elif self.take("*"):
                factors += [_sign("·"), self.tight()]
            elif self.peek().text == "." and self.peek(1).kind == "name" and self.peek(1).spaced:
                self.place += 1
                factors += [_sign("·"), self.tight()]
            elif self._begins_factor():
                space = factors and self._words_meet()
                factors += ['<mspace width="0.25em"/>'] * bool(space) + [self.tight()]
            elif _open(self.tokens[self.place - 1]) and self.take("-"):
                factors += [_sign("−", ' form="prefix"'), self.tight()]
            elif _open(self.tokens[self.place - 1]):
                raise NoFormula(self.peek().text)  # a sum, or a function, of nothing
            else:
                return _row(factors)

    def _words_meet(self) -> bool:
        """Say whether a name of several letters stands beside what comes before it."""
        before, now = self.tokens[self.place - 1], self.peek()
        return now.spaced and (_long(before) or _long(now))

    def _begins_factor(self) -> bool:
        token = self.peek()
        bar = token.text == "|" and not self.bar_ends
        return token.kind in ("number", "name", "dots") or token.text == "(" or bar

    def tight(self) -> str:
        """A factor, or one over another without spaces around the stroke, as 1/n."""
        above = self.factor()
        stroke = self.peek()
        if stroke.text == "/" and not stroke.spaced and not self.peek(1).spaced:
            self.place += 1
            below = self.factor()
            return f"<mfrac>{_bare(above)}{_bare(below)}</mfrac>"
        return above

    def factor(self) -> str:
        base = self.base()
        primes = 0
        while self.peek().text == "'" and not self.peek().spaced:
            self.place += 1
            primes += 1
            if self.peek().kind == "name" and not self.peek().spaced:  # of a word, as Adam's
                raise NoFormula(self.peek().text)
        if primes:
            base = f"<msup>{base}<mo>{'′' * primes}</mo></msup>"
        if self.take("^"):
            base = f"<msup>{base}{_bare(self.exponent())}</msup>"
        return base

    def exponent(self) -> str:
        sign = _sign("−", ' form="prefix"') if self.take("-") else ""
        return f"<mrow>{sign}{self.base()}</mrow>" if sign else self.base()

    def base(self) -> str:
        token = self.peek()
        self.place += 1
        if token.kind == "number":
            return f"<mn>{token.text}</mn>"
        if token.kind == "dots":
            return "<mo>…</mo>"
        if token.text == "(":
            inside = self.within(False, self.relation)
            self.need(")")
            return _bracketed(inside)
        if token.text == "|":
            inside = self.within(True, self.sum)
            self.need("|")
            return f'<mrow><mo form="prefix">|</mo>{inside}<mo form="postfix">|</mo></mrow>'
        if token.kind == "name":
            return self.named(token)
        raise NoFormula(token.text)

    def within(self, bar_ends: bool, part: Callable[[], str]) -> str:
        """Return a part in which a bar ends it, or not."""
        before, self.bar_ends = self.bar_ends, bar_ends
        found = part()
        self.bar_ends = before
        return found

    def probability(self) -> str:
        """What p is of: (x), (x | h) or (h = 1 | x)."""
        self.need("(")
        inside = self.within(True, self.relation)
        if self.take("|"):
            inside += _sign("∣") + self.within(True, self.relation)
        self.need(")")
        return _bracketed(inside)

    def named(self, token: Token) -> str:
        """A name, a function with what it is of, a root, or an element x[i]."""
        opens = self.peek().text == "(" and not self.peek().spaced
        if token.text == "sqrt" and not opens:
            return f"<msqrt>{self.factor()}</msqrt>"
        if token.text == "sqrt":
            return f"<msqrt>{_bare(self.base())}</msqrt>"
        name = _name(token.text)
        if opens:
            of = self.probability() if token.text == "p" else self.base()
            return f"<mrow>{name}{of}</mrow>"
        if self.peek().text == "[" and not self.peek().spaced:
            self.place += 1
            inside = self.sum()
            self.need("]")
            return f"<mrow>{name}<mo>[</mo>{inside}<mo>]</mo></mrow>"
        return name


def _open(token: Token) -> bool:
    """Say whether something has to follow a name: a sum or a function needs what it is of."""
    head, _, index = token.text.partition("_")
    return token.kind == "name" and head in NEEDY and len(index) <= 2


def _long(token: Token) -> bool:
    head = token.text.partition("_")[0]
    return token.kind == "name" and len(token.text) > 1 and head not in GREEK and len(head) > 1


def _name(text: str) -> str:
    """Return a name: a letter with its index, a sum over one, or words in upright letters."""
    head, _, index = text.partition("_")
    if head == "sum":
        sign = "<mo>∑</mo>"
        return f"<munder>{sign}{_index(index)}</munder>" if index else sign
    if head in ("max", "min", "softmax", "mean") and index:
        return f"<munder><mi>{head}</mi>{_index(index)}</munder>"
    short = len(head) <= 2 or head in GREEK
    if not index:
        return _letters(head)
    if short and (len(index.strip("{}")) <= 3 or index.startswith("{")):
        return f"<msub>{_letters(head)}{_index(index)}</msub>"
    if short and re.fullmatch(r"\d_\w+", index):  # beta_2_decay
        return f"<msub>{_letters(head)}<mtext>{escape(index.replace('_', ' '))}</mtext></msub>"
    return f"<mtext>{escape(text.replace('_', ' '))}</mtext>"


def _letters(name: str) -> str:
    if name in GREEK:
        return f"<mi>{GREEK[name]}</mi>"
    if len(name) == 2 and name[1] == "b" and name[0].isupper():  # Yb: what flows back to Y
        return f"<mi>{name}</mi>"
    return f"<mi>{escape(name)}</mi>" if len(name) < 3 or name in FUNCTIONS else _words(name)


def _words(name: str) -> str:
    return f"<mtext>{escape(name)}</mtext>"


def _index(index: str) -> str:
    inside = index.strip("{}")
    if re.fullmatch(r"\d+", inside):
        return f"<mn>{inside}</mn>"
    if re.fullmatch(r"[a-z]{1,3}", inside):
        return "<mrow>" + "".join(f"<mi>{letter}</mi>" for letter in inside) + "</mrow>"
    parts = re.findall(r"[A-Za-z]+|\d+|[-+]", inside)
    kinds = {"-": "<mo>−</mo>", "+": "<mo>+</mo>"}
    each = (kinds.get(p) or (f"<mn>{p}</mn>" if p.isdigit() else f"<mi>{p}</mi>") for p in parts)
    return f"<mrow>{''.join(each)}</mrow>"


def _sign(sign: str, more: str = "") -> str:
    return f"<mo{more}>{escape(sign)}</mo>"


def _row(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _bracketed(inside: str) -> str:
    """Return ``inside`` in round brackets, as high as a fraction or a root in them needs."""
    still = "" if re.search("<mfrac|<msqrt|<munder", inside) else ' stretchy="false"'
    return f"<mrow><mo{still}>(</mo>{inside}<mo{still}>)</mo></mrow>"


BRACKETS = re.compile(r'<mrow><mo(?: stretchy="false")?>\(</mo>(.*)<mo[^>]*>\)</mo></mrow>')


def _bare(element: str) -> str:
    """Return what stands in brackets without them, where a bar or a root does their work."""
    found = BRACKETS.fullmatch(element)
    return f"<mrow>{found.group(1)}</mrow>" if found and _closed(found.group(1)) else element


def _closed(inside: str) -> bool:
    """Say whether every bracket of a row is closed in it, so that its ends belong together."""
    depth = 0
    for bracket in re.findall(r"<mo[^>]*>([()])</mo>", inside):
        depth += 1 if bracket == "(" else -1
        if depth < 0:
            return False
    return depth == 0
