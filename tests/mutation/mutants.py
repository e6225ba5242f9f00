"""Small changes of a module, one at a time: each is a mistake that some test should notice.

Left alone are annotations, docstrings, texts, what is raised, and the names of types: a change
there is no mistake in a number, or one that fails at once.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_SWAPPED_WORDS = {
    "left": "inner",
    "inner": "left",
    "semi": "anti",
    "anti": "semi",
    "full": "left",
    "backward": "forward",
    "forward": "backward",
    "both": "none",
    "first": "last",
    "last": "first",
    "nearest": "previous",
    "previous": "next",
    "next": "previous",
    "open": "all",
    "closed": "open",
}
_SWAPPED_CALLS = {
    "min_horizontal": "max_horizontal",
    "max_horizontal": "min_horizontal",
    "any_horizontal": "all_horizontal",
    "all_horizontal": "any_horizontal",
    "head": "tail",
    "tail": "head",
    "min": "max",
    "max": "min",
    "first": "last",
    "last": "first",
    "any": "all",
    "all": "any",
    "is_null": "is_not_null",
    "is_not_null": "is_null",
    "forward_fill": "backward_fill",
    "backward_fill": "forward_fill",
    "is_in": "is_duplicated",
}
_LINKS = frozenset(
    {
        "abs", "backward_fill", "cast", "clip", "cum_max", "cum_min", "cum_sum", "diff", "drop",
        "drop_nulls", "fill_null", "filter", "forward_fill", "over", "rechunk", "reverse",
        "set_sorted", "shift", "sort", "unique", "with_columns",
    }
)  # fmt: skip
"""Methods without which a chain still makes sense."""


_SHOWN = 30  # characters around a change


@dataclass(frozen=True)
class Mutant:
    """One change: the line, what stood there and what stands there now, and the changed module.

    `where` is the function or method, by its qualified name; empty at the level of the module.
    """

    line: int
    where: str
    before: str
    after: str
    tree: ast.Module

    def __str__(self) -> str:
        """Return the change, with as much around it as makes it clear."""
        before, after = (" ".join(text.split()) for text in (self.before, self.after))
        start = max(_count_alike(before, after) - _SHOWN, 0)
        cut = max(_count_alike(before[:start:-1], after[:start:-1]) - _SHOWN, 0)
        told = (text[start : len(text) - cut] for text in (before, after))
        return "  ->  ".join(told)


def named_mutants(module: str, source: str) -> Iterator[tuple[str, Mutant]]:
    """Yield the mutants with their names, which stay the same where other functions change."""
    counts: Counter[str] = Counter()
    for mutant in mutants_of(source):
        name = f"{module}.{mutant.where}: {mutant}".replace(".:", ":")
        counts[name] += 1
        yield name if counts[name] == 1 else f"{name}  ({counts[name]})", mutant


def _count_alike(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def mutants_of(source: str) -> Iterator[Mutant]:
    """Yield the mutants of a module. The tree of each holds only until the next is taken."""
    tree = ast.parse(source)
    for parent, field, index, node, where in list(_places(tree, "")):
        before = ast.unparse(node)
        for changed in _changes(node):
            ast.fix_missing_locations(ast.copy_location(changed, node))
            _put(parent, field, index, changed)
            yield Mutant(node.lineno, where, before, ast.unparse(changed), tree)
            _put(parent, field, index, node)


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _places(parent: ast.AST, where: str) -> Iterator[tuple[ast.AST, str, int | None, Any, str]]:
    """Yield each statement and expression that may change, with its place and its function."""
    for field, value in ast.iter_fields(parent):
        if _is_left_alone(parent, field):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(parent, ast.ClassDef) and not isinstance(node, ast.FunctionDef):
                continue  # who has the class has its fields already
            if isinstance(node, (ast.stmt, ast.expr)):
                yield parent, field, index, node, where
            if isinstance(node, ast.AST):
                name = getattr(node, "name", "")
                yield from _places(node, f"{where}.{name}".strip("."))


def _is_left_alone(parent: ast.AST, field: str) -> bool:
    if isinstance(parent, (ast.Raise, ast.Import, ast.ImportFrom, ast.JoinedStr, ast.Assert)):
        return True
    if isinstance(parent, ast.Expr) and isinstance(parent.value, ast.Constant):
        return True  # a docstring
    if isinstance(parent, ast.Call) and field == "func" and isinstance(parent.func, ast.Name):
        return True
    return field in {"annotation", "returns", "decorator_list", "type_params", "bases", "handlers"}


def _changes(node: Any) -> Iterator[Any]:
    if isinstance(node, ast.stmt):
        yield from _other_statements(node)
    elif isinstance(node, ast.Constant):
        yield from _other_constants(node.value)
    elif isinstance(node, ast.Call):
        yield from _other_calls(node)
    elif isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
        yield from _without_conditions(node)
    else:
        yield from _other_operators(node)


def _other_statements(node: Any) -> Iterator[ast.stmt]:
    if isinstance(node, ast.AugAssign) and type(node.op) in _BINARY:
        yield ast.AugAssign(node.target, _BINARY[type(node.op)](), node.value)
        yield ast.Pass()
    elif isinstance(node, ast.Expr) and not isinstance(node.value, (ast.Constant, ast.Yield)):
        yield ast.Pass()
    elif isinstance(node, ast.If):
        yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


def _other_operators(node: Any) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        yield ast.BinOp(node.left, _BINARY[type(node.op)](), node.right)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARED[type(node.ops[0])]:
            yield ast.Compare(node.left, [other()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


def _other_constants(value: object) -> Iterator[ast.Constant]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, (int, float)):
        yield ast.Constant(value + 1)
        if value == 1:
            yield ast.Constant(0)
    elif isinstance(value, str) and value in _SWAPPED_WORDS:
        yield ast.Constant(_SWAPPED_WORDS[value])


def _other_calls(node: ast.Call) -> Iterator[ast.expr]:
    for place, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            others = [*node.keywords[:place], *node.keywords[place + 1 :]]
            yield ast.Call(node.func, node.args, others)
    if not isinstance(node.func, ast.Attribute):
        return
    if swapped := _SWAPPED_CALLS.get(node.func.attr):
        func = ast.Attribute(node.func.value, swapped, ast.Load())
        yield ast.Call(func, node.args, node.keywords)
    if node.func.attr in _LINKS and ast.unparse(node.func.value) != "pl":
        yield node.func.value


def _without_conditions(node: Any) -> Iterator[ast.expr]:
    if any(each.ifs for each in node.generators):
        changed = {name: getattr(node, name) for name in node._fields}
        free = [ast.comprehension(e.target, e.iter, [], e.is_async) for e in node.generators]
        yield type(node)(**changed | {"generators": free})
