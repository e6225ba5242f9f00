"""How the site is made: `python -m sphinx docs FOLDER`. It needs no network, and asks for none."""

from __future__ import annotations

import sys
from pathlib import Path

import store_uptime

sys.path.insert(0, str(Path(__file__).parent))

project = "store_uptime"
version = release = store_uptime.__version__
extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "site_pages",
]
exclude_patterns = ["examples"]
nitpicky = True
nitpick_ignore_regex = [
    ("py:class", r".*"),  # types in signatures: other packages' inventories are not fetched
    ("py:obj", r"\w+"),  # properties, which are described where the class is
]

# A single backtick in a docstring is code, as it is on the pages.
default_role = "literal"
autodoc_typehints = "signature"
autodoc_type_aliases = {
    name: name
    for name in ("AnyConnection", "AnyPolls", "AnyTable", "AnyWindow", "Grouping", "Progress")
}
maximum_signature_line_length = 60
toc_object_entries = False
python_use_unqualified_type_names = True
numpydoc_show_class_members = False

myst_heading_anchors = 4
nb_execution_mode = "off"  # notebooks come with their outputs, which the tests check

html_theme = "furo"
html_title = "store_uptime"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
# A folder that is opened from a disk may not fetch the pages that a search would quote.
html_show_search_summary = False
html_use_index = False
copybutton_exclude = ".linenos, .gp, .go"  # neither prompts nor what is printed
