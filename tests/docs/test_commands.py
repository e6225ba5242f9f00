"""Every command on the pages, and in what ``--help`` says, is one that may be typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from store_uptime.cli import main
from store_uptime.cli.arguments import make_parser
from store_uptime.cli.help_text import EXAMPLES, PROGRAM_EXAMPLES
from support.host_app import EXAMPLES as EXAMPLE_PROGRAMS

DOCS = EXAMPLE_PROGRAMS.parent
if not EXAMPLE_PROGRAMS.is_dir():
    pytest.skip("the pages are not beside these tests", allow_module_level=True)

_COMMAND = re.compile(r"(?:^|&& )\s*(?:\S*/)?(?:store-uptime|python3? -m store_uptime) (.*)$")
_PAGES = sorted([*DOCS.glob("*.md"), DOCS.parent / "README.md"])


def commands_in(text: str) -> list[list[str]]:
    """Return the arguments of each command that stands on a line of its own, or in a crontab."""
    found = (_COMMAND.search(line) for line in text.splitlines())
    return [
        shlex.split(match[1].split("  ")[0].replace("\\%", "%"))
        for match in found
        if match is not None
    ]


def commands_on(page: Path) -> list[list[str]]:
    blocks = re.findall(
        r"^```(?:text|sh)\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return commands_in("".join(blocks))


@pytest.mark.parametrize("page", [page.name for page in _PAGES if commands_on(page)])
def test_the_commands_of_a_page_may_be_typed(page: str) -> None:
    (path,) = [path for path in _PAGES if path.name == page]
    for argv in commands_on(path):
        # A crontab asks the shell for the instant.
        make_parser()[0].parse_args(["now" if "$(" in word else word for word in argv])


def test_the_pages_have_commands() -> None:
    assert {"README.md", "howto-command-line.md", "howto-csv.md", "howto-history.md"} <= {
        page.name for page in _PAGES if commands_on(page)
    }


@pytest.mark.parametrize("command", ["", *EXAMPLES])
def test_the_examples_of_help_may_be_typed(command: str) -> None:
    examples = commands_in(EXAMPLES.get(command, PROGRAM_EXAMPLES))
    assert len(examples) >= 2
    for argv in examples:
        assert not command or argv[0] == command
        if "--help" not in argv:
            make_parser()[0].parse_args(argv)


def test_the_first_commands_of_the_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    demo, *others = commands_on(DOCS / "howto-command-line.md")[:5]
    assert main(demo) == 0
    assert "store_status.csv" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path / "play")
    for argv in others:
        assert main(argv) == 0
        assert capsys.readouterr().out
