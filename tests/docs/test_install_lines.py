"""What the pages and the errors say about installing works as it is written."""

from __future__ import annotations

import ast
import builtins as python
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

import store_uptime
from store_uptime import StoreUptimeError

ROOT = Path(__file__).parents[2]
if not (ROOT / "README.md").is_file():
    pytest.skip("the pages are not beside these tests", allow_module_level=True)

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NAME = PROJECT["project"]["name"]
GROUPS = PROJECT["dependency-groups"]


def package(requirement: str) -> str:
    """Return the package that is required, with its extras and without its versions."""
    return re.split(r"[<>=!~; ]", requirement, maxsplit=1)[0]


EXTRAS = {
    extra: {package(required) for required in requirements}
    for extra, requirements in PROJECT["project"]["optional-dependencies"].items()
}
EXTRAS["html"] = EXTRAS["html"] - {f"{NAME}[plot]"} | EXTRAS["plot"]
KNOWN = {"pip"}.union(
    *EXTRAS.values(),
    map(package, PROJECT["project"]["dependencies"]),
    *({package(line) for line in lines if isinstance(line, str)} for lines in GROUPS.values()),
)
TEXTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for pattern in ("*.md", ".github/**/*.md", "docs/**/*.*", "src/**/*.py")
    for path in sorted(ROOT.glob(pattern))
    if path.suffix in (".md", ".py", ".txt")
}
TEXTS |= {
    str(path.relative_to(ROOT)): "\n".join("".join(cell["source"]) for cell in cells)
    for path in sorted((ROOT / "docs/notebooks").glob("*.ipynb"))
    for cells in [json.loads(path.read_text(encoding="utf-8"))["cells"]]
}
# It says how the name gets onto an index, and what is written from then on.
del TEXTS[str(Path("docs/releasing.md"))]
PAGE_LINES = [
    (name, line)
    for name, text in TEXTS.items()
    if not name.startswith("src")
    for line in re.findall(r"pip install ([^`\n&]+)", text)
]
# In a sentence: words and quoted words, up to a full stop or a bracket.
SOURCE_LINES = [
    (name, line)
    for name, text in TEXTS.items()
    if name.startswith("src")
    for line in re.findall(r"pip install ((?:(?:'[^']+'|[\w-]+) ?)+)", text)
]


def test_nothing_asks_an_index_for_this_library() -> None:
    asks = re.compile(rf"{NAME}\[|pip install [^`\n]*\b{NAME}\b")
    assert [name for name, text in TEXTS.items() if asks.search(text)] == []


def test_the_lines_are_found() -> None:
    assert {"README.md", "docs/howto-sql.md"} < {Path(name).as_posix() for name, _ in PAGE_LINES}
    assert len(SOURCE_LINES) >= 5


@pytest.mark.parametrize("line", sorted({line for _, line in PAGE_LINES}))
def test_a_line_of_the_pages_can_be_followed(line: str) -> None:
    words = iter(shlex.split(line))
    for word in words:
        if word == "-r":
            file = next(words)
            assert (ROOT / file).is_file() or (ROOT / "docs/examples" / file).is_file()
        elif word == "--group":
            assert next(words) in GROUPS
        elif word.startswith("."):
            extras = re.fullmatch(r"[\w./]+(?:\[([\w,]+)\])?", word)
            assert extras, word
            assert set((extras[1] or "test").split(",")) <= set(EXTRAS)
        else:
            assert word in ("-e", "-U", "--upgrade") or package(word) in KNOWN


@pytest.mark.parametrize("line", sorted({line for _, line in SOURCE_LINES}))
def test_an_error_names_packages_that_an_extra_brings(line: str) -> None:
    packages = {package(word) for word in shlex.split(line)}
    assert [extra for extra, brought in EXTRAS.items() if packages <= brought and extra != "test"]


RAISES_FOR_PACKAGES = ("MissingDependencyError", "need_packages")


def test_every_error_about_a_missing_package_says_how_to_install_it() -> None:
    silent = []
    # What raises for others has no line of its own: those who call it have one.
    told = {place for place, _ in SOURCE_LINES} | {str(Path("src/store_uptime/errors.py"))}
    for name, text in TEXTS.items():
        for node in ast.walk(ast.parse(text)) if name.startswith("src") else ():
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in RAISES_FOR_PACKAGES:
                assert isinstance(node, ast.Call)
                said = {keyword.arg for keyword in node.keywords}
                if "remedy" not in said or name not in told:
                    silent.append(name)
    assert silent == []


def test_the_rules_name_the_builtin_error_of_each_error() -> None:
    section = TEXTS[str(Path("docs/rules.md"))].partition("## Errors")[2]
    sentence = " ".join(section.partition("\n\n|")[0].split())
    builtins = dict(re.findall(r"(?:a|an) `(\w+)` is an? `(\w+)`", sentence))
    rest = re.findall(r"every other one is a `(\w+)`", sentence)
    assert (len(builtins), len(rest)) == (2, 1)
    classes = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    public = {
        name
        for name in store_uptime.__all__
        if isinstance(value := getattr(store_uptime, name), type)
        and issubclass(value, StoreUptimeError)
    }
    assert set(classes) == public - {"StoreUptimeError"}
    for name in classes:
        base = getattr(python, builtins.get(name, rest[0]))
        assert issubclass(getattr(store_uptime, name), base)
        assert base in (ValueError, ConnectionError, ImportError)
