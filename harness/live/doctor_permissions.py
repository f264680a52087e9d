"""The part of the doctor that looks at permissions: each action of the least policy, tried and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.findings import Inconclusive, NotApplicable
from harness.live.access import SERVICE
from harness.live.arrangement import TAG
from harness.live.diagnosis import Line
from harness.live.permission_probes import PermissionProbes, Tried
from harness.live.policy import make_policy
from harness.live.simulation import simulated
from harness.posture import PoolPosture
from harness.posture_reading import PostureReader
from reports.vocabulary import ExitCode

if TYPE_CHECKING:
    from harness.live.access import Access
    from harness.live.losses import Losses
    from harness.settings import Settings
    from harness.wire import Wire

_CLEANS_UP = frozenset({"AdminDeleteUser", "DeleteUserPool", "DeleteUserPoolClient"})
_OF_OWN_POOLS = "it is for pools that the run makes, and there is none to try it at"
_ASK_IAM = "allow it, and iam:GetRole for credentials of a role, to have IAM itself say what no harmless request shows"
_TAGS = {f"aws:RequestTag/{TAG}": "doctor", f"aws:ResourceTag/{TAG}": "doctor"}
_READS_FUNCTIONS = "lambda:GetFunctionConfiguration"


def permissions(settings: Settings, wire: Wire, access: Access, caller: str, losses: Losses) -> Iterator[Line]:
    """A line for each action of Cognito and Lambda that a run needs.

    What mailboxes need is tried by reading them. Raises TargetUnreachable.

    Args:
        settings: of the run.
        wire: signed, to the endpoint.
        access: for the other services.
        caller: the ARN of the credentials; empty where nobody knows it.
        losses: what each action costs.
    """
    at_aws = settings.target.endpoint is None
    probes = PermissionProbes(wire, settings.live.user_pool_id or "", at_aws=at_aws)
    statements = {each["Sid"]: each for each in make_policy(settings)["Statement"]}
    seen: set[str] = set()
    undecided = False
    for name in ("ConfiguredPool", "FindPools", "MakePools", "PoolsOfRuns"):
        statement = statements.get(name)
        if statement is None:
            continue
        operations = [action.partition(":")[2] for action in statement["Action"] if action not in seen]
        seen.update(statement["Action"])
        tried = {
            operation: Tried("not tried", _OF_OWN_POOLS) if name == "PoolsOfRuns" else probes.try_out(operation)
            for operation in operations
        }
        tried |= _by_simulation(tried, statement["Resource"], access, caller)
        undecided |= any(found.status == "not tried" for found in tried.values())
        for operation, found in tried.items():
            yield _line(operation, found, statement["Resource"], losses)
    if undecided:
        yield Line("not tried", "iam:SimulatePrincipalPolicy", "refused, or not there", _ASK_IAM)
    if "TriggersAsConfigured" in statements:
        yield _functions(settings, wire, access, losses)


def _line(operation: str, tried: Tried, resource: str, losses: Losses) -> Line:
    action = f"{SERVICE}:{operation}"
    if tried.status != "missing":
        return Line(tried.status, action, tried.detail)
    cleans_up = operation in _CLEANS_UP
    return Line(
        "missing",
        action,
        "what a run makes would stay behind" if cleans_up else tried.detail,
        f"allow {action} on {resource}; `cognito-conformance policy` prints the whole policy",
        lost=losses.without_operation(operation),
        code=ExitCode.FINDINGS if cleans_up else ExitCode.CLEAN,
    )


def _by_simulation(tried: dict[str, Tried], resource: str, access: Access, caller: str) -> dict[str, Tried]:
    """What IAM's simulator says of those that were not tried; nothing where it cannot be asked."""
    undecided = [operation for operation, found in tried.items() if found.status == "not tried"]
    if not undecided or not caller:
        return {}
    account = caller.split(":")[4]
    actions = [f"{SERVICE}:{operation}" for operation in undecided]
    arn = resource.replace(":*:", f":{account}:")
    told = simulated(access.client("iam"), caller, actions, arn, _TAGS)
    words = "as IAM's policy simulator says"
    return {
        action.partition(":")[2]: Tried("ok" if allowed else "missing", words)
        for action, allowed in told.items()
        if allowed is not None
    }


def _functions(settings: Settings, wire: Wire, access: Access, losses: Losses) -> Line:
    """Whether the functions of the pool can be described."""
    reader = PostureReader(wire, settings.live.user_pool_id or "", lambda: access.client("lambda"))
    try:
        functions = PoolPosture(reader).functions
    except NotApplicable as missing:
        if missing.need != "posture.functions":
            return Line("not tried", _READS_FUNCTIONS, f"nobody can tell which functions the pool has: {missing.why}")
        lost = losses.without_needs({"posture.functions"})
        return Line("missing", _READS_FUNCTIONS, missing.why, f"allow {_READS_FUNCTIONS} on them", lost=lost)
    except Inconclusive as problem:
        return Line("not tried", _READS_FUNCTIONS, str(problem))
    if not functions:
        return Line("not tried", _READS_FUNCTIONS, "the pool calls no functions")
    if gone := [str(function) for function in functions if not function.exists]:
        return Line("ok", _READS_FUNCTIONS, f"but these do not exist: {', '.join(gone)}")
    return Line("ok", _READS_FUNCTIONS, ", ".join(str(function) for function in functions))
