"""One word for one thing: a name at module level is defined in one module of the package only."""

from __future__ import annotations

import symtable
from collections import defaultdict
from pathlib import Path

import store_uptime

ROOT = Path(store_uptime.__file__).parent
SHARED = {"compute_report"}  # by contract: the same call, on polars and on Spark


def names_defined_in(path: Path) -> set[str]:
    """Return the functions, classes and assigned names at the top of a module."""
    table = symtable.symtable(path.read_text("utf-8"), str(path), "exec")
    return {
        symbol.get_name()
        for symbol in table.get_symbols()
        if (symbol.is_assigned() or symbol.is_namespace())
        and not symbol.is_imported()
        and not symbol.get_name().startswith("__")
    }


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
        "if f:\n    h = 4\ndef i():\n    j = 5\nclass K:\n    l = 6\nprint(f)\n"
    )
    assert names_defined_in(module) == {"_e", "f", "g", "h", "i", "K"}
