"""The tables of docs/accuracy.md of what is simulated for one question each."""

from __future__ import annotations

from accuracy.cells import SHOWN, minutes, percent, signed, write_table
from accuracy.fixed_times import KINDS, judge_polls
from accuracy.lost_polls import (
    LOST_WHILE_DOWN,
    REACHES,
    TROUBLES,
    judge_lost_while_down,
    judge_reaches,
)
from accuracy.one_hour import read_hours

RARE = 0.001  # of fewer hours no share is worth telling


def of_one_hour(stores: int) -> str:
    """A row for each kind of report of one hour, from polls of these rates."""
    lines = [
        [
            f"every {SHOWN[rate]}, outages of {SHOWN[length]}",
            row["said"],
            percent(row["share"], 1),
            percent(row["right"]),
            f"{row['mean']:.1f}",
            f"{row['low']:.0f} to {row['high']:.0f}",
            f"{row['least']:.0f} to {row['most']:.0f}",
        ]
        for rate in ("1h", "15m", "5m")
        for length in ("10m", "1h")
        for row in read_hours(stores, rate, length).iter_rows(named=True)
        if row["share"] >= RARE
    ]
    head = [
        "polls",
        "the report says",
        "of all hours",
        "just right",
        "true uptime, mean",
        "nine of ten lie in",
        "proved, mean",
    ]
    return write_table(head, lines)


def of_fixed_times() -> str:
    lines = []
    for kind in KINDS:
        found = judge_polls(kind)
        cells = [minutes(found[name]) for name in ("fleet", "error")]
        lines.append([kind, *cells, percent(found["proved"]), percent(found["told"])])
    return write_table(
        ["polls", "downtime reported, mean", "error of a store", "proved", "± 2 errors"], lines
    )


def of_lost_polls(stores: int) -> str:
    lines = []
    for rate, length, share in LOST_WHILE_DOWN:
        found = judge_lost_while_down(stores, rate, length, share)
        ratio, gaps = found["ratio"], found["gaps"]
        lines.append(
            [
                f"every {SHOWN[rate]}, outages of {SHOWN[length]}",
                percent(share),
                percent(found["found"]),
                minutes(found["error"]),
                signed(found["bias"]),
                percent(found["proved"]),
                percent(found["told"]),
                f"{ratio:.2f} ({gaps:,})",
            ]
        )
    head = [
        "polls",
        "lost while down",
        "downtime found",
        "error",
        "bias",
        "proved",
        "± 2 errors",
        "gap ratio (gaps)",
    ]
    return write_table(head, lines)


def of_reaches(stores: int) -> str:
    lines = []
    for trouble in TROUBLES:
        found = judge_reaches(stores, trouble)
        cells = [f"{found[name][0]:.1f} ({percent(found[name][1])})" for name in REACHES]
        lines.append([trouble.said, *cells])
    return write_table(["trouble", *REACHES], lines)
