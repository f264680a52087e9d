"""PyJWT with PyJWKClient, as its documentation shows, and the claims that Cognito's adds, checked by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, tzinfo
from functools import cache
from importlib.metadata import version
from typing import Any
from unittest.mock import patch

import jwt
from jwt import InvalidTokenError, PyJWKClient


class GivenKeys(PyJWKClient):
    """The client with keys that were given to it, in the place of a request for them."""

    def __init__(self, jwks: dict[str, Any]) -> None:
        super().__init__("https://never-fetched.invalid", cooldown_duration=0)
        self._jwks = jwks

    def fetch_data(self) -> Any:
        """What a request would have brought."""
        return self._jwks


# One client an address, kept as a service keeps it: that is where the keys are cached.
keys_at = cache(PyJWKClient)


def verify(request: Mapping[str, Any]) -> None:
    """Verify one token; raises what PyJWT raises, or InvalidTokenError for Cognito's own claims."""
    token, client_id, wanted = request["token"], request["client_id"], request["token_use"]
    is_id_token = wanted == "id"
    client = keys_at(request["jwks_uri"]) if "jwks_uri" in request else GivenKeys(request["jwks"])
    claims = jwt.decode(
        token,
        client.get_signing_key_from_jwt(token),
        algorithms=["RS256"],
        issuer=request["issuer"],
        # Cognito writes `aud` into id tokens only, and always one text.
        audience=client_id if is_id_token else None,
        leeway=request.get("grace_seconds", 0),
        options={"require": ["exp", "iss"], "strict_aud": True, "verify_aud": is_id_token and client_id is not None},
    )
    demand(claims.get("token_use") == wanted, "token_use")
    demand(is_id_token or client_id in (None, claims.get("client_id")), "client_id")
    if scopes := request.get("required_scopes"):
        demand(bool({*scopes} & {*claims.get("scope", "").split(" ")}), "scope")
    if groups := request.get("required_groups"):
        held = claims.get("cognito:groups")
        demand(isinstance(held, list) and any(group in held for group in groups), "cognito:groups")


def demand(condition: bool, claim: str) -> None:
    """Refuse the token unless the condition holds."""
    if not condition:
        raise InvalidTokenError(f"{claim} is not what is required")


@contextmanager
def clock_at(now: float) -> Iterator[None]:
    """Both clocks that PyJWT looks at show `now`, in seconds since the epoch."""

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Moved:
            return cls.fromtimestamp(now, tz)

    with patch("jwt.api_jwt.datetime", Moved), patch("jwt.jwks_client.time.monotonic", lambda: now):
        yield


HELLO = {
    "name": "PyJWT",
    "version": version("pyjwt"),
    "capabilities": ["scopes", "groups", "grace", "clock", "jwks-fetch"],
}


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one request."""
    if request["op"] == "hello":
        return {"ok": True, **HELLO}
    try:
        with clock_at(request["now"]):
            verify(request)
    except Exception as error:  # whatever the verifier raises is its refusal
        return {"ok": False, "error_type": type(error).__name__, "error_message": str(error)}
    return {"ok": True}


if __name__ == "__main__":
    # Standard output belongs to the protocol; whatever a library prints goes to standard error.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        print(json.dumps({"id": asked["id"], **answer(asked)}), file=answers, flush=True)
