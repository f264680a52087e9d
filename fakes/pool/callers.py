"""Who may call what: the part of AWS's front door that looks at signatures and policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from fakes.pool.clock import Clock
from fakes.pool.errors import AccessDenied, SerializationProblem
from fakes.pool.forwarding import HttpRequest
from fakes.pool.input_validation import ServiceModelOfCognito
from fakes.pool.signatures import demand_signature
from fakes.pool.wire_format import parse_request

SERVICE = "cognito-idp"
ACCOUNT_ID = "123456789012"
CALLER = f"arn:aws:iam::{ACCOUNT_ID}:user/conformance"


class Callers:
    """Set its fields at any time. What the service model wants unsigned is everybody's, whatever they say.

    `requires_signature` refuses what is not signed with one of `keys`, secret keys by access key id.
    `denied` holds patterns of operations that no policy allows: `CreateUserPool`, `Admin*`.
    """

    def __init__(self, clock: Clock, region: str) -> None:
        self.requires_signature = False
        self.keys: Mapping[str, str] = {"conformance": "conformance"}
        self.denied: Sequence[str] = ()
        self._clock = clock
        self._region = region

    def demand_admitted(self, operation: str, http: HttpRequest, model: ServiceModelOfCognito) -> None:
        """Raise AccessDenied, or one of the errors of `demand_signature`, where the caller may not do this."""
        if not (self.requires_signature or self.denied) or not model.wants_signature(operation):
            return
        if self.requires_signature:
            demand_signature(http, SERVICE, self.keys, self._clock.now())
        if any(fnmatchcase(operation, pattern) for pattern in self.denied):
            action = f"{SERVICE}:{operation}"
            raise AccessDenied(
                f"User: {CALLER} is not authorized to perform: {action} on resource: {self._resource(http.body)} "
                f"because no identity-based policy allows the {action} action"
            )

    def _resource(self, body: bytes) -> str:
        """The ARN of the user pool that a request names, or `*`."""
        try:
            pool_id = parse_request(body).get("UserPoolId")
        except SerializationProblem:
            pool_id = None
        if not isinstance(pool_id, str):
            return "*"
        return f"arn:aws:{SERVICE}:{self._region}:{ACCOUNT_ID}:userpool/{pool_id[:64]}"
