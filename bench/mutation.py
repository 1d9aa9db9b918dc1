"""What a mutant is: a contract with one small fault, of the kinds that people make.

The faults are found in the compiler's syntax tree, so that each is where a program has one: in a condition, a
sum, a call, a number, in Solidity and in Yul alike. Nothing here runs anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Node = dict[str, Any]
Key = tuple[str, str, str, str, int]

RELATIONS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
}
"""Off by one, and the contrary."""

SUMS = {
    **{"+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("*",), "**": ("*",)},
    **{"&": ("|",), "|": ("&",), "^": ("&",), "<<": (">>",), ">>": ("<<",)},
}
ASSIGNMENTS = {"+=": ("-=", "="), "-=": ("+=", "="), "|=": ("&=", "="), "&=": ("|=", "=")}

YUL_CALLS = {
    **{"add": "sub", "sub": "add", "mul": "div", "div": "mul", "lt": "gt", "gt": "lt"},
    **{"and": "or", "or": "and", "shl": "shr", "shr": "shl"},
}
YUL_ORDERED = re.compile(r"sub|log\d")
"""Calls whose arguments it is worth swapping; most others hardly start to work with them swapped."""

IGNORED = {
    "ImportDirective",
    "ParameterList",
    "PragmaDirective",
    "StructDefinition",
    "StructuredDocumentation",
}


@dataclass(frozen=True)
class Edit:
    """A piece of a source and what to put in its place.

    Attributes:
        operator: the kind of fault.
        start, end: of the piece, in bytes.
        text: in its place.
    """

    operator: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Mutant:
    """A contract with a fault.

    Attributes:
        contract: its name.
        function: the fault is in, or the constant.
        line: it begins at, from 1.
        operator: the kind of fault.
        before, after: the lines that it changes, in one, without needless blanks.
        nth: which one, where a function has several that read the same, from 1.
        source: all of it.
    """

    contract: str
    function: str
    line: int
    operator: str
    before: str
    after: str
    nth: int
    source: str

    @property
    def key(self) -> Key:
        """What it is known by as long as the lines that it changes stay as they are."""
        return self.contract, self.function, self.before, self.after, self.nth


def mutants(contract: str, source: str, ast: Node) -> list[Mutant]:
    """Every mutant of a contract, in the order of its lines.

    Args:
        ast: of its file, from solc.
    """
    text = source.encode()
    found: dict[tuple[int, int, str], tuple[Edit, str]] = {}
    for node, function in _nodes(ast):
        for edit in EDITS.get(node["nodeType"], _nothing)(node, text):
            found.setdefault((edit.start, edit.end, edit.text), (edit, function))
    seen: Counter[tuple[str, str, str]] = Counter()
    made = []
    for edit, function in sorted(found.values(), key=lambda each: (each[0].start, each[0].end)):
        before, after = _lines(text, edit)
        seen[function, before, after] += 1
        made.append(
            Mutant(
                contract=contract,
                function=function,
                line=text.count(b"\n", 0, edit.start) + 1,
                operator=edit.operator,
                before=before,
                after=after,
                nth=seen[function, before, after],
                source=(text[: edit.start] + edit.text.encode() + text[edit.end :]).decode(),
            )
        )
    return made


def _lines(text: bytes, edit: Edit) -> tuple[str, str]:
    """The lines that an edit changes, before and after."""
    begin = text.rfind(b"\n", 0, edit.start) + 1
    end = text.find(b"\n", edit.end)
    before = text[begin:end].decode()
    after = text[begin : edit.start].decode() + edit.text + text[edit.end : end].decode()
    return " ".join(before.split()), " ".join(after.split())


def _nodes(node: object, function: str = "") -> Iterator[tuple[Node, str]]:
    """Every node whose text may change, with the name of what it is in."""
    if isinstance(node, list):
        for each in node:
            yield from _nodes(each, function)
    elif isinstance(node, dict) and node.get("nodeType") not in IGNORED:
        kind = node.get("nodeType", "")
        if kind in ("FunctionDefinition", "ModifierDefinition"):
            function = node["name"] or node["kind"]
        elif kind == "VariableDeclaration" and node["stateVariable"]:
            function = node["name"]
        if kind:
            yield node, function
        for each in node.values():
            yield from _nodes(each, function)


def _span(node: Node) -> tuple[int, int]:
    """Where it is in the source, in bytes."""
    start, length, _ = map(int, node["src"].split(":"))
    return start, start + length


def _text(node: Node, text: bytes) -> str:
    start, end = _span(node)
    return text[start:end].decode()


def _replaced(operator: str, node: Node, *texts: str) -> Iterator[Edit]:
    for text in texts:
        yield Edit(operator, *_span(node), text)


def _nothing(_node: Node, _text: bytes) -> Iterator[Edit]:
    yield from ()


def _between(fault: str, left: Node, right: Node, text: bytes, change: tuple[str, str]) -> Edit:
    """An operator between two operands, changed."""
    start, end = _span(left)[1], _span(right)[0]
    return Edit(fault, start, end, text[start:end].decode().replace(*change, 1))


def _swapped(arguments: list[Node], text: bytes) -> Iterator[Edit]:
    """Two neighbours in a call, each in the other's place."""
    for left, right in pairwise(arguments):
        first, second = _text(left, text), _text(right, text)
        types = [(each.get("typeDescriptions") or {}).get("typeString") for each in (left, right)]
        if first != second and types[0] == types[1]:
            start, end = _span(left)[1], _span(right)[0]
            both = second + text[start:end].decode() + first
            yield Edit("arguments swapped", _span(left)[0], _span(right)[1], both)


# ------------------------------------------------------------------------- Solidity


def _binary(node: Node, text: bytes) -> Iterator[Edit]:
    operator, left, right = node["operator"], node["leftExpression"], node["rightExpression"]
    if operator in ("&&", "||"):
        yield from _replaced("half of a condition", node, _text(left, text), _text(right, text))
    for other in RELATIONS.get(operator, ()):
        yield _between("relation", left, right, text, (operator, other))
    for other in SUMS.get(operator, ()):
        yield _between("sum", left, right, text, (operator, other))


def _assignment(node: Node, text: bytes) -> Iterator[Edit]:
    for other in ASSIGNMENTS.get(node["operator"], ()):
        change = node["operator"], other
        yield _between("sum", node["leftHandSide"], node["rightHandSide"], text, change)


def _unary(node: Node, text: bytes) -> Iterator[Edit]:
    whole = _text(node, text)
    if node["operator"] in ("!", "~"):
        yield from _replaced("negation", node, _text(node["subExpression"], text))
    elif node["operator"] in ("++", "--"):
        other = {"++": "--", "--": "++"}[node["operator"]]
        yield from _replaced("sum", node, whole.replace(node["operator"], other))


def _if(node: Node, _text: bytes) -> Iterator[Edit]:
    yield from _replaced("condition", node["condition"], "true", "false")


def _conditional(node: Node, text: bytes) -> Iterator[Edit]:
    sides = node["trueExpression"], node["falseExpression"]
    yield from _replaced("condition", node, *(_text(side, text) for side in sides))


def _call(node: Node, text: bytes) -> Iterator[Edit]:
    if node["kind"] != "typeConversion":
        yield from _swapped(node["arguments"], text)


def _statement(node: Node, text: bytes) -> Iterator[Edit]:
    """Left out; its semicolon is not part of it, and where it is all that an `if` has, a block must stay."""
    start, end = _span(node)
    assert text[end : end + 1] == b";"
    yield Edit("statement left out", start, end + 1, "{ }")


def _modifier(node: Node, _text: bytes) -> Iterator[Edit]:
    if node["kind"] == "modifierInvocation":
        yield from _replaced("modifier left out", node, "")


def _literal(node: Node, text: bytes) -> Iterator[Edit]:
    if node["kind"] == "number":
        yield from _numbers(node, text)
    elif node["kind"] == "bool":
        yield from _replaced("constant", node, "false" if node["value"] == "true" else "true")
    elif node["kind"] == "string" and node["value"]:
        yield from _replaced("constant", node, '""')
    elif node["kind"] == "hexString":
        yield from _replaced("constant", node, f'hex"{"00" * (len(node["hexValue"]) // 2)}"')


def _numbers(node: Node, text: bytes) -> Iterator[Edit]:
    """One more and one less, in the same unit."""
    whole = _text(node, text)
    number = re.match(r"(0x[0-9a-fA-F_]+|[0-9_]+)(?![.\w])", whole)
    if number:
        value = int(number[0].replace("_", ""), 0)
        for other in (value + 1, value - 1):
            if other >= 0:
                yield from _replaced("constant", node, f"{other}{whole[number.end() :]}")


# ------------------------------------------------------------------------------ Yul


def _yul_call(node: Node, text: bytes) -> Iterator[Edit]:
    name, arguments = node["functionName"]["name"], node["arguments"]
    if name in ("iszero", "not"):
        yield from _replaced("negation", node, _text(arguments[0], text))
    if name in YUL_CALLS:
        kind = "relation" if name in ("lt", "gt") else "sum"
        yield from _replaced(kind, node["functionName"], YUL_CALLS[name])
        if kind == "relation":
            given = ", ".join(_text(each, text) for each in arguments)
            yield from _replaced(kind, node, f"iszero({YUL_CALLS[name]}({given}))")
    if YUL_ORDERED.fullmatch(name):
        yield from _swapped(arguments, text)


def _yul_if(node: Node, _text: bytes) -> Iterator[Edit]:
    yield from _replaced("condition", node["condition"], "0", "1")


def _yul_literal(node: Node, text: bytes) -> Iterator[Edit]:
    if node["kind"] == "number":
        yield from _numbers(node, text)


def _yul_statement(node: Node, _text: bytes) -> Iterator[Edit]:
    yield from _replaced("statement left out", node, "{ }")


EDITS: dict[str, Callable[[Node, bytes], Iterator[Edit]]] = {
    "Assignment": _assignment,
    "BinaryOperation": _binary,
    "Conditional": _conditional,
    "EmitStatement": _statement,
    "ExpressionStatement": _statement,
    "FunctionCall": _call,
    "IfStatement": _if,
    "Literal": _literal,
    "ModifierInvocation": _modifier,
    "UnaryOperation": _unary,
    "YulAssignment": _yul_statement,
    "YulBreak": _yul_statement,
    "YulExpressionStatement": _yul_statement,
    "YulFunctionCall": _yul_call,
    "YulIf": _yul_if,
    "YulLiteral": _yul_literal,
}
"""The faults that each kind of node can have."""
