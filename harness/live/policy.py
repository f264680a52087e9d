"""The least IAM policy for a live run: what the selected checks ask for, and what looking, planning and clean-up need.

Which action takes a user pool as its resource, and which takes none, is what AWS's Service Authorization Reference says
of Amazon Cognito user pools. What a user's own client calls (the service model's `authtype` is none) is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from harness.catalogue import all_checks
from harness.live.access import SERVICE, wants_signature
from harness.live.arrangement import TAG
from harness.live.footprints import Footprint, load_footprints
from harness.live.plan import Plan, make_plan
from harness.mailboxes.settings import MailboxSettings
from harness.service_model import service_model

if TYPE_CHECKING:
    from harness.mailboxes.settings import ReadingSettings
    from harness.settings import Settings

_OF_NO_RESOURCE = frozenset({"CreateUserPool", "DescribeUserPoolDomain", "ListUserPools"})
_LOOKS = ("Describe", "Get", "List")
_POSTURE = frozenset(
    {
        "DescribeRiskConfiguration", "DescribeUserPool", "DescribeUserPoolClient", "GetUserPoolMfaConfig",
        "ListUserPoolClients",
    }
)  # fmt: skip
_CLIENTS = frozenset(
    {
        "CreateUserPoolClient",
        "DeleteUserPoolClient",
        "DescribeUserPoolClient",
        "ListUserPoolClients",
        "UpdateUserPoolClient",
    }
)
_OWN_POOLS = frozenset({"DeleteUserPool", "DescribeUserPool"}) | _CLIENTS
_USERS = frozenset({"AdminCreateUser", "AdminDeleteUser", "AdminSetUserPassword"})


_PROBED = {
    "admin-srp": {"AdminInitiateAuth", "AdminRespondToAuthChallenge"},
    "devices": {"AdminListDevices"},
    "device-sign-in": {"AdminListDevices"},
    "passkeys": {"GetUserPoolMfaConfig", "SetUserPoolMfaConfig"},
    "refresh-rotation": {"DescribeUserPoolClient"},
    "totp": {"AdminSetUserMFAPreference", "SetUserPoolMfaConfig"},
    "user-auth": {"SetUserPoolMfaConfig"},
}
"""What finding out whether a pool meets a need, or a part of it, takes beside what the checks ask for."""


def make_policy(settings: Settings, footprints: Mapping[str, Footprint] | None = None) -> dict[str, Any]:
    """The policy document for runs of these settings, as IAM takes it.

    It lets the run administer the configured pool's users and, where `live.make_clients` says so, its app clients;
    never the pool itself. Pools are made with the run's tag only, and administered only where the tag is.
    """
    plan = make_plan(settings, footprints)
    asked = _signed(plan, load_footprints() if footprints is None else footprints)
    live, partition = settings.live, _partition(settings.target.region)
    pools = f"arn:{partition}:{SERVICE}:{settings.target.region}:*:userpool/"
    statements = [
        _statement("ConfiguredPool", _in_configured_pool(settings, plan, asked), pools + str(live.user_pool_id))
    ]
    if live.make_pools:
        statements += [
            _statement("MakePools", ["CreateUserPool"], "*", {f"aws:RequestTag/{TAG}": "false"}),
            _statement("FindPools", ["ListUserPools"], "*"),
            _statement(
                "PoolsOfRuns", (asked | _OWN_POOLS) - _OF_NO_RESOURCE, pools + "*", {f"aws:ResourceTag/{TAG}": "false"}
            ),
        ]
    if _reviews(plan):
        functions = f"arn:{partition}:lambda:{settings.target.region}:*:function:*"
        statements.append(_statement("TriggersAsConfigured", ["GetFunctionConfiguration"], functions, service="lambda"))
    for name, source in (("Mails", live.mailbox), ("Texts", live.phone)):
        if source is not None:
            statements += _reading(name, source, partition)
    return {"Version": "2012-10-17", "Statement": statements}


def _signed(plan: Plan, footprints: Mapping[str, Footprint]) -> frozenset[str]:
    """The operations of the planned checks that want a signature."""
    known = service_model().operation_names
    asked = {operation for id in plan.checks if id in footprints for operation in footprints[id].requests}
    needs = {need.partition(".")[0] for check in all_checks() if check.id in plan.checks for need in check.needs}
    asked |= {operation for need in needs for operation in _PROBED.get(need, ())}
    return frozenset(operation for operation in asked if operation in known and wants_signature(operation))


def _in_configured_pool(settings: Settings, plan: Plan, asked: frozenset[str]) -> frozenset[str]:
    live = settings.live
    wanted = {"DescribeUserPool"} | {operation for operation in asked if operation.startswith(_LOOKS)}
    if live.users == "admin":
        wanted |= _USERS | {operation for operation in asked if operation.startswith("Admin")}
    if live.users != "none" or live.make_clients or live.make_pools:
        wanted.add("ListUsers")
    if live.clients:
        wanted.add("DescribeUserPoolClient")
    if live.make_clients:
        wanted |= _CLIENTS
    if _reviews(plan):
        wanted |= _POSTURE
    return frozenset(wanted - _OF_NO_RESOURCE)


def _reviews(plan: Plan) -> bool:
    """Whether the plan has checks of the pool's settings."""
    return any(id.startswith("POS-") for id in plan.checks)


def _reading(name: str, source: ReadingSettings, partition: str) -> list[dict[str, Any]]:
    """What it takes to read messages out of a bucket or a queue."""
    statements = []
    if source.queue_url is not None:
        address = urlsplit(source.queue_url)
        account, _, queue = address.path.strip("/").partition("/")
        arn = f"arn:{partition}:sqs:{source.region or '*'}:{account}:{queue}"
        actions = ["ReceiveMessage", "ChangeMessageVisibility", *(["DeleteMessage"] if source.delete_read else [])]
        statements.append(_statement(f"{name}Queue", actions, arn, service="sqs"))
    if source.bucket is not None:
        bucket = f"arn:{partition}:s3:::{source.bucket}"
        prefix = source.prefix if isinstance(source, MailboxSettings) else ""
        actions = ["GetObject", *(["DeleteObject"] if source.delete_read else [])]
        statements += [
            _statement(f"{name}List", ["ListBucket"], bucket, service="s3"),
            _statement(f"{name}Read", actions, f"{bucket}/{prefix}*", service="s3"),
        ]
    return statements


def _statement(
    name: str,
    operations: Iterable[str],
    resource: str,
    must_be_there: Mapping[str, str] | None = None,
    *,
    service: str = SERVICE,
) -> dict[str, Any]:
    actions = sorted(f"{service}:{operation}" for operation in operations)
    condition = {"Condition": {"Null": dict(must_be_there)}} if must_be_there else {}
    return {"Sid": name, "Effect": "Allow", "Action": actions, "Resource": resource, **condition}


def _partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
