"""The TIMESTAMP of the claim, on any day, at any hour, under any zone and locale: CLI-06."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.check import CLIENT, HIGH, MEASURED, MEDIUM, MUST, cases, check
from harness.client_moves import challenge_after
from harness.client_surroundings import HERE, Surroundings
from harness.findings import Finding, Inconclusive
from protocol.errors import TimestampError
from protocol.timestamps import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from harness.client import ClientUnderTest
    from harness.client_attempt import Attempt

TrialIn = Callable[[Surroundings], "ClientUnderTest"]

SLACK = timedelta(seconds=2)
"""A claim is signed some time before it arrives, and TIMESTAMP knows whole seconds."""

LATE = timedelta(seconds=2)
"""By so much a challenge comes late: more than the second by which TIMESTAMP, cut to whole ones, can seem early."""

ORDINARY = datetime(2026, 11, 15, 10, 20, 30, tzinfo=UTC)
"""A time in which nothing is special: two digits everywhere, before noon."""

TIMES = ("00:03:09", "12:03:09", "15:04:05", "23:59:58")
MOMENTS = {
    f"2026-11-{day:02} {TIMES[day % 4][:5]}": datetime.fromisoformat(f"2026-11-{day:02}T{TIMES[day % 4]}+00:00")
    for day in (*range(1, 10), 12, 15)
} | {
    "2026-03-01 00:03": datetime.fromisoformat("2026-03-01T00:03:09+00:00"),
    "2028-02-29 12:03": datetime.fromisoformat("2028-02-29T12:03:09+00:00"),
    "2026-12-31 23:59": datetime.fromisoformat("2026-12-31T23:59:50+00:00"),
}  # fmt: skip

PLACES = {
    "Kiritimati, German": Surroundings("Pacific/Kiritimati", "de_DE.UTF-8"),
    "Los Angeles, Arabic": Surroundings("America/Los_Angeles", "ar_EG.UTF-8"),
    "Kolkata, Thai": Surroundings("Asia/Kolkata", "th_TH.UTF-8"),
}


@check(
    "CLI-06",
    level=MUST,
    severity=HIGH,
    clause="Cognito's SRP profile: TIMESTAMP is EEE MMM d HH:mm:ss 'UTC' yyyy, in English",
    evidence=MEASURED,
    subject=CLIENT,
    needs={"client", "client.clock"},
    killed_by={
        "client.timestamp.padded-day": "did not sign in on 2026-11-01",
        "client.timestamp.twelve-hour-clock": "where it was",
        "client.timestamp.hour-24": "did not sign in on 2026-11-",
    },
)
@cases("moment", {name: name for name in MOMENTS})
def test_the_timestamp_is_right_on_any_day(trial_in: TrialIn, moment: str) -> None:
    """Sign-ins succeed on the first nine days of a month, after midnight, after noon, and late in the evening.

    The service takes the time apart, writes it again and verifies the signature over that: the day is not padded,
    hours run from 00 to 23. A client that writes it otherwise signs nobody in on some days, or at some hours.
    """
    when = MOMENTS[moment]
    _judge(trial_in, HERE, when, f"on {moment}")


@check(
    "CLI-06b",
    level=MUST,
    severity=HIGH,
    clause="Cognito's SRP profile: TIMESTAMP is in English and in UTC",
    evidence=MEASURED,
    subject=CLIENT,
    needs={"client", "client.zone"},
    killed_by={
        "client.timestamp.local-zone": "where it was",
        "client.timestamp.locale-names": "did not sign in in Kiritimati, German",
    },
)
@cases("place", {name: name for name in PLACES})
def test_the_timestamp_is_english_and_utc_anywhere(trial_in: TrialIn, place: str) -> None:
    """Sign-ins succeed in other time zones and under other languages, and TIMESTAMP names the time in UTC.

    The client is started under TZ and LC_ALL of that place. One that formats with the locale, or takes local time
    for UTC, works where its author lives.
    """
    _judge(trial_in, PLACES[place], None, f"in {place}")


@check(
    "CLI-06c",
    level=MUST,
    severity=HIGH,
    clause="Cognito's SRP profile: TIMESTAMP is in English and in UTC",
    evidence=MEASURED,
    subject=CLIENT,
    needs={"client", "client.clock", "client.zone"},
    killed_by={
        "client.timestamp.local-zone": "where it was",
        "client.timestamp.locale-names": "did not sign in in Kiritimati, German",
        "client.timestamp.padded-day": "did not sign in in",
    },
)
@cases("place", {name: name for name in PLACES})
def test_the_timestamp_is_right_where_it_is_another_day(trial_in: TrialIn, place: str) -> None:
    """Sign-ins succeed where it is another day, month or year than in UTC.

    At the end of a month in UTC it is the first of the next one east of it; at the beginning, still the last one west
    of it. Every part of TIMESTAMP is UTC's.
    """
    for when in ("2026-12-31T23:59:50+00:00", "2027-01-01T00:03:09+00:00", "2027-03-01T15:04:05+00:00"):
        _judge(trial_in, PLACES[place], datetime.fromisoformat(when), f"in {place}, at {when[:16]} UTC")


@check(
    "CLI-06d",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito's SRP profile: TIMESTAMP is the time of the answer",
    evidence=MEASURED,
    subject=CLIENT,
    needs={"client"},
    killed_by={"client.timestamp.taken-at-the-start": "before its claim arrived"},
)
def test_the_timestamp_is_that_of_the_answer(trial: ClientUnderTest) -> None:
    """TIMESTAMP is taken when the claim is made, not when the sign-in began.

    The challenge comes late here. A client that takes the time at the start sends an old one to a service that is
    slow, or after a user was long in typing a password, and a service that limits its age refuses it.
    """
    with trial.between_honest():
        attempt = trial.attempt(trial.stage.account(), script=challenge_after(LATE.total_seconds()))
        taken = _timestamp(attempt)
        challenged = attempt.requests[0].arrived + LATE
        if taken <= challenged - timedelta(seconds=1):  # TIMESTAMP knows whole seconds
            age = (attempt.claims[0].arrived - taken).total_seconds()
            raise Finding(
                f"the client took its TIMESTAMP before the challenge; it was {age:.0f} s old before its claim arrived"
            )


def _judge(trial_in: TrialIn, place: Surroundings, when: datetime | None, what: str) -> None:
    """Sign in somewhere at some time; None is the present."""
    attempt = _attempt(trial_in, place, when)
    if not attempt.signed_in:
        twin = _attempt(trial_in, HERE, when and ORDINARY)
        if not twin.signed_in:
            raise Inconclusive(f"the honest twin failed after the change: {twin.described()}")
        raise Finding(f"the client did not sign in {what}: {attempt.described()}")
    earliest = when or attempt.began
    latest = earliest + timedelta(seconds=attempt.seconds)
    sent = _timestamp(attempt)
    if not earliest - SLACK <= sent <= latest + SLACK:
        raise Finding(f"the client sent {format_timestamp(sent)} {what}, where it was {format_timestamp(earliest)}")


def _attempt(trial_in: TrialIn, place: Surroundings, when: datetime | None) -> Attempt:
    """One sign-in at the place; its clock set by the driver where it can, by the shim elsewhere."""
    trial = trial_in(place)
    told: dict[str, Any] = {}
    if when is not None and trial.can("clock"):
        told = {"now": f"{when:%Y-%m-%dT%H:%M:%SZ}"}
    elif when is not None:
        trial = trial_in(replace(place, moment=when))
    return trial.attempt(trial.stage.account(), **told)


def _timestamp(attempt: Attempt) -> datetime:
    """The time that the claim names. Raises Finding when it names none, Inconclusive without a claim."""
    claim = attempt.claims[0].claim if attempt.claims else None
    if claim is None:
        raise Inconclusive(f"the client sent no claim: {attempt.described()}")
    try:
        return parse_timestamp(str(claim.get("TIMESTAMP"))).astimezone(UTC)
    except TimestampError as problem:
        raise Finding(f"the client's TIMESTAMP is none: {problem}") from problem
