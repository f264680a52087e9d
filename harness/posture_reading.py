"""Reading how a user pool is configured: each document once, and what may not be read named by its permission."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from harness.findings import Inconclusive, NotApplicable

if TYPE_CHECKING:
    from harness.wire import Answer, Wire

MOST_CLIENTS = 1_000
"""App clients of one pool that are read; Cognito's default quota is as many."""

_PAGE = 60
_REFUSALS = frozenset({"AccessDenied", "AccessDeniedException", "NotAuthorizedException"})
_GONE = "ResourceNotFoundException"
_NOTHING_SET = {"DescribeRiskConfiguration": {"UserPoolAddOnNotEnabledException", _GONE}}
"""Errors that say that there is no such document; that a client without one is `gone` is possible, not known."""

Document = Mapping[str, Any]


class PostureReader:
    """Reads one user pool's configuration; nothing is read before it is asked for, and nothing twice.

    Args:
        wire: to Cognito.
        user_pool_id: the pool.
        lambda_client: makes a boto3 client of Lambda, for the configuration of the pool's triggers.
    """

    def __init__(self, wire: Wire, user_pool_id: str, lambda_client: Callable[[], Any]) -> None:
        self._wire = wire
        self.user_pool_id = user_pool_id
        self._make_lambda_client = lambda_client
        self._lambda: Any = None
        self._kept: dict[tuple[str, ...], Document | NotApplicable] = {}

    def user_pool(self) -> Document:
        """DescribeUserPool's UserPool. Raises NotApplicable and Inconclusive, as all of these do."""
        return _part(self._read("DescribeUserPool"), "UserPool")

    def mfa(self) -> Document:
        """GetUserPoolMfaConfig."""
        return self._read("GetUserPoolMfaConfig")

    def clients(self) -> list[Document]:
        """DescribeUserPoolClient's UserPoolClient of every client, its secret taken out: see `client`."""
        return [self.client(client_id) for client_id in self._client_ids()]

    def client(self, client_id: str) -> Document:
        """One client's settings; of its ClientSecret only `HasSecret`, whether there is one."""
        return self._read("DescribeUserPoolClient", client_id, ClientId=client_id)

    def risk(self, client_id: str | None = None) -> Document:
        """The RiskConfiguration of the pool, or of a client; empty where threat protection is off."""
        members = {} if client_id is None else {"ClientId": client_id}
        return _part(self._read("DescribeRiskConfiguration", *members.values(), **members), "RiskConfiguration")

    def function(self, arn: str) -> Document:
        """What GetFunctionConfiguration says of a function, of its variables the names only; empty when it is gone."""
        return self._once(("GetFunctionConfiguration", arn), lambda: self._function(arn))

    def _client_ids(self) -> list[str]:
        found: list[str] = []
        token = ""
        while len(found) < MOST_CLIENTS:
            members: dict[str, Any] = {"MaxResults": _PAGE} | ({"NextToken": token} if token else {})
            page = self._read("ListUserPoolClients", token, **members)
            found += [str(client.get("ClientId")) for client in page.get("UserPoolClients") or []]
            token = str(page.get("NextToken") or "")
            if not token:
                return found
            if not page.get("UserPoolClients"):
                raise Inconclusive("set-up failed: ListUserPoolClients answers pages without clients, and no end")
        raise Inconclusive(f"{self.user_pool_id} has more than {MOST_CLIENTS} app clients; that many are not reviewed")

    def _read(self, operation: str, *key: str, **members: Any) -> Document:
        return self._once((operation, *key), lambda: self._ask(operation, members))

    def _once(self, key: tuple[str, ...], read: Callable[[], Document]) -> Document:
        if key not in self._kept:
            try:
                self._kept[key] = read()
            except NotApplicable as refusal:
                self._kept[key] = refusal
        kept = self._kept[key]
        if isinstance(kept, NotApplicable):
            raise NotApplicable(kept.need, kept.why)
        return kept

    def _ask(self, operation: str, members: Mapping[str, Any]) -> Document:
        answer = self._wire.call(operation, {"UserPoolId": self.user_pool_id, **members})
        error = answer.error.type if answer.error else ""
        if error in _REFUSALS:
            raise NotApplicable("permissions", f"the credentials lack the permission cognito-idp:{operation}")
        if error in _NOTHING_SET.get(operation, ()) and (error != _GONE or "ClientId" in members):
            return {}
        if not answer.succeeded or answer.json is None:
            raise Inconclusive(_trouble(operation, self.user_pool_id, answer))
        return self._without_secret(answer.json) if operation == "DescribeUserPoolClient" else answer.json

    def _without_secret(self, answer: Document) -> Document:
        client = _part(answer, "UserPoolClient")
        self._wire.transcript.redactor.learn(client.get("ClientSecret"))
        return {name: value for name, value in client.items() if name != "ClientSecret"} | {
            "HasSecret": bool(client.get("ClientSecret"))
        }

    def _function(self, arn: str) -> Document:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._lambda = self._lambda or self._make_lambda_client()
            told: dict[str, Any] = self._lambda.get_function_configuration(FunctionName=arn)
        except ClientError as refusal:
            code = refusal.response.get("Error", {}).get("Code")
            if code == _GONE:
                return {}
            if code in _REFUSALS:
                raise NotApplicable(
                    "posture.functions", f"the credentials lack the permission lambda:GetFunctionConfiguration on {arn}"
                ) from refusal
            raise Inconclusive(f"set-up failed: Lambda does not describe {arn}: {refusal}") from refusal
        except BotoCoreError as failure:
            raise Inconclusive(f"set-up failed: Lambda cannot be asked about {arn}: {failure}") from failure
        environment = told.pop("Environment", None) or {}
        names = None if environment.get("Error") else sorted(environment.get("Variables") or {})
        return told | {"VariableNames": names}


def _part(answer: Document, name: str) -> Document:
    part = answer.get(name)
    return part if isinstance(part, Mapping) else {}


def _trouble(operation: str, user_pool_id: str, answer: Answer) -> str:
    said = f"set-up failed: {operation} was answered by {answer.described()}"
    gone = answer.error is not None and answer.error.type == _GONE
    return f"{said}; is {user_pool_id} the pool's id (live.user_pool_id), and the region its own?" if gone else said
