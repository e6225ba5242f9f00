"""One word for one thing: a name at module level is defined in one module of the package only."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import store_uptime

ROOT = Path(store_uptime.__file__).parent
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# By contract: the same calls, on polars and on Spark.
SHARED = {
    "compute_history",
    "compute_outages",
    "compute_report",
    "compute_timeline",
    "report_from_timeline",
}


def names_defined_in(path: Path) -> set[str]:
    """Return the functions, classes and assigned names at the top of a module."""
    names = assigned_in(ast.parse(path.read_text("utf-8")))
    return {name for name in names if not name.startswith("__")}


def assigned_in(node: ast.AST) -> Iterator[str]:
    """Yield the names, without those of scopes within."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif not isinstance(node, (*COMPREHENSIONS, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from assigned_in(child)


def test_no_name_at_module_level_is_defined_in_two_modules() -> None:
    modules = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        for name in names_defined_in(path):
            modules[name].append(str(path.relative_to(ROOT)))
    assert {"compute_report", "Policy", "DEFAULT_WINDOWS"} <= modules.keys()
    twice = [
        f"{name}: {', '.join(found)}"
        for name, found in sorted(modules.items())
        if len(found) > 1 and name not in SHARED
    ]
    assert not twice, "\n".join(twice)


def test_what_counts_as_defined(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "from a import b\nimport c as d\n__all__ = ['e']\n_e, f = 1, 2\ng: int = 3\n"
        "if f:\n    h = [m for m in [n for n in [1]]]\ndef i():\n    j = 5\nclass K:\n    l = 6\nprint(f)\n"
    )
    assert names_defined_in(module) == {"_e", "f", "g", "h", "i", "K"}
