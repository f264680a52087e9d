"""The live target: a user pool of a team's own, at AWS or at something that behaves like it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fakes.faults import FaultSwitches
from harness.devices import device_abilities
from harness.findings import Finding, Inconclusive, NotApplicable, SetUpRefused, TargetUnreachable
from harness.live.access import Access
from harness.live.arrangement import LiveArrangements, LiveUserPool
from harness.live.description import PoolDescription
from harness.live.door import LiveWire
from harness.live.ledger import Ledger
from harness.live.pace import SharedPace
from harness.passkey_abilities import passkey_abilities
from harness.second_factors import sign_in_abilities
from harness.sign_in import HonestTwin
from harness.token_calls import token_operations_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Mapping

    from fakes.pool.clock import Clock
    from fakes.pool.deliveries import Outbox
    from fakes.pool.signing_keys import SigningKeys
    from harness.arrangement import Names, UserPool
    from harness.live.settings import LiveSettings
    from harness.settings import TargetSettings
    from harness.transcript import Transcript
    from harness.wire import Wire
    from protocol.shapes import Quantity, Shape


_REVIEWS = frozenset({"posture", "posture.functions"})
"""Met by every live pool: a check of this kind finds out itself which document it may read."""


class LiveTarget:
    """A live user pool. What a run makes in it is in its ledger before it is made."""

    kind = "live"

    def __init__(self, settings: TargetSettings, live: LiveSettings, *, run_name: str) -> None:
        self.region = settings.region
        self.faults = FaultSwitches()
        self.access = Access(settings, live)
        self.lacking: dict[str, str] = {}
        self.lambda_config: Mapping[str, Any] | None = None
        self._settings = settings
        self._live = live
        self._run_name = run_name
        self._wire: LiveWire | None = None

    @property
    def endpoint(self) -> str | None:
        """Where Cognito answers."""
        return self.access.endpoint

    def open(self) -> str:
        """Nothing to start."""
        return self.access.endpoint

    def connect(self, transcript: Transcript) -> LiveWire:
        """A wire that signs, keeps under the rate, and lets through only what the configuration allows."""
        self._wire = LiveWire(
            self.access.endpoint,
            transcript=transcript,
            timeout_seconds=self._settings.timeout_seconds,
            sign=self.access.sign,
            pace=SharedPace.of_run(self._run_name, self._live.requests_per_second),
            ledger=Ledger(self._live.ledger, self._run_name),
            user_pool_id=self._live.user_pool_id or "",
            may_make_clients=self._live.make_clients,
            may_make_pools=self._live.make_pools,
        )
        return self._wire

    def arrangements(self, wire: Wire, names: Names) -> LiveArrangements:
        """The configured pool, and what the run may make beside it."""
        if self._wire is None or wire is not self._wire:
            raise Inconclusive("a live pool is reached by its own wire only; connect to the target first")
        return LiveArrangements(self._wire, names, self._run_name, self._live)

    def close(self) -> None:
        """Nothing to stop."""

    def capabilities(self, wire: Wire, names: Names, randomness: random.Random) -> frozenset[str]:
        """What the configuration allows and the pool and the credentials can do, found out by trying."""
        arrangements = self.arrangements(wire, names)
        pool = arrangements.configured
        found = set(_REVIEWS)
        try:
            if pool.description is not None:
                self.lambda_config = pool.description.members.get("LambdaConfig") or {}
            found |= self._tried("permissions", lambda: self._is_described(pool))
            found |= self._signing_in(pool, arrangements, randomness)
        except TargetUnreachable:
            raise
        except Inconclusive as broken:
            raise TargetUnreachable(f"{wire.endpoint} answers, but cannot be set up: {broken}") from broken
        finally:
            arrangements.delete_all()
        if self._settings.capabilities is not None:
            found &= {*self._settings.capabilities, *_REVIEWS}
        return frozenset(found | {"edges"} if self._settings.edge_sign_ins else found)

    def _signing_in(self, pool: UserPool, arrangements: LiveArrangements, randomness: random.Random) -> set[str]:
        """The needs that want somebody to sign in."""
        found: set[str] = set()
        if "configure" in self._tried("configure", lambda: self._makes_pools(arrangements)):
            found.add("configure")
        if "accounts" not in self._tried("accounts", lambda: self._has_accounts(pool)):
            self.lacking["users"] = self.lacking["accounts"]
            return found
        found |= {"accounts", "users"} if self._live.users == "admin" else {"accounts"}
        if self._live.users != "admin":
            self.lacking["users"] = f'live.users is "{self._live.users}"; "admin" lets the run make its own users'
        twins: list[HonestTwin] = []

        def signs_in() -> set[str]:
            twin = HonestTwin(pool, pool.client(), pool.new_user(), randomness=randomness, now=self.now)
            twins.append(twin)
            return _srp_of(twin)

        if "srp" not in self._tried("srp", signs_in):
            return found
        twin = twins[0]
        found |= {"srp"} | self._tried("refresh-operation", lambda: token_operations_of(twin))
        if "users" in found:
            found |= self._tried("user-auth", lambda: set(sign_in_abilities(pool, twin, arrangements)))
        if "configure" in found:
            from harness.webauthn_cases.making import ResponseMaker  # cryptography is heavy, and only a probe needs it

            found |= self._tried("devices", lambda: set(device_abilities(arrangements, twin)))
            found |= self._tried(
                "passkeys", lambda: set(passkey_abilities(arrangements, ResponseMaker("probe", randomness)))
            )
        return found

    def _tried(self, need: str, ability: Callable[[], set[str]]) -> set[str]:
        """What an ability brings; where it is refused, why is kept for the reports, and there is nothing."""
        try:
            return ability()
        except NotApplicable as missing:
            self.lacking[need] = missing.why
        except (SetUpRefused, Finding) as refused:
            self.lacking[need] = str(refused)
        return set()

    def _is_described(self, pool: LiveUserPool) -> set[str]:
        PoolDescription.read(pool.wire, pool.user_pool_id)
        return {"permissions"}

    def _makes_pools(self, arrangements: LiveArrangements) -> set[str]:
        """Make one pool with a client, and have it deleted with the rest of the probe."""
        arrangements.pool(UserPoolTags={"purpose": "probe"}).client()
        return {"configure"}

    def _has_accounts(self, pool: UserPool) -> set[str]:
        pool.new_user()
        return {"accounts"}

    def now(self) -> datetime:
        """This machine's time; `doctor` says when it is far from AWS's."""
        return datetime.now(UTC)

    @property
    def clock(self) -> Clock:
        """Nobody moves AWS's clock."""
        raise Inconclusive("a live pool's clock cannot be moved; a check that moves it must need `clock`")

    @property
    def keys(self) -> SigningKeys:
        """AWS's keys are its own."""
        raise Inconclusive("a live pool's keys cannot be changed; a check that does must need `key-rotation`")

    @property
    def mailbox(self) -> Outbox:
        """The checks that need `mailbox` read every mail that a pool sends, as only a pool in process shows them."""
        raise Inconclusive("a live pool does not show its mails; a check that reads them must need `mailbox`")

    @property
    def phone(self) -> Outbox:
        """As `mailbox`."""
        raise Inconclusive("a live pool does not show its texts; a check that reads them must need `sms`")

    @contextmanager
    def forcing(self, quantity: Quantity, shape: Shape) -> Iterator[bool]:
        """Nothing can be forced from outside."""
        del quantity, shape
        yield False


def _srp_of(twin: HonestTwin) -> set[str]:
    """`srp`, unless the client has it not, or asks for more than the password. Raises Finding then, for the reports.

    A user of the run's own who is refused with the right password is for the checks to judge: were they not applicable,
    a pool that lets nobody in would pass. Raises TargetUnreachable for a given account, which is not tried again.
    """
    outcome = twin.but()
    if outcome.has_tokens:
        return {"srp"}
    if outcome.challenge_name is not None:
        raise Finding(
            f"an honest sign-in goes on with {outcome.challenge_name}; the checks want a client and users that sign in "
            "with the password alone"
        )
    if not twin.user.is_ours:
        raise TargetUnreachable(
            f"the account {twin.user.username} is not let in: {outcome.answer.described()}; look at live.accounts. "
            "It is not tried again, lest it be locked"
        )
    refusal = outcome.refusal
    if (
        refusal is not None
        and outcome.answer.operation == "InitiateAuth"
        and refusal.type == "InvalidParameterException"
    ):
        raise Finding(f"the app client does not sign in with SRP: {outcome.answer.described()}")
    return {"srp"}
