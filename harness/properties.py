"""Inputs for checks that hold for all of them: edges, tried every time, and generated ones, the same for the same seed.

Hypothesis is imported when the first property runs, for `list` and `explain` import every suite.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Generic, TypeVar

from harness.findings import Finding
from protocol.shapes import WIDTHS
from protocol.timestamps import MONTHS, WEEKDAYS, format_timestamp
from vectors.load import Vector, load_vectors

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Value = TypeVar("Value")

_MOST_FALSIFICATIONS = 30
"""How many times a failure is made simpler; the simplest so far is then good enough."""


@dataclass(frozen=True)
class Domain(Generic[Value]):
    """The values that a property is about.

    Attributes:
        edges: tried in every run, so that no fault that an edge shows depends on luck.
        generated: tried as often as the run says.
    """

    edges: tuple[Value, ...]
    generated: SearchStrategy[Value]


class ForAll:
    """Runs a property over the values of a domain, deterministically.

    Args:
        seed: the same seed gives the same values, whatever ran before.
        examples: how many values are generated.
    """

    def __init__(self, seed: int, examples: int) -> None:
        self._seed = seed
        self._examples = examples

    def __call__(self, domain: Domain[Value], holds: Callable[[Value], None]) -> None:
        """Demand that `holds` raises no AssertionError for any value.

        Raises Finding with the first edge, or the simplest generated value found, for which it does.
        Anything else that it raises goes through.
        """
        for edge in domain.edges:
            try:
                holds(edge)
            except AssertionError as error:
                raise _finding(edge, error) from error
        self._generate(domain.generated, holds)

    def _generate(self, values: SearchStrategy[Value], holds: Callable[[Value], None]) -> None:
        import hypothesis
        from hypothesis import HealthCheck, Phase, Verbosity

        falsified: list[tuple[Value, AssertionError]] = []

        @hypothesis.seed(self._seed)
        @hypothesis.settings(
            max_examples=self._examples,
            database=None,
            deadline=None,
            derandomize=False,
            print_blob=False,
            report_multiple_bugs=False,
            verbosity=Verbosity.quiet,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
        )
        @hypothesis.given(values)
        def property_holds(value: Value) -> None:
            if len(falsified) > _MOST_FALSIFICATIONS and all(value != known for known, _ in falsified):
                return
            try:
                holds(value)
            except AssertionError as error:
                falsified.append((value, error))
                raise

        try:
            with _nothing_taken_from_loaded_code():
                property_holds()
        except AssertionError as error:
            raise _finding(*falsified[-1]) from error


@dataclass(frozen=True)
class SignInInputs:
    """Everything that a sign-in starts from."""

    pool_name: str
    user_id: str
    password: str
    salt: int
    a: int
    b: int


@dataclass(frozen=True)
class ClaimInputs:
    """Everything that a claim signature covers."""

    pool_name: str
    user_id: str
    secret_block: bytes
    timestamp: str


@dataclass(frozen=True)
class MacInputs:
    """What goes into HMAC."""

    hash_name: str
    key: bytes
    data: bytes


@dataclass(frozen=True)
class KeyDerivationInputs:
    """What goes into HKDF."""

    hash_name: str
    salt: bytes
    input_key: bytes
    info: bytes
    length: int


@dataclass(frozen=True)
class Spelling:
    """A text that the timestamp grammar takes, and the moment that it stands for."""

    text: str
    moment: datetime


def sign_ins() -> Domain[SignInInputs]:
    """Sign-ins of every kind: half have an edge in a number, and many one in a name or password.

    The edges are those of one zero byte in front, and an `a` that is longer than N.
    """
    from hypothesis import strategies as st

    vectors = load_vectors("edges")
    every_edge = [_inputs_of(vector) for vector in vectors]
    short = [_inputs_of(vector) for vector in vectors if vector.id.endswith("leading-zero-byte")]
    with_edge_in_public = [_inputs_of(vector).a for vector in vectors if "edge-client-public" in vector.id]
    fresh = st.builds(
        SignInInputs,
        pool_name=_pool_names(),
        user_id=_texts(),
        password=_texts(),
        salt=_salts(),
        a=st.one_of(_numbers(32), st.sampled_from(with_edge_in_public), _numbers(128), _numbers(400)),
        b=_numbers(32),
    )
    return Domain(
        edges=(replace(short[0], a=3**2000), *short),
        generated=st.one_of(fresh, st.sampled_from(every_edge)),
    )


def chosen_by_a_client() -> Domain[tuple[str, int]]:
    """A password that Cognito's default policy takes, and an `a`: what a client brings to a pool that has the rest."""
    from hypothesis import strategies as st

    edges = [_inputs_of(vector).a for vector in load_vectors("edges") if "edge-client-public" in vector.id]
    wide = "пароль-密码-🦦-ß-é"
    return Domain(
        edges=tuple((f"Aa1!{wide}", a) for a in edges),
        generated=st.tuples(
            _joined("aZ0!ßéع漢🦦\u0301", least=0, most=60).map(lambda text: f"Aa1!aaaa{text}"),
            st.one_of(_numbers(32), _numbers(128)),
        ),
    )


def claim_pairs() -> Domain[tuple[ClaimInputs, ClaimInputs]]:
    """What two claim signatures cover."""
    from hypothesis import strategies as st

    claims = st.builds(
        ClaimInputs,
        pool_name=_pool_names(),
        user_id=_texts(),
        secret_block=st.binary(max_size=64),
        timestamp=moments().generated.map(format_timestamp),
    )
    first, *_, last = map(format_timestamp, moments().edges)
    edge = ClaimInputs("EXAMPLE", "marta", b"one", first), ClaimInputs("Other", "paul", b"two", last)
    return Domain(edges=(edge,), generated=st.tuples(claims, claims))


def macs() -> Domain[MacInputs]:
    """Keys and data around the block and the output size of each hash."""
    from hypothesis import strategies as st

    edges = (MacInputs("sha256", bytes(range(size)), b"data") for size in (0, 1, 63, 64, 65, 200))
    generated = st.builds(MacInputs, hash_name=_hash_names(), key=_bytes_around_blocks(), data=_bytes_around_blocks())
    return Domain(tuple(edges), generated)


def key_derivations() -> Domain[KeyDerivationInputs]:
    """HKDF with and without salt and info, for one block and for many."""
    from hypothesis import strategies as st

    edges = (
        KeyDerivationInputs("sha256", salt, b"input key", info, length)
        for salt, info, length in ((b"", b"info", 16), (b"salt", b"", 32), (b"salt", b"info", 33), (b"", b"", 255 * 32))
    )
    generated = st.builds(
        KeyDerivationInputs,
        hash_name=_hash_names(),
        salt=_bytes_around_blocks(),
        input_key=_bytes_around_blocks(),
        info=st.binary(max_size=80),
        length=st.one_of(st.sampled_from([1, 16, 20, 32, 33, 64, 65]), st.integers(1, 300)),
    )
    return Domain(tuple(edges), generated)


def moments() -> Domain[datetime]:
    """Whole seconds in UTC from the year 1 to 9999; half on days 1 to 9, many at midnight, noon or a year's edge.

    The edges are every month, most on days of one digit, and the hours from 0 to 22.
    """
    from hypothesis import strategies as st

    day_seconds = 24 * 3600
    edges_of_the_day = [0, 1, 59, 60, 3599, 3600, 12 * 3600 - 1, 12 * 3600, 13 * 3600, day_seconds - 1]
    generated = st.builds(
        lambda year, month, day, seconds: datetime(year, month, day, tzinfo=UTC) + timedelta(seconds=seconds),
        year=st.one_of(st.integers(1970, 2100), st.sampled_from([1, 999, 1900, 2000, 2024, 9999])),
        month=st.integers(1, 12),
        day=st.one_of(st.integers(1, 9), st.integers(1, 28), st.just(28)),
        seconds=st.one_of(st.sampled_from(edges_of_the_day), st.integers(0, day_seconds - 1)),
    )
    edges = (datetime(2026, month, month, 2 * month - 2, 59, month, tzinfo=UTC) for month in range(1, 13))
    return Domain((*edges, datetime(2028, 2, 29, 12, tzinfo=UTC)), generated)


def zoned_moments() -> Domain[datetime]:
    """The same moments told in any zone, away from the ends of the calendar."""
    from hypothesis import strategies as st

    offsets = st.one_of(st.sampled_from([-12 * 60, -330, -60, 0, 60, 345, 14 * 60]), st.integers(-719, 839))
    inner = moments().generated.filter(lambda moment: 1 < moment.year < datetime.max.year)
    edges = (moment.astimezone(_zone(60 * moment.month)) for moment in moments().edges)
    return Domain(tuple(edges), st.builds(lambda moment, offset: moment.astimezone(_zone(offset)), inner, offsets))


def spellings() -> Domain[Spelling]:
    """Every text that the grammar takes: names in any case, one or two digits for the day, any weekday, UTC or GMT."""
    from hypothesis import strategies as st

    cases: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper, str.swapcase)
    zones = ("UTC", "GMT")
    moment = moments().edges[0]
    edges = (_spelt(moment, "Sun", case, pads, zone) for case in cases for pads in (False, True) for zone in zones)
    generated = st.builds(
        _spelt,
        moments().generated,
        weekday=st.sampled_from(WEEKDAYS),
        case=st.sampled_from(cases),
        pads=st.booleans(),
        zone=st.sampled_from(zones),
    )
    return Domain(tuple(edges), generated)


def near_timestamps(moment: datetime) -> tuple[str, ...]:
    """Texts that come near to a moment's timestamp, or to that of one nearby, and are none."""
    text = format_timestamp(moment)
    first_of_month, may = format_timestamp(moment.replace(day=1)), format_timestamp(moment.replace(month=5))
    midnight, one_o_clock = (format_timestamp(moment.replace(hour=hour)) for hour in (0, 1))
    return (
        "",
        moment.isoformat(),
        text.replace("UTC", "utc"),
        text.replace("UTC", "PST"),
        text.replace("UTC", "+0000"),
        text.replace(" UTC", ""),
        text[:-1],
        f"{text}\n",
        text.partition(" ")[2],
        f"Montag{text[3:]}",
        may.replace(" May ", " Mai "),
        midnight.replace(" 00:", " 24:", 1),
        one_o_clock.replace(" 01:", " 1:", 1),
        one_o_clock.replace(" 01:", " 01 PM:", 1),
        first_of_month.replace(" 1 ", " 0 ", 1),
        first_of_month.replace(" 1 ", "  1 ", 1),
        first_of_month.replace(" 1 ", " 001 ", 1),
        first_of_month.replace(" 1 ", " 32 ", 1),
    )


def described(value: object) -> str:
    """A value as a finding shows it: numbers and bytes in hex, text in ASCII."""
    if isinstance(value, tuple):
        return " and ".join(map(described, value))
    if is_dataclass(value):
        return ", ".join(f"{each.name} {described(getattr(value, each.name))}" for each in fields(value))
    if isinstance(value, bytes):
        return f"{value.hex() or 'empty'} (hex)"
    if isinstance(value, int):
        return f"{value:#x}"
    return ascii(value) if isinstance(value, str) else str(value)


def _finding(value: object, error: AssertionError) -> Finding:
    reason = str(error).partition("\nassert ")[0]  # pytest writes the comparison under it
    return Finding(f"{reason}; found with {described(value)}")


def _inputs_of(vector: Vector) -> SignInInputs:
    return SignInInputs(
        pool_name=vector.inputs.text("pool_name"),
        user_id=vector.inputs.text("user_id"),
        password=vector.inputs.text("password"),
        salt=vector.inputs.number("salt"),
        a=vector.inputs.number("a"),
        b=vector.inputs.number("b"),
    )


def _spelt(moment: datetime, weekday: str, case: Callable[[str], str], pads: bool, zone: str) -> Spelling:
    day = f"{moment.day:02}" if pads else f"{moment.day}"
    names = f"{case(weekday)} {case(MONTHS[moment.month - 1])}"
    return Spelling(f"{names} {day} {moment:%H:%M:%S} {zone} {moment.year:04}", moment)


def _zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


def _pool_names() -> SearchStrategy[str]:
    """What follows the `_` of a user pool id."""
    return _joined("AZaz09kQ", least=1, most=12)


def _texts() -> SearchStrategy[str]:
    """User ids and passwords: any script, blanks, colons, long, empty, composed and decomposed."""
    from hypothesis import strategies as st

    accents = [unicodedata.normalize(form, "Zoë Café") for form in ("NFC", "NFD")]
    edges = ["", " ", "a:b", ":", " leading", "trailing ", "x" * 256, "🦦👩‍🚀", "0", "\0", *accents]
    return st.one_of(st.sampled_from(edges), _joined("aZ0 :!ßéع漢🦦\u0301", least=0, most=20))


def _salts() -> SearchStrategy[int]:
    """Salts of 16 bytes; most have zeros in front or the first bit set."""
    from hypothesis import strategies as st

    width = WIDTHS["salt"]
    heads = [b"", bytes(1), bytes(2), b"\x01", b"\x0f", b"\x7f", b"\x80", b"\xff"]
    return st.builds(
        lambda head, tail: int.from_bytes((head + tail)[:width], "big"),
        st.sampled_from(heads),
        st.binary(min_size=width, max_size=width),
    )


def _numbers(width: int) -> SearchStrategy[int]:
    """Numbers above 0 of up to `width` bytes."""
    from hypothesis import strategies as st

    return st.binary(min_size=width, max_size=width).map(lambda raw: int.from_bytes(raw, "big") or 1)


def _joined(alphabet: str, *, least: int, most: int) -> SearchStrategy[str]:
    """Text over an alphabet. Hypothesis' own text would leave a table of Unicode in the working directory."""
    from hypothesis import strategies as st

    return st.lists(st.sampled_from(alphabet), min_size=least, max_size=most).map("".join)


def _hash_names() -> SearchStrategy[str]:
    from hypothesis import strategies as st

    return st.sampled_from(["sha256", "sha1", "sha512"])


def _bytes_around_blocks() -> SearchStrategy[bytes]:
    from hypothesis import strategies as st

    sizes = st.sampled_from([0, 1, 20, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200])
    return sizes.flatmap(lambda size: st.binary(min_size=size, max_size=size))


@contextmanager
def _nothing_taken_from_loaded_code() -> Iterator[None]:
    """Keeps Hypothesis from trying the constants that it finds in whatever code is loaded.

    With them, what is generated would depend on which modules happen to be imported, not on the seed
    alone, and a cache of them would be left in the working directory. There is no setting for it.
    """
    from unittest.mock import patch

    from hypothesis.internal.conjecture.providers import HypothesisProvider
    from hypothesis.internal.constants_ast import Constants

    with patch.object(HypothesisProvider, "_local_constants", Constants()):
        yield
