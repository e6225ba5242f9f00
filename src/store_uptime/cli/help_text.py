"""What ``--help`` says beside the options."""

from __future__ import annotations

from store_uptime._tables.contract import TABLES

ABOUT_PROGRAM = (
    "Uptime and downtime of stores from periodic polls, local opening hours and time zones."
)
PROGRAM_EXAMPLES = """\
examples:
  store-uptime demo                       a report on a few made-up stores
  store-uptime demo play                  and their files, to play with
  store-uptime report play                uptime and downtime of each store
  store-uptime report play -o report.csv
  store-uptime outages play --local       when each store was down
  store-uptime report --help              all options of a command

exit codes: 0 all went well; 1 unusable data or files, or output that could not
be written; 2 arguments that make no sense; 3 an availability below --fail-below.
"""
USAGES = {
    "report": "%(prog)s [FOLDER] [OPTIONS]",
    "history": "%(prog)s [FOLDER] --every LENGTH --reports N [OPTIONS]",
    "outages": "%(prog)s [FOLDER] [OPTIONS]",
    "timeline": "%(prog)s [FOLDER] [OPTIONS]",
    "polls": "%(prog)s [FOLDER] [OPTIONS]",
}
EXAMPLES = {
    "report": """\
examples:
  store-uptime report data -o report.csv
  store-uptime report data --html report.html --title "Week 4"
  store-uptime report data --now now --window today=day-0 --window month=1mo
  store-uptime report data --detail --sort availability_last_week --top 10
  store-uptime report data --by regions.csv --target 0.995
  store-uptime report data --uncertainty --sort uptime_error_last_week
  store-uptime report data --quiet --window day=1d --fail-below 0.99
  store-uptime report --status 'polls/2024-*.csv' --no-hours --no-timezones
  store-uptime report postgresql://user@host/database --status monitor.polls
  store-uptime report --timeline kept --window year=365d:hours --detail
""",
    "history": """\
examples:
  store-uptime history data --every 1d --reports 90 -o history.csv
  store-uptime history data --every 1mo --reports 12 --window month=1mo
  store-uptime history data --every 1d --reports 30 --target 0.99
  store-uptime history --timeline kept --every 1d --reports 90 --window day=1d
""",
    "outages": """\
examples:
  store-uptime outages data --ongoing --now now
  store-uptime outages data --store 7 --local
  store-uptime outages data --sort downtime --top 10
  store-uptime outages data --per-store --sort outages --top 10
  store-uptime outages data --by regions.csv
  store-uptime outages --timeline kept --start 2023-01-01T00:00:00Z --total
""",
    "timeline": """\
examples:
  store-uptime timeline data --start 2023-01-24T00:00:00Z -o timeline.csv
  store-uptime timeline data --store 7 --local
  store-uptime timeline data --settled -o settled.parquet
  store-uptime timeline data --settled --append kept --now now
""",
    "polls": """\
examples:
  store-uptime polls data --sort longest_gap --top 10
  store-uptime polls data --sort gaps_after_inactive --top 10
  store-uptime polls data --start 2023-01-01T00:00:00Z -o polls.csv
""",
}
LENGTHS = """\
LENGTH is one or more numbers with w, d, h, m, s, ms or us behind them (weeks,
days, hours, minutes, ...), such as 90m, 2h30m or 7d.
"""
SETTLED = f"""\
A --settled timeline may be kept for ever, and its polls may go. Run once a day,
--append makes a folder of such files, named by their spans; report, history and
outages read it by --timeline. Where polls arrive late, set --now back by the
longest delay.

{LENGTHS}"""
GAP_RATIO = f"""\
A gap is the open time from one poll to the next. The gap ratio is the mean gap
after an inactive poll, divided by the mean gap after an active one. If polls do
not depend on the state of a store, that of the whole fleet is near 1 (0.97 to
1.02, more or less with few gaps). If it is 1.2 or more, polls are lost while
stores are down, and downtime is longer than reported. One store's ratio says
little: it scatters from 0.7 to 1.4.

A terminal shows a few of the columns, and the one sorted by; a file has all.

{LENGTHS}"""
WINDOW_LENGTHS = f"""\
{LENGTHS}
That of a window may have mo, q and y too (months, quarters, years), such as
1mo. Or it is a period of the calendar in each store's own zone, day, week,
month, quarter or year: month-0 is the running one, month-1 the last full one,
month-2 the one before. A week begins on Monday, or as in week-1@sunday; a year
and its quarters in January, or as in year-1@april, quarter-0@apr or year-1@4.
UNIT is seconds, minutes, hours (if left out) or days.
"""
_USUAL_FILES = {"status": "store_status", "hours": "menu_hours"}
FOLDER = "\n".join(
    [
        "FOLDER holds these tables as .csv files (or .csv.gz, .csv.zst), or as .parquet",
        "files; only the first three are needed:",
        *(
            f"  {_USUAL_FILES.get(name, name):<18}"
            f"{', '.join(column.name for column in table.columns if not column.optional)}"
            for name, table in TABLES.items()
        ),
        "In the others, an empty store_id means every store, special hours without times",
        "mean closed all day, and maintenance without a start or an end is without limit.",
        "Rows of weekly hours may have valid_from and valid_until, local dates. Or it is",
        "the URI of a database, such as postgresql://user@host/database or",
        "sqlite:///polls.db.",
    ]
)
LOOK = """\
--store, --sort and --top, in this order, choose the rows that are shown and
written alike. The worst come first: the lowest availability and uptime, the
most downtime and unknown time. COLUMN:asc and COLUMN:desc say which end.
"""
