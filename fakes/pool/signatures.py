"""Signatures of requests: AWS Signature Version 4, made again by botocore's own signer and compared.

What AWS refuses, and in which words, is `reported` (AWS SDKs' issue threads, several services).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from fakes.pool.errors import IncompleteSignature, InvalidSignature, MissingAuthenticationToken, UnrecognizedClient
from fakes.pool.forwarding import HttpRequest

GOOD_FOR = timedelta(minutes=5)
"""How far the time of a signature may lie from the service's."""

_ALGORITHM = "AWS4-HMAC-SHA256"
_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^\s,]+)")
_TIMESTAMP = "%Y%m%dT%H%M%SZ"
_WRONG = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


def signer_of(http: HttpRequest) -> str | None:
    """The access key id that a request names in its Authorization header, whether it has the key or not."""
    credential = _parts(_authorization(http)).get("Credential", "")
    return credential.split("/")[0] or None


def demand_signature(http: HttpRequest, service: str, keys: Mapping[str, str], now: datetime) -> None:
    """Hold a request's signature against the secret keys, which are found by their access key ids.

    Raises:
        MissingAuthenticationToken: it has no signature.
        IncompleteSignature: its Authorization header cannot be read.
        UnrecognizedClient: nobody knows the access key.
        InvalidSignature: it is signed with another key, for something else, or at another time.
    """
    authorization = _authorization(http)
    if not authorization:
        raise MissingAuthenticationToken("Missing Authentication Token")
    parts, headers = _parts(authorization), {name.lower(): value for name, value in http.headers.items()}
    scope, timestamp = parts.get("Credential", "").split("/"), headers.get("x-amz-date", "")
    if not authorization.startswith(_ALGORITHM + " ") or len(parts) != 3 or len(scope) != 5 or not timestamp:
        raise IncompleteSignature(f"Authorization header is not one of {_ALGORITHM}, or a part of it is missing.")
    access_key, _, region, signed_for, _ = scope
    if access_key not in keys:
        raise UnrecognizedClient("The security token included in the request is invalid.")
    if signed_for != service:
        raise InvalidSignature(f"Credential should be scoped to correct service: '{service}'.")
    _demand_fresh(timestamp, now)
    names = parts["SignedHeaders"].split(";")
    told = headers.get("x-amz-content-sha256")
    if not {"host", "x-amz-date"} <= set(names) <= headers.keys() or told not in (None, sha256(http.body).hexdigest()):
        raise InvalidSignature(_WRONG)
    signed = {name: headers[name] for name in names}
    try:
        "".join(signed.values()).encode()
        honest = _signature(http, signed, (access_key, keys[access_key]), region, service)
        is_right = hmac.compare_digest(honest.encode(), parts["Signature"].encode())
    except ValueError:  # a host that is none, or octets that are no text
        is_right = False
    if not is_right:
        raise InvalidSignature(_WRONG)


def _signature(http: HttpRequest, headers: Mapping[str, str], key: tuple[str, str], region: str, service: str) -> str:
    """The signature over these headers, and the method, target and body of the request."""
    from botocore.auth import SigV4Auth  # heavy, and only a pool that looks at signatures needs it
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(http.method, f"http://{headers['host']}{http.target}", headers=dict(headers), data=http.body)
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials(*key), service, region)
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))


def _demand_fresh(timestamp: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(timestamp, _TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        raise IncompleteSignature(f"Date must be in ISO-8601 'basic format'. Got '{timestamp[:32]}'.") from None
    reference = f"({now:{_TIMESTAMP}} {{sign}} {GOOD_FOR.seconds // 60} min.)"
    if signed_at < now - GOOD_FOR:
        limit = reference.format(sign="-")
        raise InvalidSignature(
            f"Signature expired: {timestamp} is now earlier than {now - GOOD_FOR:{_TIMESTAMP}} {limit}"
        )
    if signed_at > now + GOOD_FOR:
        limit = reference.format(sign="+")
        raise InvalidSignature(
            f"Signature not yet current: {timestamp} is still later than {now + GOOD_FOR:{_TIMESTAMP}} {limit}"
        )


def _authorization(http: HttpRequest) -> str:
    return next((value for name, value in http.headers.items() if name.lower() == "authorization"), "")


def _parts(authorization: str) -> dict[str, str]:
    return dict(_PART.findall(authorization))
