"""A clock that can be moved, for Python programs that know nothing of it.

Installed before the program's own modules are imported, it answers in the place of `time.time`, `time.time_ns`,
`time.gmtime`, `time.localtime`, `time.ctime`, `time.asctime`, `time.strftime`, `datetime.now`, `.utcnow`, `.today` and
`date.today`. Clocks that measure durations (`time.monotonic`, `time.perf_counter`, `time.sleep`) go on, and so
time-outs do. Compiled code that asks the system itself (certificates' validity, SQLite) and child processes
are not moved.
"""

from __future__ import annotations

import datetime as _datetime
import time as _time
from typing import Any

_real_datetime = _datetime.datetime
_real_time, _real_time_ns = _time.time, _time.time_ns
_NS = 1_000_000_000

_standing_ns: int | None = None


def stand_at(moment: str | None) -> None:
    """Let the clock stand at an RFC 3339 moment; None lets it follow real time."""
    global _standing_ns  # noqa: PLW0603 - the process has one clock
    if moment is None:
        _standing_ns = None
        return
    since = _real_datetime.fromisoformat(moment.replace("Z", "+00:00")) - _real_datetime(
        1970, 1, 1, tzinfo=_datetime.UTC
    )
    _standing_ns = (since.days * 86_400 + since.seconds) * _NS + since.microseconds * 1_000


def _now() -> float:
    return _real_time() if _standing_ns is None else _standing_ns / _NS


def _now_ns() -> int:
    return _real_time_ns() if _standing_ns is None else _standing_ns


class _TakesTheRealOnes(type):
    """Values that compiled code made are of the real class: they count as this one's."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.__mro__[1]) if cls in (date, datetime) else super().__instancecheck__(value)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, cls.__mro__[1]) if cls in (date, datetime) else super().__subclasscheck__(other)


class date(_datetime.date, metaclass=_TakesTheRealOnes):  # noqa: N801 - takes the place of datetime.date
    """datetime.date by the movable clock."""

    @classmethod
    def today(cls) -> Any:
        """The local date."""
        return cls.fromtimestamp(_now())


class datetime(_datetime.datetime, metaclass=_TakesTheRealOnes):  # noqa: N801 - takes the place of datetime.datetime
    """datetime.datetime by the movable clock."""

    @classmethod
    def now(cls, tz: _datetime.tzinfo | None = None) -> Any:
        """The time in a zone, or the naive local time."""
        return cls.fromtimestamp(_now(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        """The naive time in UTC."""
        return cls.fromtimestamp(_now(), _datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        """The naive local time."""
        return cls.fromtimestamp(_now())


def _by_the_clock(broken_down: Any) -> Any:
    """gmtime, localtime or ctime, which take seconds and without any ask the system."""

    def replaced(seconds: float | None = None) -> Any:
        return broken_down(_now() if seconds is None else seconds)

    return replaced


def install() -> None:
    """Put the movable clock in the place of the real one. What has imported a name already keeps the real one."""
    gmtime, localtime, ctime = _by_the_clock(_time.gmtime), _by_the_clock(_time.localtime), _by_the_clock(_time.ctime)
    asctime, strftime = _time.asctime, _time.strftime
    replaced: dict[str, Any] = {
        "time": _now,
        "time_ns": _now_ns,
        "gmtime": gmtime,
        "localtime": localtime,
        "ctime": ctime,
        "asctime": lambda broken_down=None: asctime(localtime() if broken_down is None else broken_down),
        "strftime": lambda how, broken_down=None: strftime(how, localtime() if broken_down is None else broken_down),
    }
    for name, function in replaced.items():
        setattr(_time, name, function)
    for name, of_the_clock in {"date": date, "datetime": datetime}.items():
        of_the_clock.__module__, of_the_clock.__qualname__ = "datetime", name
        setattr(_datetime, name, of_the_clock)
