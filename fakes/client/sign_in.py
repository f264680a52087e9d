"""One sign-in of the reference client, from the first request to the tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from fakes.client.devices import NO_DEVICE_PROOF, Device
from fakes.client.failures import BrokenAnswer, ServiceRefused, UnansweredChallenge
from fakes.client.names import Names
from fakes.client.srp import ClientSide
from fakes.client.timestamps import ClientClock
from fakes.client.tokens import verify_tokens
from fakes.client.transport import Transport
from fakes.faults import declare_fault
from protocol.claims import hmac_sha256, secret_hash
from protocol.cognito_srp import verifier
from protocol.numbers import parse_hex
from protocol.text import utf8

FALLS_BACK = declare_fault(
    "client.downgrade.falls-back-to-user-password-auth", "a refused SRP sign-in is tried again with the password"
)
PASSWORD_ON_DEMAND = declare_fault(
    "client.downgrade.password-on-demand", "a challenge that nobody knows is answered with the password"
)
IN_METADATA = declare_fault("client.leaks.password-in-client-metadata", "ClientMetadata holds the password")
IN_CONTEXT = declare_fault(
    "client.leaks.password-in-user-context-data", "UserContextData holds the password, in base64"
)
HASH_IN_HEADER = declare_fault("client.leaks.password-hash-in-a-header", "a header holds the password's SHA-256")
VERIFIER_IN_METADATA = declare_fault("client.leaks.verifier", "ClientMetadata of the answer holds v")
CHALLENGE_FOR_SUCCESS = declare_fault("client.success.challenge-taken-for-it", "any challenge counts as signed in")
EMPTY_RESULT_FOR_SUCCESS = declare_fault(
    "client.success.without-tokens", "an answer without tokens counts as signed in"
)
REFUSAL_FOR_SUCCESS = declare_fault("client.success.refusal-taken-for-it", "a refusal counts as signed in")
SIGNATURE_CUT = declare_fault("client.srp.signature-cut", "the signature is cut to 31 bytes")
SLOW = declare_fault("client.slow", "a sign-in takes a second more than it should")

_ANSWERED_BY = {
    "NEW_PASSWORD_REQUIRED": ("new_password", "NEW_PASSWORD"),
    "SOFTWARE_TOKEN_MFA": ("totp", "SOFTWARE_TOKEN_MFA_CODE"),
    "SMS_MFA": ("sms_code", "SMS_MFA_CODE"),
}
"""Challenges: which of the driver's `answers` they take, and in which response."""

_MOST_CHALLENGES = 8
_KEYS = {"access_token": "AccessToken", "id_token": "IdToken", "refresh_token": "RefreshToken"}


class SignIn:
    """One user, one app client, one attempt."""

    def __init__(self, request: Mapping[str, Any], environment: Mapping[str, str], on: Callable[[str], bool]) -> None:
        self._on = on
        self._request = request
        self._client_id: str = request["client_id"]
        self._typed: str = request["username"]
        self._password: str = request["password"]
        self._answers: Mapping[str, Any] = request.get("answers") or {}
        self._device = Device.of(request["device"]) if request.get("device") else None
        self._clock = ClientClock(request.get("now"), environment, on)
        self._names = Names(request["user_pool_id"], self._typed, self._password, on)
        leaked = {"X-Proof": hashlib.sha256(utf8(self._password)).hexdigest()} if on(HASH_IN_HEADER) else {}
        self._transport = Transport(request["endpoint"], request.get("ca_file"), on, leaked)
        self._side = ClientSide(on)

    def run(self) -> dict[str, Any]:
        """`tokens`, `device` where one is remembered, and `a`. Raises SignInFailed or an error of the protocol."""
        try:
            answer = self._through_challenges(self._start())
            return {**self._finished(answer), "a": f"{self._side.a:x}"}
        except ServiceRefused:
            if self._on(REFUSAL_FOR_SUCCESS):
                return {"tokens": {}}
            if self._on(FALLS_BACK):
                return self._finished(self._with_the_password())
            raise
        finally:
            self._transport.close()

    def _start(self) -> dict[str, Any]:
        if self._on(SLOW):
            time.sleep(1)  # the fault is to be slow
        parameters = {"USERNAME": self._typed, "SRP_A": self._side.srp_a, **self._secret_hash(self._typed, start=True)}
        if self._device:
            parameters["DEVICE_KEY"] = self._device.key
        return self._initiate("USER_SRP_AUTH", parameters)

    def _with_the_password(self) -> dict[str, Any]:
        hashed = self._secret_hash(self._typed, start=True)
        return self._initiate("USER_PASSWORD_AUTH", {"USERNAME": self._typed, "PASSWORD": self._password, **hashed})

    def _initiate(self, flow: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        request: dict[str, Any] = {"AuthFlow": flow, "ClientId": self._client_id, "AuthParameters": parameters}
        if self._on(IN_METADATA):
            request["ClientMetadata"] = {"form": f"user={self._typed}&password={self._password}"}
        if self._on(IN_CONTEXT):
            seen = base64.b64encode(f'{{"typed": "{self._password}"}}'.encode()).decode()
            request["UserContextData"] = {"EncodedData": seen}
        return self._transport.call("InitiateAuth", request)

    def _through_challenges(self, answer: dict[str, Any]) -> dict[str, Any]:
        for _ in range(_MOST_CHALLENGES):
            name = answer.get("ChallengeName")
            if name is None:
                return answer
            if self._on(CHALLENGE_FOR_SUCCESS) and name != "PASSWORD_VERIFIER":
                return {"AuthenticationResult": {}}
            responses = self._responses(name, answer.get("ChallengeParameters") or {})
            answer = self._respond(name, answer.get("Session"), responses)
        raise BrokenAnswer("the challenges do not end")

    def _responses(self, name: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        """The answer to one challenge. Raises UnansweredChallenge."""
        username = parameters.get("USERNAME") or parameters.get("USER_ID_FOR_SRP") or self._typed
        responses = {"USERNAME": username, **self._secret_hash(username)}
        if name == "PASSWORD_VERIFIER":
            user_id = _text(parameters, "USER_ID_FOR_SRP")
            proof = self._proof(parameters, self._names.identity(user_id), self._names.signed(user_id))
            return responses | proof | ({"DEVICE_KEY": self._device.key} if self._device else {})
        told, member = _ANSWERED_BY.get(name, ("", ""))
        if told in self._answers:
            return responses | {member: self._answers[told]}
        if name == "DEVICE_SRP_AUTH" and self._device:
            self._side = ClientSide(self._on)
            return responses | {"SRP_A": self._side.srp_a, "DEVICE_KEY": self._device.key}
        if name == "DEVICE_PASSWORD_VERIFIER" and self._device:
            user = self._typed if self._on(NO_DEVICE_PROOF) else self._device.key
            signed = utf8(self._device.group_key + user)
            return (
                responses | self._proof(parameters, self._device.identity(), signed) | {"DEVICE_KEY": self._device.key}
            )
        if self._on(PASSWORD_ON_DEMAND):
            return responses | {"PASSWORD": self._password, "ANSWER": self._password}
        raise UnansweredChallenge(str(name))

    def _proof(self, parameters: Mapping[str, Any], identity: bytes, signed: bytes) -> dict[str, str]:
        salt, block = _text(parameters, "SALT"), _text(parameters, "SECRET_BLOCK")
        key = self._side.password_key(salt=salt, srp_b=_text(parameters, "SRP_B"), identity=identity)
        timestamp = self._clock.timestamp()
        try:
            sealed = base64.b64decode(block, validate=True)
        except binascii.Error:
            raise BrokenAnswer("SECRET_BLOCK is no base64") from None
        signature = hmac_sha256(key, signed + sealed + utf8(timestamp))
        return {
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(
                signature[:31] if self._on(SIGNATURE_CUT) else signature
            ).decode(),
            **({"V": self._leaked_verifier(salt, identity)} if self._on(VERIFIER_IN_METADATA) else {}),
        }

    def _leaked_verifier(self, salt: str, identity: bytes) -> str:
        number = parse_hex(salt)
        written = number.to_bytes(number.bit_length() // 8 + 1, "big")
        x = hashlib.sha256(written + hashlib.sha256(identity).digest()).digest()
        return f"{verifier(int.from_bytes(x, 'big')):x}"

    def _respond(self, challenge: str, session: str | None, responses: dict[str, str]) -> dict[str, Any]:
        metadata = {"v": responses.pop("V")} if "V" in responses else None
        return self._transport.call(
            "RespondToAuthChallenge",
            {
                "ChallengeName": challenge,
                "ClientId": self._client_id,
                "ChallengeResponses": responses,
                **({"Session": session} if session else {}),
                **({"ClientMetadata": metadata} if metadata else {}),
            },
        )

    def _finished(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The driver's answer for AuthenticationResult. Raises BrokenAnswer when tokens are missing."""
        result = answer.get("AuthenticationResult")
        lenient = self._on(EMPTY_RESULT_FOR_SUCCESS) or self._on(CHALLENGE_FOR_SUCCESS)
        if not isinstance(result, dict) or not all(isinstance(result.get(key), str) for key in _KEYS.values()):
            if lenient:
                return {"tokens": {}}
            raise BrokenAnswer("the answer holds no tokens")
        tokens = {name: result[key] for name, key in _KEYS.items()}
        verify_tokens(tokens, self._request, self._on)
        metadata = result.get("NewDeviceMetadata")
        if not isinstance(metadata, dict) or not self._answers.get("remember_device"):
            return {"tokens": tokens}
        device = Device.new(metadata)
        self._transport.call(
            "ConfirmDevice",
            {
                "AccessToken": tokens["access_token"],
                "DeviceKey": device.key,
                "DeviceName": "the reference client",
                "DeviceSecretVerifierConfig": device.secret(self._on),
            },
        )
        return {"tokens": tokens, "device": device.members()}

    def _secret_hash(self, username: str, *, start: bool = False) -> dict[str, str]:
        secret = self._request.get("client_secret")
        if not secret:
            return {}
        if start:
            hashed = secret_hash(client_secret=secret, username=username, client_id=self._client_id)
        else:
            hashed = self._names.secret_hash(secret, self._client_id, username)
        return {"SECRET_HASH": hashed}


def _text(parameters: Mapping[str, Any], name: str) -> str:
    value = parameters.get(name)
    if not isinstance(value, str):
        raise BrokenAnswer(f"the challenge lacks {name}")
    return value
