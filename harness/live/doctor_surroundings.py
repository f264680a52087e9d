"""The part of the doctor that looks at what stands around the pool: clients, accounts, triggers, mail, the ledger."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.arrangement import ALL_FLOWS
from harness.configuration_error import ConfigurationError
from harness.findings import Inconclusive, TargetUnreachable
from harness.live.cleanup import clean_ledger
from harness.live.description import ClientDescription
from harness.live.diagnosis import Line
from harness.live.found_triggers import WHY_NEVER, find_live_triggers, functions_in
from harness.live.losses import SIGNING_IN, WITH_A_CLIENT
from harness.live.permission_probes import REFUSED
from harness.live.plan import make_plan, require_affordable
from harness.mailboxes.opening import open_mailbox
from harness.triggers import CREATE, DEFINE, IN_LAMBDA_CONFIG, VERIFY
from reports.vocabulary import ExitCode

if TYPE_CHECKING:
    from harness.live.access import Access
    from harness.live.description import PoolDescription
    from harness.live.losses import Losses
    from harness.live.settings import LiveSettings
    from harness.secret_source import Secret
    from harness.secrets import Redactor
    from harness.settings import Settings
    from harness.wire import Wire

_SIGN_IN_FLOW = "ALLOW_USER_SRP_AUTH"
_MOST_NAMED = 5


def clients(settings: Settings, wire: Wire, losses: Losses) -> Iterator[Line]:
    """A line for each configured app client, and one when nobody could sign in at any. Raises TargetUnreachable."""
    live = settings.live
    read: list[ClientDescription] = []
    for client in live.clients:
        subject = f"client {client.client_id}"
        try:
            secret = _read(client.secret, wire.transcript.redactor) if client.secret else None
            described = _describe(wire, live.user_pool_id or "", client.client_id)
        except TargetUnreachable:
            raise
        except (ConfigurationError, Inconclusive) as problem:
            yield Line(
                "missing",
                subject,
                str(problem),
                "look at live.clients: the id must be one of this pool's app clients, the secret must be readable",
                code=ExitCode.USAGE,
            )
            continue
        wire.transcript.redactor.learn(described.secret)
        yield _of_client(subject, described, secret)
        read.append(replace(described, secret=described.secret or secret))
    if live.users != "none" and (why := _why_none_signs_in(read, live)):
        yield Line(
            "missing",
            "client to sign in at",
            why,
            f"put a client without secret and with {_SIGN_IN_FLOW} first in live.clients, or leave them out and let "
            "the run make its own: live.make_clients = true",
            lost=losses.without_needs(WITH_A_CLIENT),
        )


def _why_none_signs_in(clients: Sequence[ClientDescription], live: LiveSettings) -> str:
    """Why the client that checks are given, when they want no other, signs nobody in; empty when it does."""
    for client in clients:
        if client.fits(with_secret=False, flows=ALL_FLOWS, reveals_unknown_users=None, settings={}):
            lacking = client.lacks("USER_SRP_AUTH")
            return f"{client.client_id}, the first without secret, has not {lacking}" if lacking else ""
    if live.make_clients:
        return ""
    return "none of live.clients signs users in without a secret" if live.clients else "live.clients is empty"


def _describe(wire: Wire, user_pool_id: str, client_id: str) -> ClientDescription:
    """The client, without members where the credentials may not ask. Raises as ClientDescription.read."""
    answer = wire.call("DescribeUserPoolClient", {"UserPoolId": user_pool_id, "ClientId": client_id})
    if answer.error is not None and answer.error.type in REFUSED:
        return ClientDescription(client_id, None, None)
    return ClientDescription.read(wire, user_pool_id, client_id, None)


def _of_client(subject: str, described: ClientDescription, secret: str | None) -> Line:
    if described.members is None:
        return Line("not tried", subject, "its flows are not known without cognito-idp:DescribeUserPoolClient")
    flows = ", ".join(sorted(described.flows or ())) or "no flows"
    if secret is not None and secret != described.secret:
        return Line(
            "missing",
            subject,
            f"{flows}; the secret in live.clients is not its own",
            "put the client's secret where live.clients says, or leave `secret` out: it is read from the pool",
            code=ExitCode.USAGE,
        )
    return Line("ok", subject, f"{flows}; {'with a secret, which is readable' if described.secret else 'no secret'}")


def users(settings: Settings, pool: PoolDescription | None, losses: Losses, redactor: Redactor) -> Iterator[Line]:
    """Whether the run can make its users, or knows the passwords of those that it was given. Nobody is signed in."""
    live = settings.live
    for account in live.accounts:
        try:
            _read(account.password, redactor)
            yield Line("ok", f"account {account.username}", "its password is readable; it was not tried")
        except ConfigurationError as problem:
            yield Line(
                "missing", f"account {account.username}", str(problem), "look at live.accounts", code=ExitCode.USAGE
            )
    if live.users == "admin" and pool is not None and (missing := pool.wanted_beyond(live.attributes)):
        yield Line(
            "missing",
            "attributes",
            f"the pool requires {', '.join(missing)} of each user",
            f"give live.attributes = {{ {', '.join(f'{name} = …' for name in missing)} }}",
            lost=losses.without_needs(SIGNING_IN),
        )
    if live.users == "admin" and pool is not None and pool.members.get("MfaConfiguration") == "ON":
        yield Line(
            "missing",
            "plain sign-in",
            "MfaConfiguration of the pool is ON, and most checks want users who sign in with the password alone",
            "take a pool where it is OPTIONAL or OFF",
            lost=losses.without_needs(WITH_A_CLIENT),
        )


def triggers(settings: Settings, lambda_config: Mapping[str, Any] | None, losses: Losses) -> Iterator[Line]:
    """Whether the functions that the configuration wants judged are those that the pool calls."""
    custom_auth = [IN_LAMBDA_CONFIG[each] for each in (DEFINE, CREATE, VERIFY)]
    if settings.triggers.host != "pool":
        if lambda_config and functions_in(lambda_config) >= {DEFINE, CREATE, VERIFY}:
            told = f"the pool calls {', '.join(custom_auth)}, which are not judged"
            yield Line("not tried", "triggers", told, 'set triggers.host = "pool" to have them judged')
        return
    found, believed = find_live_triggers(settings, lambda_config), find_live_triggers(settings, None)
    if lambda_config is not None and "custom-auth" in found.needs_met:
        yield Line("ok", "triggers", f"LambdaConfig names {', '.join(sorted(functions_in(lambda_config)))}")
    elif lambda_config is None:
        yield Line("not tried", "triggers", "LambdaConfig is not known without cognito-idp:DescribeUserPool")
    reasons: dict[str, set[str]] = {}
    for need, why in found.lacking.items():
        if need not in WHY_NEVER:
            reasons.setdefault(why, set()).add(need)
    for why, needs in reasons.items():
        all_of_them = believed.needs_met - found.needs_met if "custom-auth" in needs else needs
        if lost := losses.without_needs({*all_of_them, *needs}):
            yield Line("missing", "triggers", why, "see [triggers] and [live] of the configuration", lost=lost)


def mailboxes(settings: Settings, access: Access, losses: Losses) -> Iterator[Line]:
    """Whether the mailbox and the phone can be read. Nothing is sent there, and nothing deleted."""
    for name, source in (("mailbox", settings.live.mailbox), ("phone", settings.live.phone)):
        if source is None:
            continue
        try:
            mailbox = open_mailbox(source, access.session if source.kind in ("s3", "sqs") else None)
            try:
                yield Line("ok", name, mailbox.try_out())
            finally:
                mailbox.close()
        except (ConfigurationError, Inconclusive) as problem:
            without = settings.model_copy(update={"live": settings.live.model_copy(update={name: None})})
            needs = find_live_triggers(settings, None).needs_met - find_live_triggers(without, None).needs_met
            yield Line("missing", name, str(problem), f"look at live.{name}", lost=losses.without_needs(needs))


def ledger(settings: Settings) -> Iterator[Line]:
    """Whether the ledger can be written, which is not done; what runs have left in it; and whether the plan is let."""
    path = settings.live.ledger
    if problem := _why_unwritable(path.absolute()):
        yield Line(
            "missing",
            "ledger",
            f"{path}: {problem}; nothing is made without it",
            "set live.ledger to a file in a folder that can be written",
            code=ExitCode.USAGE,
        )
    else:
        yield Line("ok", "ledger", str(path))
    yield from _left_behind(path, settings)
    try:
        require_affordable(make_plan(settings), settings.live)
    except ConfigurationError as refused:
        yield Line("missing", "plan", str(refused), "", code=ExitCode.USAGE)


def _left_behind(path: Path, settings: Settings) -> Iterator[Line]:
    if not path.is_file():
        return
    try:
        found = clean_ledger(path, settings, dry=True)
    except ConfigurationError as problem:
        yield Line("missing", "clean-up", str(problem), "move the file away, or name another in live.ledger")
        return
    for run in found.runs:
        left = [entry.described() for entry in [*run.removed, *(entry for entry, _ in run.left)]]
        if left or (run.passed_over and not run.lives):
            more = f" and {len(left) - _MOST_NAMED} more" if len(left) > _MOST_NAMED else ""
            told = run.passed_over or f"it left {', '.join(left[:_MOST_NAMED])}{more}"
            yield Line("missing", "clean-up", f"run {run.run}: {told}", "`cognito-conformance cleanup` takes it away")


def _why_unwritable(path: Path) -> str:
    """Why the file could not be appended to, or made with its folders; empty when it could. Nothing is made."""
    if path.exists():
        if not path.is_file():
            return "it is no file"
        return "" if os.access(path, os.W_OK) else "it may not be written"
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        return f"{folder} is no folder"
    return "" if os.access(folder, os.W_OK | os.X_OK) else f"nothing may be made in {folder}"


def _read(secret: Secret, redactor: Redactor) -> str:
    """The secret, never to be printed. Raises ConfigurationError."""
    value = secret.read()
    redactor.learn(value)
    return value
