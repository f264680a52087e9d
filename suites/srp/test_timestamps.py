"""TIMESTAMP at the pool: SRP-14, and what nobody has measured: SRP-15."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from harness.check import HIGH, INFO, MEASURED, MUST, NONE, POOL, UNKNOWN, cases, check
from harness.sign_in import PasswordVerifier, between_honest
from protocol.timestamps import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.fixtures import Observe
    from harness.sign_in import HonestTwin, Outcome
    from harness.targets import Target

DAY = datetime(2026, 3, 1, 15, 4, 5, tzinfo=UTC)

PARSED_AND_THEN_REFUSED = ("NotAuthorizedException",)
UNPARSABLE = ("InvalidParameterException",)

MOMENTS = {f"day {day}": DAY.replace(day=day) for day in range(1, 32)} | {
    "midnight": DAY.replace(hour=0, minute=0, second=0),
    "three past midnight": DAY.replace(hour=0, minute=3),
    "noon": DAY.replace(hour=12, minute=0, second=0),
    "last second of the day": DAY.replace(hour=23, minute=59, second=59),
    "29 February": datetime(2028, 2, 29, 9, 8, 7, tzinfo=UTC),
    "31 December": datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
}

OTHER_TEXTS: dict[str, tuple[Callable[[datetime], str], tuple[str, ...]]] = {
    "zero-padded day": (
        lambda moment: f"{moment:%a %b} {moment.day:02d} {moment:%H:%M:%S} UTC {moment.year}",
        PARSED_AND_THEN_REFUSED,
    ),
    "wrong weekday": (
        lambda moment: (moment + timedelta(days=1)).strftime("%a") + format_timestamp(moment)[3:],
        PARSED_AND_THEN_REFUSED,
    ),
    "ISO 8601": (lambda moment: moment.isoformat(), UNPARSABLE),
    "German names": (lambda moment: f"So Mär {moment.day} {moment:%H:%M:%S} UTC {moment.year}", UNPARSABLE),
    "12-hour clock": (
        lambda moment: f"{moment:%a %b} {moment.day} {moment:%I:%M:%S %p} UTC {moment.year}",
        UNPARSABLE,
    ),
    "lower-case utc": (lambda moment: format_timestamp(moment).replace("UTC", "utc"), UNPARSABLE),
    "offset": (lambda moment: format_timestamp(moment).replace("UTC", "+0000"), UNPARSABLE),
    "seconds since 1970": (lambda moment: str(int(moment.timestamp())), UNPARSABLE),
    "empty": (lambda moment: "", UNPARSABLE),
}

A_DAY_WITH_ONE_DIGIT = DAY.replace(day=8)


@check(
    "SRP-14",
    level=MUST,
    severity=HIGH,
    clause="Cognito SRP profile, TIMESTAMP `EEE MMM d HH:mm:ss z yyyy`",
    evidence=MEASURED,
    subject=POOL,
    needs={"srp", "users", "clock"},
    killed_by={
        "pool.srp.takes-any-timestamp-text": "tokens were issued for a timestamp",
        "pool.srp.refuses-single-digit-days": "did not sign in",
        "pool.srp.refuses-midnight": "did not sign in",
    },
)
@cases("moment", {**MOMENTS, **{name: name for name in OTHER_TEXTS}})
def test_the_grammar_of_the_timestamp(
    sign_in: HonestTwin, set_clock: Callable[[datetime], None], moment: datetime | str
) -> None:
    """Every moment in the documented form signs in, and no other form does.

    The form is `Thu Mar 5 09:08:07 UTC 2026`: English names, the day without a zero, 24 hours, UTC.
    What does not parse is an InvalidParameterException; a padded day or a wrong weekday parses, and
    then the proof over the canonical form fails.
    """
    if isinstance(moment, datetime):
        set_clock(moment)
        sign_in.but(moment=moment).must_yield_tokens(f"the timestamp {format_timestamp(moment)!r}")
        return
    set_clock(A_DAY_WITH_ONE_DIGIT)
    write, expected = OTHER_TEXTS[moment]
    text = write(A_DAY_WITH_ONE_DIGIT)
    with between_honest(sign_in.but):
        outcome = sign_in.but(timestamp=text, signed_timestamp=text)
        outcome.must_be_refused(f"a timestamp with {moment} ({text!r})", with_error=expected)


SKEWS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1), timedelta(days=1))


@check(
    "SRP-15",
    level=INFO,
    severity=NONE,
    clause="not documented",
    evidence=UNKNOWN,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.srp.refuses-a-minute-of-skew": "1 minute behind: refused",
        "pool.srp.refuses-replay": "the same answer again: refused",
        "pool.srp.challenge-never-expires": "16 minutes old: accepted",
    },
)
def test_what_the_pool_does_with_time(honest: HonestTwin, target: Target, observe: Observe) -> None:
    """How far TIMESTAMP may be off, whether an answer may be replayed, how long a challenge lives.

    Nobody has published a measurement of AWS, so nothing is required. What the target does is
    recorded; a report from a real pool can become evidence.
    """
    for skew in SKEWS:
        for word, moment in (("behind", honest.now() - skew), ("ahead", honest.now() + skew)):
            observe(f"TIMESTAMP {_spoken(skew)} {word}", _ended(honest.but(moment=moment)))
    attempt = honest.sign_in()
    challenge = PasswordVerifier.read(attempt.start())
    attempt.answer(challenge).must_yield_tokens("the first answer")
    observe("the same answer again", _ended(attempt.answer(challenge)))
    if target.kind != "embedded":
        observe("lifetime of a challenge", "not recorded: the target's clock cannot be moved")
        return
    for age in (timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=16)):
        attempt = honest.sign_in()
        challenge = PasswordVerifier.read(attempt.start())
        target.clock.advance(age)
        observe(f"a challenge {_spoken(age)} old", _ended(attempt.answer(challenge)))
        target.clock.follow_real_time()


def _ended(outcome: Outcome) -> str:
    return "accepted" if outcome.has_tokens else f"refused ({outcome.answer.described()})"


def _spoken(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    value, unit = (
        (minutes // 1440, "day")
        if minutes >= 1440
        else (minutes // 60, "hour")
        if minutes >= 60
        else (minutes, "minute")
    )
    return f"{value} {unit}{'' if value == 1 else 's'}"
