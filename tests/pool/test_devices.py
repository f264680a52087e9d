"""Devices: what is given out, what is confirmed, and the sign-in in which a device proves itself."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from fakes.pool import EmbeddedPool
from protocol.claims import claim_signature
from protocol.cognito_srp import COGNITO, password_key, private_key
from protocol.numbers import hex_of, minimal_bytes, parse_hex
from protocol.timestamps import format_timestamp
from tests.pool.caller import PASSWORD, Answer, Client, SrpSignIn, UserPool, Wire, claims_of
from tests.pool.conftest import EVERY_FLOW

INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
NO_DEVICE = ("ResourceNotFoundException", "Device does not exist.")
ALWAYS = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
ON_PROMPT = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True}


@dataclass(frozen=True)
class Device:
    """A device and the access token of the sign-in that gave its key out."""

    key: str
    group_key: str
    access_token: str
    refresh_token: str
    password: str
    salt: int

    @property
    def x(self) -> int:
        return private_key(salt=self.salt, pool_name=self.group_key, user_id=self.key, password=self.password)

    @property
    def secret(self) -> dict[str, str]:
        verifier = minimal_bytes(COGNITO.verifier(self.x))
        return {"PasswordVerifier": _base64(verifier), "Salt": _base64(minimal_bytes(self.salt))}


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


@pytest.fixture(scope="module")
def tracking(service: EmbeddedPool, wire: Wire) -> UserPool:
    return UserPool.make(service, wire, DeviceConfiguration=ALWAYS)


@pytest.fixture(scope="module")
def app(tracking: UserPool) -> Client:
    return tracking.client(*EVERY_FLOW)


def signed_in(pool: UserPool, client: Client, username: str, **parameters: str) -> Answer:
    """USER_PASSWORD_AUTH."""
    given = {"USERNAME": username, "PASSWORD": PASSWORD, **client.hash(username), **parameters}
    return pool.wire.call("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", ClientId=client.id, AuthParameters=given)


def new_device(pool: UserPool, client: Client, username: str) -> Device:
    result = signed_in(pool, client, username).tokens
    metadata = result["NewDeviceMetadata"]
    return Device(
        key=metadata["DeviceKey"],
        group_key=metadata["DeviceGroupKey"],
        access_token=result["AccessToken"],
        refresh_token=result["RefreshToken"],
        password=_base64(secrets.token_bytes(40)),
        salt=secrets.randbits(128),
    )


def confirm(wire: Wire, device: Device, secret: Mapping[str, str] | None = None) -> Answer:
    return wire.call(
        "ConfirmDevice",
        AccessToken=device.access_token,
        DeviceKey=device.key,
        DeviceName="mine",
        DeviceSecretVerifierConfig=dict(secret or device.secret),
    )


def confirmed_device(pool: UserPool, client: Client, username: str) -> Device:
    device = new_device(pool, client, username)
    assert confirm(pool.wire, device).status == 200
    return device


@dataclass
class DeviceSignIn:
    """The device's part of a sign-in, begun with the user's password."""

    pool: UserPool
    client: Client
    username: str
    device: Device
    session: str | None = None
    a: int = 5

    def asked(self) -> DeviceSignIn:
        answer = signed_in(self.pool, self.client, self.username, DEVICE_KEY=self.device.key).json
        assert answer["ChallengeName"] == "DEVICE_SRP_AUTH"
        self.session = answer["Session"]
        return self

    def respond(self, challenge: str, responses: Mapping[str, str], session: str | None) -> Answer:
        own = {"USERNAME": self.username, "DEVICE_KEY": self.device.key, **self.client.hash(self.username)}
        members: dict[str, Any] = {"Session": session} if session else {}
        return self.pool.wire.call(
            "RespondToAuthChallenge",
            ClientId=self.client.id,
            ChallengeName=challenge,
            ChallengeResponses={**own, **responses},
            **members,
        )

    def start(self, **responses: str) -> Answer:
        srp_a = hex_of(COGNITO.client_public(self.a))
        return self.respond("DEVICE_SRP_AUTH", {"SRP_A": srp_a, **responses}, self.session)

    def answer(self, challenge: Mapping[str, str], **responses: str) -> Answer:
        client_public, server_public = COGNITO.client_public(self.a), parse_hex(challenge["SRP_B"])
        secret = COGNITO.client_premaster_secret(
            a=self.a, client_public=client_public, server_public=server_public, x=self.device.x
        )
        timestamp = format_timestamp(self.pool.service.clock.now())
        signature = claim_signature(
            key=password_key(premaster_secret=secret, scrambler=COGNITO.scrambler(client_public, server_public)),
            pool_name=self.device.group_key,
            user_id=self.device.key,
            secret_block=base64.b64decode(challenge["SECRET_BLOCK"]),
            timestamp=timestamp,
        )
        proof = {
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SIGNATURE": _base64(signature),
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
        }
        return self.respond("DEVICE_PASSWORD_VERIFIER", proof | responses, None)

    def finish(self) -> Answer:
        return self.answer(self.asked().start().json["ChallengeParameters"])


@pytest.fixture
def user(tracking: UserPool) -> str:
    return tracking.user()


@pytest.fixture
def sign_in(tracking: UserPool, app: Client, user: str) -> DeviceSignIn:
    """The sign-in of a confirmed device of the user."""
    return DeviceSignIn(tracking, app, user, confirmed_device(tracking, app, user))


# Keys


def test_a_pool_without_device_configuration_gives_out_no_key(pool: UserPool, client: Client) -> None:
    tokens = signed_in(pool, client, pool.user(), DEVICE_KEY="us-east-1_00000000-0000-4000-8000-000000000000").tokens
    assert "NewDeviceMetadata" not in tokens
    assert "device_key" not in claims_of(tokens["AccessToken"])


def test_every_sign_in_that_names_no_device_gives_out_a_key(tracking: UserPool, app: Client, user: str) -> None:
    first, second = new_device(tracking, app, user), new_device(tracking, app, user)
    assert first.key != second.key
    assert first.group_key == second.group_key
    assert claims_of(first.access_token)["device_key"] == first.key


def test_an_srp_sign_in_gives_out_a_key_too(tracking: UserPool, app: Client, user: str) -> None:
    assert SrpSignIn(tracking, app, user).finish().tokens["NewDeviceMetadata"]


# ConfirmDevice and the other operations


def test_a_confirmed_device_is_shown_to_its_user_and_to_administrators(
    tracking: UserPool, app: Client, user: str, wire: Wire
) -> None:
    device = new_device(tracking, app, user)
    assert confirm(wire, device).json == {"UserConfirmationNecessary": False}
    shown = wire.did("GetDevice", AccessToken=device.access_token, DeviceKey=device.key)["Device"]
    named = {"UserPoolId": tracking.id, "Username": user}
    assert shown == wire.did("AdminGetDevice", DeviceKey=device.key, **named)["Device"]
    assert [shown] == wire.did("ListDevices", AccessToken=device.access_token)["Devices"]
    assert [shown] == wire.did("AdminListDevices", **named)["Devices"]
    attributes = {attribute["Name"]: attribute["Value"] for attribute in shown["DeviceAttributes"]}
    assert attributes == {
        "device_status": "valid",
        "device_name": "mine",
        "dev:device_remembered_status": "remembered",
    }


def test_devices_are_listed_page_by_page(tracking: UserPool, app: Client, user: str, wire: Wire) -> None:
    devices = [confirmed_device(tracking, app, user) for _ in range(3)]
    token = devices[0].access_token
    first = wire.did("ListDevices", AccessToken=token, Limit=2)
    second = wire.did("ListDevices", AccessToken=token, Limit=2, PaginationToken=first["PaginationToken"])
    listed = [device["DeviceKey"] for page in (first, second) for device in page["Devices"]]
    assert listed == [device.key for device in devices]
    assert "PaginationToken" not in second
    assert wire.call("ListDevices", AccessToken=token, PaginationToken="x").error[0] == "InvalidParameterException"


def test_an_access_token_of_an_earlier_sign_in_confirms_too(
    tracking: UserPool, app: Client, user: str, wire: Wire
) -> None:
    earlier = signed_in(tracking, app, user).tokens["AccessToken"]
    device = new_device(tracking, app, user)
    answer = wire.call(
        "ConfirmDevice", AccessToken=earlier, DeviceKey=device.key, DeviceSecretVerifierConfig=device.secret
    )
    assert answer.status == 200


def test_a_key_that_was_not_given_to_the_user_is_not_confirmed(
    tracking: UserPool, app: Client, user: str, wire: Wire
) -> None:
    mine, theirs = new_device(tracking, app, user), new_device(tracking, app, tracking.user())
    for key in (theirs.key, "us-east-1_00000000-0000-4000-8000-000000000000"):
        answer = wire.call(
            "ConfirmDevice", AccessToken=mine.access_token, DeviceKey=key, DeviceSecretVerifierConfig=mine.secret
        )
        assert answer.error == ("InvalidParameterException", "Invalid device key given.")


def test_a_device_is_confirmed_once(sign_in: DeviceSignIn, wire: Wire) -> None:
    assert confirm(wire, sign_in.device).error[0] == "DeviceKeyExistsException"


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"PasswordVerifier": ""},
        {"Salt": ""},
        {"Salt": "A"},
        {"Salt": "AAAA"},
        {"Salt": "gAAA"},
        {"Salt": _base64(bytes(range(1, 255)) * 2)},
        {"PasswordVerifier": _base64(minimal_bytes(COGNITO.group.prime))},
        {"PasswordVerifier": _base64(minimal_bytes(COGNITO.group.prime + 2))},
        {"PasswordVerifier": _base64(minimal_bytes(2**2900))},
    ],
)
def test_a_secret_that_no_device_has_is_refused(
    tracking: UserPool, app: Client, user: str, wire: Wire, secret: dict[str, str]
) -> None:
    device = new_device(tracking, app, user)
    sent = device.secret | secret if secret else {"Salt": device.secret["Salt"]}
    assert confirm(wire, device, sent).error[0] == "InvalidParameterException"
    assert wire.call("GetDevice", AccessToken=device.access_token, DeviceKey=device.key).error == NO_DEVICE
    assert confirm(wire, device).status == 200


def test_a_device_operation_needs_a_good_access_token(sign_in: DeviceSignIn, wire: Wire) -> None:
    device = sign_in.device
    forged = device.access_token[:-8] + "AAAAAAAA"
    operations: dict[str, dict[str, Any]] = {
        "ConfirmDevice": {"DeviceSecretVerifierConfig": device.secret},
        "GetDevice": {},
        "ForgetDevice": {},
        "UpdateDeviceStatus": {"DeviceRememberedStatus": "not_remembered"},
        "ListDevices": {},
    }
    for operation, members in operations.items():
        answer = wire.call(operation, AccessToken=forged, DeviceKey=device.key, **members)
        assert answer.error == ("NotAuthorizedException", "Could not verify signature for Access Token"), operation
    for operation in ("GetDevice", "ForgetDevice"):
        assert wire.call(operation, DeviceKey=device.key).error[0] == "NotAuthorizedException"
    assert sign_in.finish().has_tokens


def test_nobody_sees_or_forgets_the_device_of_another_user(
    sign_in: DeviceSignIn, tracking: UserPool, app: Client, wire: Wire
) -> None:
    somebody = signed_in(tracking, app, tracking.user()).tokens["AccessToken"]
    for operation, members in (
        ("GetDevice", {}),
        ("ForgetDevice", {}),
        ("UpdateDeviceStatus", {"DeviceRememberedStatus": "not_remembered"}),
    ):
        assert wire.call(operation, AccessToken=somebody, DeviceKey=sign_in.device.key, **members).error == NO_DEVICE
    assert sign_in.finish().has_tokens


def test_administrators_name_an_existing_user_and_device(tracking: UserPool, user: str, wire: Wire) -> None:
    key = "us-east-1_00000000-0000-4000-8000-000000000000"
    for operation, members in (
        ("AdminGetDevice", {}),
        ("AdminForgetDevice", {}),
        ("AdminUpdateDeviceStatus", {"DeviceRememberedStatus": "remembered"}),
    ):
        named = {"UserPoolId": tracking.id, "DeviceKey": key, **members}
        assert wire.call(operation, Username=user, **named).error == NO_DEVICE
        assert wire.call(operation, Username="nobody", **named).error[1] == "User does not exist."


# Signing in


def test_a_remembered_device_signs_in_and_its_tokens_name_it(sign_in: DeviceSignIn) -> None:
    for a in (5, 6, 7):
        sign_in.a = a
        tokens = sign_in.finish().tokens
        assert claims_of(tokens["AccessToken"])["device_key"] == sign_in.device.key
        assert "NewDeviceMetadata" not in tokens


def test_the_device_challenge_has_its_five_parameters(sign_in: DeviceSignIn, user: str) -> None:
    answer = sign_in.asked().start().json
    assert answer["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"
    parameters = answer["ChallengeParameters"]
    assert set(parameters) == {"DEVICE_KEY", "SALT", "SECRET_BLOCK", "SRP_B", "USERNAME"}
    assert (parameters["DEVICE_KEY"], parameters["USERNAME"]) == (sign_in.device.key, user)
    assert parse_hex(parameters["SALT"]) == sign_in.device.salt


def test_a_session_that_is_left_out_means_the_newest_of_that_user(sign_in: DeviceSignIn) -> None:
    sign_in.asked().session = None
    assert sign_in.answer(sign_in.start().json["ChallengeParameters"]).has_tokens
    assert sign_in.start().error[0] == "NotAuthorizedException", "the challenge was answered"


def test_a_wrong_session_is_refused_though_a_right_one_is_open(sign_in: DeviceSignIn) -> None:
    sign_in.asked().session = "x" * 100
    assert sign_in.start().error[0] == "NotAuthorizedException"


def test_the_device_challenge_is_over_after_the_session_validity(sign_in: DeviceSignIn, service: EmbeddedPool) -> None:
    challenge = sign_in.asked().start().json["ChallengeParameters"]
    late = sign_in.asked()
    service.clock.advance(timedelta(minutes=3))
    assert sign_in.answer(challenge).error[0] == "NotAuthorizedException"
    assert late.start().error[0] == "NotAuthorizedException"


def test_a_device_that_is_forgotten_or_no_longer_remembered_in_between_gets_nothing(
    sign_in: DeviceSignIn, tracking: UserPool, user: str, wire: Wire
) -> None:
    named = {"UserPoolId": tracking.id, "Username": user, "DeviceKey": sign_in.device.key}
    challenge = sign_in.asked().start().json["ChallengeParameters"]
    asked = DeviceSignIn(tracking, sign_in.client, user, sign_in.device).asked()
    wire.did("AdminUpdateDeviceStatus", DeviceRememberedStatus="not_remembered", **named)
    assert sign_in.answer(challenge).error == INCORRECT
    assert asked.start().error == INCORRECT
    wire.did("AdminForgetDevice", **named)
    assert sign_in.answer(challenge).error == NO_DEVICE
    assert asked.start().error == NO_DEVICE


def test_a_user_who_is_disabled_in_between_gets_nothing(
    sign_in: DeviceSignIn, tracking: UserPool, user: str, wire: Wire
) -> None:
    challenge = sign_in.asked().start().json["ChallengeParameters"]
    wire.did("AdminDisableUser", UserPoolId=tracking.id, Username=user)
    assert sign_in.answer(challenge).error == ("NotAuthorizedException", "User is disabled.")


def test_the_secret_block_of_the_users_own_challenge_is_none_of_the_devices(
    sign_in: DeviceSignIn, tracking: UserPool, app: Client, user: str
) -> None:
    own = SrpSignIn(tracking, app, user).start().challenge["SECRET_BLOCK"]
    challenge = sign_in.asked().start().json["ChallengeParameters"]
    assert sign_in.answer(challenge, PASSWORD_CLAIM_SECRET_BLOCK=own).error == INCORRECT


@pytest.mark.parametrize("missing", ["USERNAME", "DEVICE_KEY", "SRP_A"])
def test_a_start_without_one_of_its_responses_is_told_which(sign_in: DeviceSignIn, missing: str) -> None:
    answer = sign_in.asked().start(**{missing: ""})
    assert answer.error == ("InvalidParameterException", f"Missing required parameter {missing}")


def test_every_step_of_a_client_with_a_secret_needs_its_hash(tracking: UserPool, user: str) -> None:
    client = tracking.client(*EVERY_FLOW, secret=True)
    sign_in = DeviceSignIn(tracking, client, user, confirmed_device(tracking, client, user))
    assert sign_in.asked().start(SECRET_HASH="x").error[0] == "NotAuthorizedException"
    challenge = sign_in.start().json["ChallengeParameters"]
    assert sign_in.answer(challenge, SECRET_HASH="x").error[0] == "NotAuthorizedException"
    assert sign_in.answer(challenge).has_tokens


# What is remembered


def test_a_pool_that_asks_the_user_remembers_on_their_word_only(service: EmbeddedPool, wire: Wire) -> None:
    pool = UserPool.make(service, wire, DeviceConfiguration=ON_PROMPT)
    client = pool.client(*EVERY_FLOW)
    username = pool.user()
    device = new_device(pool, client, username)
    assert confirm(wire, device).json == {"UserConfirmationNecessary": True}
    assert signed_in(pool, client, username, DEVICE_KEY=device.key).has_tokens
    wire.did(
        "UpdateDeviceStatus",
        AccessToken=device.access_token,
        DeviceKey=device.key,
        DeviceRememberedStatus="remembered",
    )
    assert DeviceSignIn(pool, client, username, device).finish().has_tokens


def test_a_forgotten_device_is_told_so_after_the_right_password_only(
    sign_in: DeviceSignIn, tracking: UserPool, app: Client, user: str, wire: Wire
) -> None:
    device = sign_in.device
    wire.did("ForgetDevice", AccessToken=device.access_token, DeviceKey=device.key)
    assert signed_in(tracking, app, user, DEVICE_KEY=device.key, PASSWORD="Wrong-Word-1").error == INCORRECT
    assert signed_in(tracking, app, user, DEVICE_KEY=device.key).error == NO_DEVICE
    assert signed_in(tracking, app, user).has_tokens
    assert confirm(wire, device).error[1] == "Invalid device key given."


@pytest.mark.parametrize("null", ["AuthParameters", "ChallengeResponses"])
def test_a_device_key_of_null_counts_as_none(tracking: UserPool, app: Client, user: str, null: str) -> None:
    if null == "AuthParameters":
        assert signed_in(tracking, app, user, DEVICE_KEY=None).has_tokens  # type: ignore[arg-type]
    else:
        attempt = SrpSignIn(tracking, app, user).start()
        assert attempt.answer({**attempt.responses(), "DEVICE_KEY": None}).has_tokens


# Refresh


def refreshed(pool: UserPool, client: Client, token: str, **parameters: str) -> Answer:
    given = {"REFRESH_TOKEN": token, **parameters}
    return pool.wire.call("InitiateAuth", AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client.id, AuthParameters=given)


def test_a_refresh_token_works_with_the_key_of_its_confirmed_device(
    tracking: UserPool, app: Client, user: str, wire: Wire
) -> None:
    refusal = ("NotAuthorizedException", "Invalid Refresh Token")
    device = new_device(tracking, app, user)
    assert refreshed(tracking, app, device.refresh_token, DEVICE_KEY=device.key).error == refusal, "not confirmed yet"
    confirm(wire, device)
    tokens = refreshed(tracking, app, device.refresh_token, DEVICE_KEY=device.key).tokens
    assert claims_of(tokens["AccessToken"])["device_key"] == device.key
    assert refreshed(tracking, app, device.refresh_token).error == refusal
    assert (
        refreshed(tracking, app, device.refresh_token, DEVICE_KEY=new_device(tracking, app, user).key).error == refusal
    )
    wire.did("ForgetDevice", AccessToken=device.access_token, DeviceKey=device.key)
    assert refreshed(tracking, app, device.refresh_token, DEVICE_KEY=device.key).error == refusal
