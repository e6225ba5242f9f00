"""What may be typed on the command line, and what it asks for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, NoReturn

from store_uptime._version import installed_version
from store_uptime.cli import help_text
from store_uptime.cli.console import Console
from store_uptime.cli.options import (
    add_history,
    add_inputs,
    add_look,
    add_outages,
    add_output,
    add_policy,
    add_report,
    add_start,
    add_timeline,
)
from store_uptime.cli.output import write_out
from store_uptime.errors import StoreUptimeError
from store_uptime.policy import Policy
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow, check_windows

PROGRAM = "store-uptime"

_CLOSE_SPELLING = 0.75


class Parser(argparse.ArgumentParser):
    """A parser that complains in one line, whichever command was given."""

    def error(self, message: str) -> NoReturn:
        """Leave the program with exit code 2."""
        Console(sys.stderr).say(f"{PROGRAM}: error: {message} (see {self.prog} --help)")
        self.exit(2)

    def refuse_unknown(self, words: Sequence[str]) -> NoReturn:
        """Leave the program with exit code 2, and name the option that may have been meant."""
        options = [option for action in self._actions for option in action.option_strings]
        names = [word.partition("=")[0] for word in words if word.startswith("-")]
        near = [
            match
            for name in names
            for match in get_close_matches(name, options, 1, _CLOSE_SPELLING)
        ]
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        self.error(f"unrecognized arguments: {' '.join(words)}{hint}")

    def _print_message(self, message: str, _file: Any = None) -> None:
        # The one of argparse loses in silence what cannot be written. All that is printed is help
        # and the version: errors are said above.
        write_out(message)


def make_parser() -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the whole command line, and those of its commands by their names."""
    how: dict[str, Any] = {
        "formatter_class": argparse.RawDescriptionHelpFormatter,
        # An abbreviation in a script would change its meaning with the next option.
        "allow_abbrev": False,
    }
    parser = Parser(
        prog=PROGRAM,
        description=help_text.ABOUT_PROGRAM,
        epilog=help_text.PROGRAM_EXAMPLES,
        **how,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {installed_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    _add_demo(commands.add_parser("demo", help="show a report on a few made-up stores", **how))
    for name, text, add_own, lengths in (
        ("report", "compute the report on your own tables", add_report, help_text.WINDOW_LENGTHS),
        ("history", "compute the report at many instants", add_history, help_text.WINDOW_LENGTHS),
        ("outages", "list when stores were down", add_outages, help_text.LENGTHS),
        ("timeline", "cut open time into up, down and unknown", add_timeline, help_text.SETTLED),
        ("polls", "tell what the polls are worth", add_start, help_text.GAP_RATIO),
    ):
        command = commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            usage=help_text.USAGES[name],
            epilog=f"{help_text.EXAMPLES[name]}\n{lengths}\n{help_text.FOLDER}",
            **how,
        )
        # What a command has no option for, it has the default of.
        command.set_defaults(
            name=name,
            refuse=command.error,
            window=None,
            by=None,
            target=None,
            fail_below=None,
            detail=False,
            uncertainty=False,
            rates=None,
            local=False,
            sum_keys=None,
            timeline=None,
            settled=False,
            append=None,
            html=None,
            title=None,
        )
        add_inputs(command)
        add_output(command)
        add_own(command)
        add_look(command.add_argument_group("rows", help_text.LOOK))
        add_policy(command.add_argument_group("rules"))
    return parser, commands.choices


def _add_demo(parser: Parser) -> None:
    parser.description = "Show the report on a few made-up stores."
    parser.set_defaults(name="demo")
    parser.add_argument(
        "folder",
        nargs="?",
        metavar="FOLDER",
        help="where to write their files, to play with; no file there is replaced",
    )


def policy_of(args: argparse.Namespace) -> Policy:
    """Return the policy that was asked for."""
    given = vars(args)
    rules = {field.name: given[field.name] for field in fields(Policy) if field.name in given}
    return Policy.for_changes(**rules) if args.changes else Policy(**rules)


def needs_detail(args: argparse.Namespace) -> bool:
    """Return whether unknown time has to be told apart from closed time."""
    return bool(args.detail) or args.fail_below is not None or args.html is not None


def windows_of(args: argparse.Namespace) -> Mapping[str, AnyWindow]:
    """Return the windows that were asked for, or refuse them."""
    if not args.window:
        return DEFAULT_WINDOWS
    names = [name for name, _ in args.window]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        args.refuse(f"argument --window: two windows are called {twice[0]!r}")
    windows = dict(args.window)
    try:
        check_windows(windows, detail=needs_detail(args), uncertainty=args.uncertainty)
    except StoreUptimeError as error:
        double = ", ".join(str(value) for value in error.values)
        args.refuse(f"argument --window: two columns would be called {double}; rename a window")
    return windows
