"""The page: all its parts as one file that needs no other."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from store_uptime.errors import MissingDependencyError, need_packages

_EXPORTS = re.compile(r"export\{([^{}]*)\};")
_JQUERY = re.compile(r"([\w$]+) as jQuery")


def require_packages() -> None:
    """Raise `MissingDependencyError` unless what the extra html brings is installed."""
    remedy = (
        "Install what the extra html brings: pip install altair vl-convert-python jinja2 itables."
    )
    need_packages("a page needs", "altair", "itables", "jinja2", "vl_convert", remedy=remedy)


def render_page(parts: Mapping[str, Any], data: str, charts: Sequence[str]) -> bytes:
    """Return the page.

    Parameters
    ----------
    parts
        What the template shows; all of it is escaped.
    data
        The rows of the table as JSON, without ``<``.
    charts
        As SVG.
    """
    import jinja2
    from markupsafe import Markup

    script = _script()
    template = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    ).from_string(_own_file("page.html.jinja"))
    text = template.render(
        parts,
        css=Markup(_own_file("page.css")),  # noqa: S704  # our own
        script=Markup(script),  # noqa: S704  # our own, and that of itables
        data=Markup(data),  # noqa: S704  # made for it
        charts=[Markup(svg) for svg in charts],  # noqa: S704  # escaped by Vega
        content_policy=_content_policy(script),
    )
    return text.encode()


def _own_file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _script() -> str:
    """Return DataTables and our own code as one module, which imports nothing."""
    bundle = resources.files("itables").joinpath("html", "dt_bundle.js").read_text("utf-8")
    exports = _EXPORTS.search(bundle)
    jquery = exports and _JQUERY.search(exports[1])
    if not exports or not jquery:
        raise MissingDependencyError(
            "this version of itables has its table in another form",
            remedy="Install another one: pip install 'itables>=2.3'.",
            code="missing_package",
        )
    library = bundle[: exports.start()] + bundle[exports.end() :]
    script = f"{library}\n((jQuery) => {{\n{_own_file('page.js')}}})({jquery[1]});\n"
    # Text of a script ends at this, wherever it stands.
    return script.replace("\r\n", "\n").replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _content_policy(script: str) -> str:
    """Return what a browser may do: run this script, take styles from the page, and no more."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )
