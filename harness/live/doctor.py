"""The doctor: looks whether everything is there that a live run needs. It makes nothing, and changes nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from harness.configuration_error import ConfigurationError
from harness.findings import Inconclusive, TargetUnreachable
from harness.live import doctor_surroundings
from harness.live.access import Access
from harness.live.description import PoolDescription, demand_entry, without_request
from harness.live.diagnosis import Diagnosis, Line
from harness.live.doctor_permissions import permissions
from harness.live.guard import guard, makes_something
from harness.live.losses import SIGNING_IN, Losses
from harness.live.pace import SharedPace
from harness.live.permission_probes import REFUSED
from harness.live.plain_wire import plain_wire
from reports.vocabulary import ExitCode

if TYPE_CHECKING:
    from harness.secrets import Redactor
    from harness.settings import Settings
    from harness.wire import Answer, Wire

FARTHEST_APART = timedelta(seconds=60)
"""How far this machine's clock and the service's may be apart: a timestamp of SRP, or a signature, is then refused."""


def examine(settings: Settings) -> Diagnosis:
    """Look at everything that a run of these settings needs.

    Raises ConfigurationError when it cannot even be said what a run would do.
    """
    losses = Losses(settings)
    if not losses.selected:
        raise ConfigurationError(f"no check is selected by {', '.join(settings.run.select)}; see `list`")
    name = f"doctor-{secrets.token_hex(4)}"
    wire = plain_wire(settings.target, settings.live, name)
    try:
        doctor = _Doctor(settings, wire, losses)
        lines = [*doctor.at_the_pool(), *doctor.around_it()]
        redactor = wire.transcript.redactor
    finally:
        wire.close()
        SharedPace.of_run(name, settings.live.requests_per_second).remove()
    return Diagnosis(
        settings.live.user_pool_id or "",
        settings.target.region,
        checks=len(losses.checks),
        selected=losses.selected,
        lines=tuple(_without_secrets(line, redactor) for line in lines),
        would_add=losses.would_add(),
    )


class _Doctor:
    def __init__(self, settings: Settings, wire: Wire, losses: Losses) -> None:
        self._settings, self._live = settings, settings.live
        self._wire, self._losses = wire, losses
        self._access = Access(settings.target, settings.live)
        self._caller = ""
        self._pool: PoolDescription | None = None

    def at_the_pool(self) -> Iterator[Line]:
        """Everything that wants the endpoint; ends at what nothing can be said behind."""
        try:
            yield from self._endpoint()
            yield from self._credentials()
            answer = self._wire.call("DescribeUserPool", {"UserPoolId": self._live.user_pool_id or ""})
            yield (told := self._described(answer))
            if told.code != ExitCode.CLEAN:
                return
            yield self._guarded()
            yield from permissions(self._settings, self._wire, self._access, self._caller, self._losses)
            yield from doctor_surroundings.clients(self._settings, self._wire, self._losses)
        except Inconclusive as unreachable:
            yield Line(
                "missing",
                "access",
                str(unreachable),
                "nothing behind it was tried: the pool, the permissions, the app clients",
                lost=self._losses.checks,
                code=ExitCode.INCONCLUSIVE,
            )

    def around_it(self) -> Iterator[Line]:
        """What can be looked at whether or not the pool was reached."""
        redactor = self._wire.transcript.redactor
        lambda_config: Mapping[str, Any] | None = None
        if self._pool is not None:
            lambda_config = self._pool.members.get("LambdaConfig") or {}
        yield from doctor_surroundings.users(self._settings, self._pool, self._losses, redactor)
        yield from doctor_surroundings.triggers(self._settings, lambda_config, self._losses)
        yield from doctor_surroundings.mailboxes(self._settings, self._access, self._losses)
        yield from doctor_surroundings.ledger(self._settings)

    def _endpoint(self) -> Iterator[Line]:
        """One unsigned request for a public document; its Date tells the service's time."""
        sent = datetime.now(UTC)
        answer = self._wire.get(f"/{self._live.user_pool_id}/.well-known/jwks.json")
        yield Line("ok", "endpoint", f"{self._wire.endpoint} answers in {answer.seconds * 1000:.0f} ms")
        yield self._clock(answer, sent + timedelta(seconds=answer.seconds / 2))

    def _clock(self, answer: Answer, here: datetime) -> Line:
        there = _date_of(answer)
        if there is None:
            return Line("not tried", "clock", "the endpoint does not tell its time (Date)")
        apart = here - there  # a Date has no fractions: up to a second of this is its own
        told = f"{abs(apart).total_seconds():.0f} s {'ahead of' if apart > timedelta() else 'behind'} the service's"
        if abs(apart) <= FARTHEST_APART:
            return Line("ok", "clock", told)
        return Line(
            "missing",
            "clock",
            f"this machine's clock is {told}; timestamps of SRP and signatures are then refused",
            "set this machine's clock (NTP)",
            lost=self._losses.without_needs(SIGNING_IN),
        )

    def _credentials(self) -> Iterator[Line]:
        """Whose they are. Raises TargetUnreachable when there are none."""
        self._access.sign("DescribeUserPool", f"{self._wire.endpoint}/", {}, b"")
        self._learn_credentials()
        try:
            self._caller = self._access.caller()
        except TargetUnreachable as refused:
            yield Line("not tried", "credentials", f"whose they are: {refused}")
        else:
            yield Line("ok", "credentials", f"{self._caller}, account {self._caller.split(':')[4]}")

    def _learn_credentials(self) -> None:
        credentials = self._access.session.get_credentials()
        if credentials is not None:
            frozen = credentials.get_frozen_credentials()
            self._wire.transcript.redactor.learn(frozen.access_key, frozen.secret_key, frozen.token)

    def _described(self, answer: Answer) -> Line:
        """The pool. Raises TargetUnreachable for credentials that open nothing, and for what is no answer."""
        pool_id, region = self._live.user_pool_id or "", self._settings.target.region
        error = answer.error
        if error is not None and error.type == "ResourceNotFoundException":
            elsewhere = pool_id.rpartition("_")[0]
            hint = f"; by its id it is in {elsewhere}" if elsewhere != region else ""
            return Line(
                "missing",
                "pool",
                f"there is no pool {pool_id} in {region} for these credentials{hint}",
                "look at live.user_pool_id, target.region and whose the credentials are",
                lost=self._losses.checks,
                code=ExitCode.USAGE,
            )
        demand_entry(error, pool_id)
        if error is not None and error.type in REFUSED:
            return Line("not tried", "pool", "what it is like is not known without cognito-idp:DescribeUserPool")
        found = (answer.json or {}).get("UserPool") if answer.succeeded else None
        if not isinstance(found, dict):
            raise TargetUnreachable(f"DescribeUserPool was answered by {answer.described()}")
        self._pool = PoolDescription(found)
        users = int(found.get("EstimatedNumberOfUsers") or 0)
        return Line("ok", "pool", f'"{self._pool.name}", with {users} users or so')

    def _guarded(self) -> Line:
        try:
            guard(self._wire, self._live)
        except ConfigurationError as refused:
            return Line("missing", "guard", str(refused), code=ExitCode.USAGE, lost=self._losses.checks)
        except TargetUnreachable:
            raise
        except Inconclusive as problem:
            return Line("not tried", "guard", str(problem))
        if not makes_something(self._live):
            return Line("ok", "guard", "a run only reads")
        if self._live.production is not None:
            return Line("ok", "guard", f'live.production names the pool, "{self._live.production}"')
        return Line("ok", "guard", "the pool does not look like production")


def _date_of(answer: Answer) -> datetime | None:
    try:
        there = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return there if there.tzinfo is not None else there.replace(tzinfo=UTC)


def _without_secrets(line: Line, redactor: Redactor) -> Line:
    return replace(
        line,
        subject=redactor.text(line.subject),
        detail=_in_one_line(redactor.text(line.detail)),
        remedy=_in_one_line(redactor.text(line.remedy)),
    )


def _in_one_line(text: str) -> str:
    shown = without_request(text)
    return " ".join("".join(character if character.isprintable() else " " for character in shown).split())
