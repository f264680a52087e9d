"""What a live run is going to ask of its pool, and what that costs, told before anything is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.bench import Probed
from harness.catalogue import all_checks
from harness.configuration_error import ConfigurationError
from harness.live.footprints import Footprint, load_footprints
from harness.needs import CLIENT_NEEDS, NEEDS, RELYING_PARTY_NEEDS, TRIGGER_NEEDS, VERIFIER_NEEDS
from harness.plugin import matches_selection

if TYPE_CHECKING:
    from harness.check import Check
    from harness.live.settings import LiveSettings
    from harness.settings import Settings

_NEVER_LIVE = frozenset({"clock", "key-rotation", "in-process", "mailbox", "sms"})
_IN_POOLS_OF_THEIR_OWN = frozenset({"devices", "device-sign-in", "passkeys"})
_WITHOUT_SIGNING_IN = frozenset(
    {need for need in NEEDS if need.partition(".")[0] == "posture"}
    | CLIENT_NEEDS
    | RELYING_PARTY_NEEDS
    | VERIFIER_NEEDS
    | TRIGGER_NEEDS
)
_MAKES_A_USER = frozenset({"AdminCreateUser", "AdminSetUserPassword", "SignUp"})
_TOUCHES_USERS = _MAKES_A_USER | {"InitiateAuth", "AdminInitiateAuth"}
PRICES = "https://aws.amazon.com/cognito/pricing/"


@dataclass(frozen=True)
class Plan:
    """What a run asks for at most, as far as the configuration tells before anything was tried."""

    selected: int
    checks: list[str]
    """The ids of those whose needs the target may meet."""
    requests: Mapping[str, int]
    """By operation, the making and the deleting among them."""
    users: int
    """Made by the run; each counts as a monthly active user, and so does each given account that signs in."""
    accounts: int
    clients: int
    pools: int
    refused_sign_ins: int
    mails: int
    texts: int
    requests_per_second: float
    unmeasured: list[str]
    """Checks of which nobody knows what they ask for."""

    @property
    def total_requests(self) -> int:
        """All requests together."""
        return sum(self.requests.values())

    @property
    def least_time(self) -> timedelta:
        """What the requests take at the configured rate, if nothing else held them up."""
        return timedelta(seconds=round(self.total_requests / self.requests_per_second))

    @property
    def active_users(self) -> int:
        """Monthly active users, for which Cognito is paid."""
        return self.users + self.accounts


def make_plan(settings: Settings, footprints: Mapping[str, Footprint] | None = None) -> Plan:
    """The plan of a run of these settings. Asks nobody anything but the programs on trial what they can do."""
    measured = load_footprints() if footprints is None else footprints
    live, workers = settings.live, settings.run.workers or 1
    selected = [check for check in all_checks() if _is_selected(check, settings.run.select)]
    met = may_meet(settings)
    chosen = [check.id for check in selected if check.needs <= met]
    if live.users == "none":
        chosen = [id for id in chosen if not _TOUCHES_USERS & measured.get(id, Footprint()).requests.keys()]
    known = [measured[id] for id in chosen if id in measured]
    requests: Counter[str] = Counter()
    for footprint in known:
        requests.update(footprint.requests)
    if live.users != "admin":
        for operation in _MAKES_A_USER:
            del requests[operation]
    users = sum(footprint.users for footprint in known) if live.users == "admin" else 0
    pools = _shared([footprint.pools for footprint in known], workers) if live.make_pools else 0
    in_pool, in_own_pools = (
        _shared([[it for it in footprint.clients if ("/" in it) is own] for footprint in known], workers)
        for own in (False, True)
    )
    clients = (in_pool if live.make_clients else 0) + (in_own_pools if live.make_pools else 0)
    requests.update(
        {
            "CreateUserPool": pools,
            "DeleteUserPool": pools,
            "CreateUserPoolClient": clients,
            "DeleteUserPoolClient": in_pool if live.make_clients else 0,
            "AdminDeleteUser": users,
        }
    )
    return Plan(
        selected=len(selected),
        checks=chosen,
        requests={operation: count for operation, count in requests.most_common() if count},
        users=users,
        accounts=len(live.accounts),
        clients=clients,
        pools=pools,
        refused_sign_ins=sum(footprint.refused_sign_ins for footprint in known) if live.users == "admin" else 0,
        mails=sum(footprint.mails for footprint in known),
        texts=sum(footprint.texts for footprint in known),
        requests_per_second=live.requests_per_second,
        unmeasured=[id for id in chosen if id not in measured],
    )


def may_meet(settings: Settings) -> frozenset[str]:
    """The needs that a live pool may meet under this configuration; what it really does, only the probe shows."""
    live, target = settings.live, settings.target
    pool = frozenset(NEEDS) - _NEVER_LIVE
    if not target.edge_sign_ins:
        pool -= {"edges"}
    if not live.make_pools:
        pool -= {"configure"} | {need for need in NEEDS if need.partition(".")[0] in _IN_POOLS_OF_THEIR_OWN}
    if live.users != "admin":
        pool -= {"users"}
    if live.users == "none":
        pool &= _WITHOUT_SIGNING_IN
    if target.capabilities is not None:
        pool &= {*target.capabilities, *_WITHOUT_SIGNING_IN}
    return frozenset(Probed.of(pool, settings).capabilities)


def require_affordable(plan: Plan, live: LiveSettings) -> None:
    """Raise ConfigurationError for a plan of more users than the configuration allows."""
    if plan.users > live.most_users:
        raise ConfigurationError(
            f"this run may make {plan.users} users, and live.most_users allows {live.most_users}; select less with "
            f"--only, or set live.most_users = {plan.users}"
        )


def render_plan(plan: Plan, settings: Settings, pool_name: str) -> str:
    """The plan for a reader, line by line."""
    live = settings.live
    named = f' "{pool_name}"' if pool_name else ""
    lines = [
        f"a live run at {live.user_pool_id}{named} in {settings.target.region}; at most, and beside its probe:",
        f"  checks              {len(plan.checks)} of {plan.selected}; the others need what this run cannot have",
        f"  requests            {plan.total_requests}, at {plan.requests_per_second:g} a second no less than "
        f"{plan.least_time}",
        *(f"    {count:>8}  {operation}" for operation, count in plan.requests.items()),
        f"  users made          {plan.users}",
        f"  app clients made    {plan.clients}",
        f"  user pools made     {plan.pools}",
        f"  refused sign-ins    {plan.refused_sign_ins}, all of users that the run made",
        f"  mails, texts        {plan.mails}, {plan.texts}",
        f"  active users        {plan.active_users}; what they, mails and texts cost: {PRICES}",
        f"  ledger              {live.ledger}; everything made stands there, and is taken away at the end",
    ]
    if plan.unmeasured:
        lines.append(f"  not counted         {', '.join(plan.unmeasured)}: no footprint is known")
    return "\n".join(lines)


def _is_selected(check: Check, selection: list[str]) -> bool:
    return any(matches_selection(selection, check.id, case) for case in check.cases)


def _shared(wanted: Iterable[Sequence[str]], workers: int) -> int:
    """How many are made, when the checks of one worker share what is alike: one a worker, no more than want it."""
    wanting = Counter(it for each in wanted for it in set(each))
    return sum(min(workers, count) for count in wanting.values())
