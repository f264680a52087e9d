"""pycognito's SRP sign-in, as its README shows it, with the tokens taken as they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3
import requests
from json_lines import serve
from pycognito import Cognito, aws_srp
from pycognito.aws_srp import AWSSRP
from pycognito.exceptions import ForceChangePasswordException, SoftwareTokenMFAChallengeException


def sign_in(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sign in with SRP and answer what is asked, as far as `answers` go; raises what pycognito or botocore raises."""
    answers = request.get("answers") or {}
    user = _user(request)
    try:
        signed_in = user.authenticate_user()
    except ForceChangePasswordException:
        if "new_password" not in answers:
            raise
        signed_in = user.set_new_password_challenge(answers["new_password"])
    except SoftwareTokenMFAChallengeException as challenge:
        if "totp" not in answers:
            raise
        return {"tokens": _tokens_for_code(request, challenge.get_tokens(), answers["totp"])}
    device = _remembered_device(request, user, signed_in) if answers.get("remember_device") else {}
    result = signed_in["AuthenticationResult"]
    tokens = {
        "access_token": result["AccessToken"],
        "id_token": result["IdToken"],
        "refresh_token": result["RefreshToken"],
    }
    return {"tokens": tokens, **device}


def _user(request: Mapping[str, Any]) -> AWSSRP:
    device = request.get("device") or {}
    return AWSSRP(
        username=request["username"],
        password=request["password"],
        pool_id=request["user_pool_id"],
        client_id=request["client_id"],
        client_secret=request.get("client_secret"),
        client=boto3.client("cognito-idp", endpoint_url=request["endpoint"], region_name=request["region"]),
        device_key=device.get("key"),
        device_group_key=device.get("group_key"),
        device_password=device.get("password"),
    )


def _tokens_for_code(request: Mapping[str, Any], challenge: Mapping[str, Any], code: str) -> dict[str, str]:
    """The tokens that a one-time code brings; pycognito's own class verifies them, as AWS's pool would issue them."""
    user = Cognito(
        request["user_pool_id"],
        request["client_id"],
        username=request["username"],
        client_secret=request.get("client_secret"),
        boto3_client_kwargs={"endpoint_url": request["endpoint"]},
    )
    user.get_keys()
    user.pool_domain_url = None  # the keys are this endpoint's; the issuer is still AWS's
    user.respond_to_software_token_mfa_challenge(code, challenge)
    return {"access_token": user.access_token, "id_token": user.id_token, "refresh_token": user.refresh_token}


def _remembered_device(
    request: Mapping[str, Any], user: AWSSRP, signed_in: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    with _aws_at(request["endpoint"]):
        confirmed, password = user.confirm_device(signed_in, device_name="pycognito")
    confirmed.raise_for_status()
    return {"device": {"key": user.device_key, "group_key": user.device_group_key, "password": password}}


@contextmanager
def _aws_at(endpoint: str) -> Iterator[None]:
    """Inside the block pycognito's device calls, which are written to AWS's own host, reach the endpoint."""
    post = requests.post

    def post_there(url: str, **members: Any) -> requests.Response:
        del url
        return post(endpoint, timeout=members.pop("timeout", 30), **members)

    with patch.object(aws_srp.requests, "post", post_there):
        yield


serve(name="pycognito", capabilities=["srp", "secret_hash", "alias", "mfa", "device"], sign_in=sign_in)
