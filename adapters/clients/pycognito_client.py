"""pycognito's SRP sign-in, as its README shows it, with the tokens taken as they come."""

from __future__ import annotations

import datetime as datetime_module
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, tzinfo
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
import requests
from json_lines import serve
from pycognito import Cognito, aws_srp
from pycognito.aws_srp import AWSSRP
from pycognito.exceptions import ForceChangePasswordException, MFAChallengeException

ANSWERS = {"NEW_PASSWORD_REQUIRED": "new_password", "SOFTWARE_TOKEN_MFA": "totp", "SMS_MFA": "sms_code"}


def sign_in(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sign in with SRP and answer what is asked, as far as `answers` go; raises what pycognito or botocore raises."""
    with ExitStack() as stack:
        if "now" in request:
            stack.enter_context(_clock_at(datetime.fromisoformat(request["now"])))
        return _sign_in(request)


def _sign_in(request: Mapping[str, Any]) -> Mapping[str, Any]:
    answers = request.get("answers") or {}
    user = _user(request)
    try:
        signed_in = user.authenticate_user()
    except ForceChangePasswordException as challenge:
        new_password = _answer(answers, challenge, "NEW_PASSWORD_REQUIRED")
        signed_in = user.set_new_password_challenge(new_password)
    except MFAChallengeException as challenge:
        name = challenge.get_tokens()["ChallengeName"]
        code = _answer(answers, challenge, name)
        return {"tokens": _tokens_for_code(request, challenge.get_tokens(), name, code)}
    device = _remembered_device(request, user, signed_in) if answers.get("remember_device") else {}
    result = signed_in["AuthenticationResult"]
    if "jwks_uri" in request:
        _verifier(request)._set_tokens(signed_in)  # what Cognito.authenticate does with them
    tokens = {
        "access_token": result["AccessToken"],
        "id_token": result["IdToken"],
        "refresh_token": result["RefreshToken"],
    }
    return {"tokens": tokens, "a": f"{user.small_a_value:x}", **device}


def _answer(answers: Mapping[str, Any], challenge: Exception, name: str) -> str:
    """What the request says to the challenge; the challenge is raised again, with its name, where it says nothing."""
    if answer := answers.get(ANSWERS[name]):
        return str(answer)
    challenge.challenge = name  # type: ignore[attr-defined] # the protocol's member, for json_lines
    raise challenge


def _user(request: Mapping[str, Any]) -> AWSSRP:
    device = request.get("device") or {}
    return AWSSRP(
        username=request["username"],
        password=request["password"],
        pool_id=request["user_pool_id"],
        client_id=request["client_id"],
        client_secret=request.get("client_secret"),
        client=boto3.client("cognito-idp", region_name=request["region"], **_place(request)),
        device_key=device.get("key"),
        device_group_key=device.get("group_key"),
        device_password=device.get("password"),
    )


def _place(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"endpoint_url": request["endpoint"], "verify": request.get("ca_file")}


def _verifier(request: Mapping[str, Any]) -> Cognito:
    """The class of pycognito that verifies what it is given: with the endpoint's keys, as AWS's pool would issue it."""
    user = Cognito(
        request["user_pool_id"],
        request["client_id"],
        username=request["username"],
        client_secret=request.get("client_secret"),
        boto3_client_kwargs=_place(request),
    )
    keys_at = request.get("jwks_uri", f"{user.user_pool_url}/.well-known/jwks.json")
    user.pool_jwk = requests.get(keys_at, timeout=15, verify=request.get("ca_file")).json()
    issuer = request.get("issuer")
    user.pool_domain_url = issuer.rpartition("/")[0] if issuer else None
    return user


def _tokens_for_code(
    request: Mapping[str, Any], challenge: Mapping[str, Any], name: str, code: str
) -> dict[str, str | None]:
    user = _verifier(request)
    if name == "SMS_MFA":
        user.respond_to_sms_mfa_challenge(code, challenge)
    else:
        user.respond_to_software_token_mfa_challenge(code, challenge)
    return {"access_token": user.access_token, "id_token": user.id_token, "refresh_token": user.refresh_token}


def _remembered_device(
    request: Mapping[str, Any], user: AWSSRP, signed_in: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    with _aws_at(request):
        confirmed, password = user.confirm_device(signed_in, device_name="pycognito")
    confirmed.raise_for_status()
    return {"device": {"key": user.device_key, "group_key": user.device_group_key, "password": password}}


@contextmanager
def _aws_at(request: Mapping[str, Any]) -> Iterator[None]:
    """Inside the block pycognito's device calls, which are written to AWS's own host, reach the endpoint."""
    post = requests.post

    def post_there(url: str, **members: Any) -> requests.Response:
        del url
        return post(request["endpoint"], verify=request.get("ca_file"), timeout=members.pop("timeout", 30), **members)

    with patch.object(aws_srp.requests, "post", post_there):
        yield


@contextmanager
def _clock_at(now: datetime) -> Iterator[None]:
    """Inside the block the clock of pycognito, and of the verifier that it uses, shows `now` and runs on from there."""
    ahead = now - datetime.now(UTC)

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Moved:
            return cls.fromtimestamp((datetime.now(UTC) + ahead).timestamp(), tz)

        @classmethod
        def utcnow(cls) -> Moved:
            return cls.now(UTC).replace(tzinfo=None)

    moved = SimpleNamespace(**{**vars(datetime_module), "datetime": Moved})
    with patch.object(aws_srp, "datetime", moved), patch("jwt.api_jwt.datetime", Moved):
        yield


if __name__ == "__main__":
    serve(
        name="pycognito",
        capabilities=[
            "srp",
            "secret_hash",
            "alias",
            "new_password",
            "mfa",
            "device",
            "clock",
            "tls",
            "verifies_tokens",
            "private_value",
        ],
        sign_in=sign_in,
    )
