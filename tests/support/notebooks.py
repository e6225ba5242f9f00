"""Runs the notebooks of the documentation, each from a clean kernel in an empty folder.

`python tests/support/notebooks.py` writes their outputs anew; look at what changed before you commit it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "notebooks"
NAMES = ("first-report", "what-the-polls-prove", "from-report-to-outages")
_SECONDS = 120


def read(name: str) -> Any:
    """Return a notebook as it lies in the documentation."""
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]


def executed(name: str) -> Any:
    """Return a notebook with the outputs that it has today. An error in a cell is raised."""
    notebook = read(name)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    environment = os.environ | {"COLUMNS": "80", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=_SECONDS,
            kernel_name="python3",
            extra_arguments=["--Application.log_level=40"],  # It warns of its own transport.
            resources={"metadata": {"path": folder}},
            record_timing=False,
        )
        client.execute(env=environment)
    return notebook


def texts(notebook: Any) -> list[str]:
    """Return what the cells print and show as text, but for the charts, which are compared by eye."""
    shown = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/svg+xml" in data:
                shown.append("a chart")
            else:
                shown.append(output.get("text") or data.get("text/plain", ""))
    return shown


def main() -> None:
    """Write the outputs of all notebooks, or of those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES, help=", ".join(NAMES))
    for name in parser.parse_args().names:
        notebook = executed(name)
        notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
        nbformat.write(notebook, FOLDER / f"{name}.ipynb")  # type: ignore[no-untyped-call]
        print(name, f"{(FOLDER / f'{name}.ipynb').stat().st_size:,} bytes")  # noqa: T201


if __name__ == "__main__":
    main()
