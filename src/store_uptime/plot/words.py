"""What stands in charts as text: numbers and lengths that people read, and names as they came."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from store_uptime._time.instants import from_microseconds
from store_uptime._time.units import UNIT_MICROSECONDS

_MANY_HOURS = 100
# What no SVG may hold, what breaks lines, and what turns the text around it: U+FFFE and U+FFFF,
# control characters, separators of lines and paragraphs, directional overrides and isolates.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_ENDS_SCRIPT = re.compile("<(?=/script|!--)", re.IGNORECASE)


def spoken(length: int) -> str:
    """Return microseconds in words, such as ``3 h 05 min``; from 100 hours on in whole minutes.

    Examples
    --------
    >>> spoken(4_985_000_000), spoken(10_800_000_000), spoken(1_500_000), spoken(0)
    ('1 h 23 min 05 s', '3 h', '1.5 s', '0 s')
    """
    second, minute, hour = (UNIT_MICROSECONDS[unit] for unit in ("seconds", "minutes", "hours"))
    if length >= _MANY_HOURS * hour:
        length -= length % minute
    hours, rest = divmod(length, hour)
    minutes, rest = divmod(rest, minute)
    parts = [f"{hours:,} h"] if hours else []
    if minutes or (hours and rest):
        parts.append(f"{minutes:02} min" if parts else f"{minutes} min")
    if rest:
        digits = f"{rest / second:0{9 if parts else 0}.6f}"
        parts.append(f"{digits.rstrip('0').rstrip('.')} s")
    return " ".join(parts) or "0 s"


def percent_up(up: int, known: int) -> str:
    """Return an availability in percent, rounded down: 100 only if there is no downtime at all.

    Examples
    --------
    >>> percent_up(999_999, 1_000_000), percent_up(1, 1), percent_up(1, 10**9), percent_up(0, 5)
    ('99.99 %', '100 %', '<0.01 %', '0 %')
    """
    if up in (0, known):
        return "100 %" if up else "0 %"
    hundredths = up * 10_000 // known
    return f"{hundredths // 100}.{hundredths % 100:02} %" if hundredths else "<0.01 %"


def percent_down(down: int, known: int) -> str:
    """Return a share that is down, in percent without the sign.

    It is 0 only without any downtime, and 100 only without any uptime.

    Examples
    --------
    >>> percent_down(0, 9), percent_down(1, 10**6), percent_down(123, 10**4), percent_down(1, 3)
    ('0', '<0.1', '1.2', '33')
    >>> percent_down(999, 1000), percent_down(2, 2)
    ('99', '100')
    """
    if down in (0, known):
        return "100" if down else "0"
    tenths = round_half_up(down * 1000, known)
    if tenths >= 100:  # noqa: PLR2004  # ten percent
        return str(min(round_half_up(down * 100, known), 99))
    return f"{tenths // 10}.{tenths % 10}" if tenths else "<0.1"


def round_half_up(dividend: int, divisor: int) -> int:
    """Return the whole number nearest to a ratio of whole numbers."""
    return (2 * dividend + divisor) // (2 * divisor)


def plain_share(share: Fraction) -> str:
    """Return a share that has an end in decimals, such as a target, in percent.

    Examples
    --------
    >>> plain_share(Fraction("0.99")), plain_share(Fraction("0.9995")), plain_share(Fraction(1))
    ('99 %', '99.95 %', '100 %')
    """
    percent = Decimal(100 * share.numerator) / share.denominator
    return f"{percent.normalize():f} %"


def plain_name(text: str) -> str:
    r"""Return a name as text: control characters are written out, an empty one is two quotes.

    Examples
    --------
    >>> print(plain_name("a\nb"), plain_name(""), plain_name("<b>"))
    a\u000ab "" <b>
    """
    return _UNSHOWN.sub(lambda match: f"\\u{ord(match[0]):04x}", text) or '""'


def shown_name(text: str) -> str:
    r"""Return a name as text that is safe in the data of a chart.

    Altair writes data into a script of a page as it is, where ``</script`` would end the script and
    whatever follows would be part of the page. So behind such a ``<`` there is a sign that cannot
    be seen, U+2060.

    Examples
    --------
    >>> print(shown_name("a\nb"), shown_name("<b>"))
    a\u000ab <b>
    >>> ascii(shown_name("</script>"))
    "'<\\u2060/script>'"
    """
    return _ENDS_SCRIPT.sub("<\u2060", plain_name(text))


def utc_minute(instant: int) -> str:
    """Return an instant in UTC, to the minute in which it lies.

    Examples
    --------
    >>> utc_minute(1_674_496_470_250_000)
    '2023-01-23 17:54 UTC'
    """
    return f"{from_microseconds(instant).isoformat(' ')[:16]} UTC"
