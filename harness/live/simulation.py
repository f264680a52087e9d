"""IAM's own policy simulator, for permissions that no harmless request shows (iam:SimulatePrincipalPolicy)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def simulated(
    iam: Any, caller: str, actions: Sequence[str], resource: str, tags: Mapping[str, str]
) -> dict[str, bool | None]:
    """Whether the caller's policies allow each action; None where the simulator cannot be asked.

    It knows the policies of the caller, and not what an organisation or a session takes away from them.

    Args:
        iam: a boto3 client of IAM.
        caller: the ARN that sts:GetCallerIdentity told.
        actions: `cognito-idp:CreateUserPool`.
        resource: an ARN, or `*`.
        tags: condition keys with their values: `aws:RequestTag/…`.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    unknown: dict[str, bool | None] = dict.fromkeys(actions)
    try:
        answer = iam.simulate_principal_policy(
            PolicySourceArn=_principal(iam, caller),
            ActionNames=list(actions),
            ResourceArns=[resource],
            ContextEntries=[
                {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
                for name, value in tags.items()
            ],
        )
    except (BotoCoreError, ClientError, ResponseParserError):
        return unknown
    results = answer.get("EvaluationResults", [])
    return unknown | {str(it["EvalActionName"]): it["EvalDecision"] == "allowed" for it in results}


def _principal(iam: Any, caller: str) -> str:
    """The user or role whose policies are meant: a session's ARN names its role without the role's path."""
    _, _, session = caller.partition(":assumed-role/")
    if not session:
        return caller
    arn: str = iam.get_role(RoleName=session.partition("/")[0])["Role"]["Arn"]
    return arn
