"""What the site adds to the pages, which stay plain Markdown: order, reference, links.

The order of the side bar is that of the list in `index.md`. The tables of `reference.md` say which
names the reference has, and in which groups.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

import store_uptime

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).parent
ROOT = DOCS.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ROOMS = ("plot", "spark", "testing")
UNLINKED = (nodes.reference, nodes.title, addnodes.pending_xref)
FILES = f"{PROJECT['urls']['Homepage']}/blob/main/"

_BULLET = re.compile(r"^- \[(?P<title>.+?)\]\((?P<page>[^)#]+)\)", re.MULTILINE)
_SECTION = re.compile(r"^## (?P<title>.+)\n(?P<body>(?:(?!^## ).*\n?)*)", re.MULTILINE)
_ROW = re.compile(r"^\| `(?P<name>[\w.]+)` \| (?P<sentence>.+?) \|", re.MULTILINE)


def sections(page: str) -> list[tuple[str, str]]:
    """Return the headings of a page and what stands below each."""
    text = (DOCS / page).read_text("utf-8")
    return [(found["title"], found["body"]) for found in _SECTION.finditer(text)]


def slug(title: str) -> str:
    """Return the file name for a heading."""
    return title.lower().replace(" ", "-")


def contents() -> dict[str, list[tuple[str, str]]]:
    """Return the titles and pages of each group, in the order of the index."""
    return {
        group: [(found["title"], found["page"]) for found in _BULLET.finditer(body)]
        for group, body in sections("index.md")
    }


def find(name: str) -> object:
    """Return what a public name names, or raise `AttributeError`."""
    found: object = store_uptime
    for part in name.split("."):
        if part in ROOMS:
            import_module(f"store_uptime.{part}")
        found = getattr(found, part)
    return found


def public_names() -> dict[str, dict[str, str]]:
    """Return the names of each group of the reference, and their sentences."""
    return {
        group: {found["name"]: found["sentence"] for found in _ROW.finditer(body)}
        for group, body in sections("reference.md")
    }


_NAMES = "|".join(re.escape(name) for names in public_names().values() for name in names)
# A name alone, called, or with an attribute of it.
_MENTION = re.compile(rf"(?:store_uptime\.)?(?P<name>{_NAMES})(?:\.\w+)?(?:\(\))?$")


def heading(title: str, line: str) -> str:
    """Return a heading in reStructuredText, of which the docstrings are."""
    return f"{title}\n{line * len(title)}\n"


def entry(name: str, sentence: str) -> str:
    """Return the directive that shows a name with its docstring."""
    value = find(name)
    if inspect.isclass(value):
        methods = [
            method
            for method, made in vars(value).items()
            if isinstance(made, (FunctionType, classmethod)) and not method.startswith("_")
            if not method.endswith("_us")  # for the engine, which counts microseconds
        ]
        members = f"   :members: {', '.join(methods)}\n" if methods else ""
        if issubclass(value, Exception):
            return f".. autoexception:: store_uptime.{name}\n   :show-inheritance:\n{members}"
        return f".. autoclass:: store_uptime.{name}\n{members}"
    if callable(value):
        return f".. autofunction:: store_uptime.{name}\n"
    # A value has the docstring of its type, which says nothing of it.
    return f".. py:data:: store_uptime.{name}\n   :value: {value!r}\n\n   {sentence}\n"


def write_reference(_: Sphinx) -> None:
    """Write a page with the docstrings of each group; they are no part of the repository."""
    folder = DOCS / "reference"
    folder.mkdir(exist_ok=True)
    wanted = {}
    for group, names in public_names().items():
        parts = [heading(group, "=")]
        for name, sentence in names.items():
            parts += [heading(name, "-"), entry(name, sentence)]
        wanted[f"{slug(group)}.rst"] = "\n".join(parts)
    for old in set(folder.iterdir()) - {folder / name for name in wanted}:
        old.unlink()
    for name, text in wanted.items():
        page = folder / name
        if not page.is_file() or page.read_text("utf-8") != text:
            page.write_text(text, "utf-8")


def toctree(lines: Iterable[str], caption: str = "") -> str:
    """Return a list of pages for the side bar, which the page itself does not show."""
    options = [":hidden:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join(["", "```{toctree}", *options, "", *lines, "```", ""])


def add_contents(_: Sphinx, docname: str, source: list[str]) -> None:
    """Give three pages what a repository page shows in another way."""
    if docname == "index":
        source[0] += "".join(
            toctree([f"{title} <{Path(page).with_suffix('')}>" for title, page in pages], group)
            for group, pages in contents().items()
        )
    elif docname == "reference":
        source[0] += toctree([f"reference/{slug(group)}" for group in public_names()])
    elif docname == "changelog":
        source[0] = "```{include} ../CHANGELOG.md\n:relative-docs: docs/\n```\n"


def shorten_signature(*event: Any) -> tuple[str, str | None] | None:
    """Return a signature with the names that the source has for long types and values."""
    _, _, _, value, _, signature, returned = event
    if signature is None:
        return None
    if inspect.isclass(value) and issubclass(value, Exception) and "__init__" not in vars(value):
        return "", None  # that of the root of the errors
    short = re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", signature)
    return short.replace(repr(store_uptime.DEFAULT_WINDOWS), "DEFAULT_WINDOWS"), returned


class RepositoryLinks(SphinxTransform):
    """Lead a link to a file that is no page of the site to the repository."""

    default_priority = 1  # before Sphinx copies the files for download

    def apply(self, **_: object) -> None:
        """Change the links of one page."""
        for link in page_links(self.document):
            target, _hash, anchor = link["reftarget"].partition("#")
            if link.get("refdomain") == "doc":
                if target in self.env.found_docs:
                    continue
                target, anchor = f"/{target}.md", link["reftargetid"]
            path = Path(self.env.relfn2path(target, self.env.docname)[1])
            if path.exists():
                address = FILES + quote(path.resolve().relative_to(ROOT).as_posix())
                address += f"#{anchor}" if anchor else ""
                link.replace_self(nodes.reference("", "", *link.children, refuri=address))


class NameLinks(SphinxTransform):
    """Lead a public name in code, on any page and in any docstring, to the reference."""

    default_priority = 900

    def apply(self, **_: object) -> None:
        """Change the names of one page."""
        for node in [*self.document.findall(nodes.literal)]:
            found = _MENTION.match(node.astext())
            if not found or within(node, UNLINKED):
                continue
            link = addnodes.pending_xref(
                "",
                refdomain="py",
                reftype="obj",
                reftarget=f"store_uptime.{found['name']}",
                refexplicit=True,
                refdoc=self.env.docname,
            )
            node.replace_self(link)
            link += node


class NoBlankEnds(SphinxTransform):
    """End a block of code with its last line; doctests want an empty one after it."""

    default_priority = 900

    def apply(self, **_: object) -> None:
        """Change the blocks of one page."""
        for block in self.document.findall(nodes.literal_block):
            block.rawsource = block.astext().rstrip("\n")
            block.children = [nodes.Text(block.rawsource)]


def page_links(document: nodes.document) -> list[nodes.Element]:
    """Return the links of a Markdown page to pages and other files."""
    kinds = (addnodes.pending_xref, addnodes.download_reference)
    found = [link for kind in kinds for link in document.findall(kind)]
    return [link for link in found if link.get("refdomain") == "doc" or link["reftype"] == "myst"]


def within(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> bool:
    """Tell whether a node stands in one of these kinds."""
    above = node.parent
    while above is not None:
        if isinstance(above, kinds):
            return True
        above = above.parent
    return False


def setup(app: Sphinx) -> dict[str, bool]:
    """Let Sphinx call all this."""
    app.connect("builder-inited", write_reference)
    app.connect("source-read", add_contents)
    app.connect("autodoc-process-signature", shorten_signature)
    app.add_transform(RepositoryLinks)
    app.add_transform(NameLinks)
    app.add_transform(NoBlankEnds)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
