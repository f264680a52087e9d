"""SECRET_HASH: demanded of a client with a secret at every step, refused or passed over at others."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from enum import StrEnum

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import InvalidParameter, NotAuthorized
from fakes.pool.moto_directory import AppClient, MotoDirectory
from protocol.claims import secret_hash

IGNORED = declare_fault("pool.secret-hash.ignored", "SECRET_HASH is never looked at")
AT_START_ONLY = declare_fault("pool.secret-hash.checked-at-start-only", "SECRET_HASH is not looked at in answers")
AT_ANSWER_ONLY = declare_fault("pool.secret-hash.checked-at-answer-only", "SECRET_HASH is looked at in answers only")
IGNORED_ON_REFRESH = declare_fault("pool.secret-hash.ignored-on-refresh", "a refresh needs no SECRET_HASH")
IGNORED_WITH_PASSWORD = declare_fault(
    "pool.secret-hash.ignored-in-password-flow", "the password flows need no SECRET_HASH"
)
OVER_THE_ALIAS = declare_fault(
    "pool.secret-hash.taken-over-the-alias", "in an answer a SECRET_HASH over the typed alias is taken too"
)
OF_ANOTHER_CLIENT = declare_fault(
    "pool.secret-hash.of-another-client", "a SECRET_HASH with another client's id or secret is taken too"
)
SURPLUS_ACCEPTED = declare_fault(
    "pool.secret-hash.surplus-accepted", "a client without a secret may send a SECRET_HASH at the start"
)


class Step(StrEnum):
    """Where in a sign-in the hash was sent."""

    START = "start"
    PASSWORD = "password"  # noqa: S105 - the name of a step
    ANSWER = "answer"
    REFRESH = "refresh"
    SELF_SERVICE = "self-service"


_PASSED_OVER_WITHOUT_SECRET = frozenset({Step.ANSWER, Step.REFRESH})


class SecretHashes:
    """Checks SECRET_HASH."""

    def __init__(self, directory: MotoDirectory, faults: FaultSwitches) -> None:
        self._directory = directory
        self._faults = faults

    def demand(self, client: AppClient, sent: str | None, *, username: str, step: Step, alias: str = "") -> None:
        """Raise NotAuthorized for a missing or wrong hash, InvalidParameter for a surplus one (`reported`, `measured`).

        `username` is what the hash must be over: what was typed at the start, the challenge's
        USERNAME in an answer, the user's name at a refresh.
        """
        if client.secret is None:
            if sent and step not in _PASSED_OVER_WITHOUT_SECRET and not self._faults.on(SURPLUS_ACCEPTED):
                raise InvalidParameter(
                    f"App client {client.id} is not configured for secret but secret hash was received"
                )
            return
        if self._passed_over(step):
            return
        if not sent:
            raise NotAuthorized(f"Client {client.id} is configured with secret but SECRET_HASH was not received")
        expected = self._accepted(client, client.secret, username, alias if step is Step.ANSWER else "")
        if not any(hmac.compare_digest(one.encode(), sent.encode()) for one in expected):
            raise NotAuthorized(f"Unable to verify secret hash for client {client.id}")

    def _passed_over(self, step: Step) -> bool:
        faults = self._faults
        return (
            faults.on(IGNORED)
            or (faults.on(AT_START_ONLY) and step is Step.ANSWER)
            or (faults.on(AT_ANSWER_ONLY) and step is not Step.ANSWER)
            or (faults.on(IGNORED_ON_REFRESH) and step is Step.REFRESH)
            or (faults.on(IGNORED_WITH_PASSWORD) and step is Step.PASSWORD)
        )

    def _accepted(self, client: AppClient, secret: str, username: str, alias: str) -> Iterator[str]:
        yield secret_hash(client_secret=secret, username=username, client_id=client.id)
        if self._faults.on(OVER_THE_ALIAS) and alias:
            yield secret_hash(client_secret=secret, username=alias, client_id=client.id)
        if self._faults.on(OF_ANOTHER_CLIENT):
            others = self._directory.clients_of(client.user_pool_id)
            for key in {secret, *(other.secret for other in others if other.secret)}:
                for other in others:
                    yield secret_hash(client_secret=key, username=username, client_id=other.id)
