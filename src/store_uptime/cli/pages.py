"""The page of ``--html``: whether it can be made, and which options it leaves without effect."""

from __future__ import annotations

from argparse import Namespace

_CHOOSE_ROWS = ("store", "sort", "top", "by", "detail")


def check_html(args: Namespace) -> None:
    """Refuse what does not go with a page, and what needs one.

    Raises
    ------
    MissingDependencyError
        The packages for a page are not installed.
    OSError
        The page could not be written.
    """
    if args.html is None:
        if args.title is not None:
            args.refuse("argument --title: needs --html")
        return
    if args.timeline is not None:
        args.refuse("argument --html: does not go with --timeline, as no polls are read")
    without_rows = args.output is None and args.fail_below is None
    chosen = [name for name in _CHOOSE_ROWS if getattr(args, name)]
    if without_rows and chosen:
        args.refuse(
            f"argument --{chosen[0]}: chooses rows of a table, which --html alone does not write; "
            "give -o, too"
        )
    # Most runs make no page.
    from store_uptime._html.write import DEFAULT_TARGET, check_page  # noqa: PLC0415

    check_page(args.html, args.title, args.target or DEFAULT_TARGET)
