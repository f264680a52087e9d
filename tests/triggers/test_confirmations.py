"""Confirming with a passkey, where having signed in a while ago is not enough to add another one."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from fakes.authenticator.credential import Credential
from fakes.pool import EmbeddedPool
from fakes.triggers import ReferenceTriggers
from fakes.triggers.fido2.configuration import PasskeyConfiguration
from harness.credential_api import id_token_claims, proxy_event
from harness.dialects.passkeys import ApiCall
from harness.dialects.passwordless_passkeys import PasswordlessPasskeys
from harness.webauthn_cases.edits import Ceremony, Manner
from harness.webauthn_cases.making import ResponseMaker
from protocol.webauthn import base64url
from tests.triggers.cognito import Clock, Deployment

RP_ID, ORIGIN = "example.org", "https://example.org"
LATER = 3600
_SPOKEN = PasswordlessPasskeys()
_numbers = itertools.count(1)


@dataclass
class Owner:
    """A user who signed in once, when they were made."""

    api: Any
    clock: Clock
    maker: ResponseMaker
    claims: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        sub = f"00000000-0000-4000-9000-{next(_numbers):012}"
        self.claims = id_token_claims(sub, sub, f"{sub}@users.example.com", self.clock())

    def ask(self, call: ApiCall | None) -> tuple[int, Any]:
        assert call is not None
        answer = self.api(proxy_event(call, self.claims))
        return answer["statusCode"], json.loads(answer["body"] or "null")

    def begin(self) -> int:
        return self.ask(_SPOKEN.start(RP_ID))[0]

    def register(self) -> Credential:
        status, options = self.ask(_SPOKEN.start(RP_ID))
        assert status == 200
        handle = base64url.decode(options["user"]["id"])
        ceremony = Ceremony(base64url.decode(options["challenge"]), ORIGIN, RP_ID, handle)
        credential = self.maker.credential(ceremony, Manner())
        response = self.maker.registration(ceremony, credential, Manner())
        assert self.ask(_SPOKEN.complete(response, "key"))[0] == 200
        return credential

    def confirmation(self, credential: Credential) -> ApiCall:
        status, options = self.ask(_SPOKEN.confirmation())
        assert status == 200
        ceremony = Ceremony(base64url.decode(options["challenge"]), ORIGIN, RP_ID, credential.user_handle)
        return _SPOKEN.confirm(self.maker.authentication(ceremony, credential, Manner()))


@pytest.fixture(scope="module")
def api(service: EmbeddedPool, deployed: Deployment) -> Any:
    deployed.services.database.create_table(
        TableName="confirmations",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    configuration = replace(deployed.configuration, passkeys=PasskeyConfiguration("confirmations", (RP_ID,), (ORIGIN,)))
    triggers = ReferenceTriggers(deployed.services, configuration, deployed.clock, deployed.faults)
    return triggers.functions["fido2_credentials_api"]


@pytest.fixture
def owners(api: Any, at: Deployment) -> Iterator[list[Owner]]:
    maker = ResponseMaker("confirmations", random.Random(next(_numbers)))  # noqa: S311 - test data
    before = at.clock.moment
    yield [Owner(api, at.clock, maker) for _ in range(2)]
    at.clock.moment = before


def test_who_signed_in_long_ago_confirms_with_a_passkey_and_adds_another(owners: list[Owner]) -> None:
    owner = owners[0]
    credential = owner.register()
    owner.clock.advance(LATER)
    assert owner.begin() == 403
    assert owner.ask(owner.confirmation(credential))[0] == 204
    assert owner.begin() == 200
    owner.clock.advance(LATER)
    assert owner.begin() == 403


def test_a_confirmation_is_answered_once_and_in_time(owners: list[Owner]) -> None:
    owner = owners[0]
    credential = owner.register()
    confirmation = owner.confirmation(credential)
    assert owner.ask(confirmation)[0] == 204
    assert owner.ask(confirmation)[0] == 400
    late = owner.confirmation(credential)
    owner.clock.advance(LATER)
    assert owner.ask(late)[0] == 400


def test_nobody_confirms_with_another_users_passkey(owners: list[Owner]) -> None:
    owner, other = owners
    owner.register()
    theirs = other.register()
    owner.clock.advance(LATER)
    assert owner.ask(owner.confirmation(theirs))[0] == 400
    assert owner.begin() == 403


def test_user_verification_is_what_the_environment_says() -> None:
    told = {"RELYING_PARTY_IDS": RP_ID, "PASSKEYS_TABLE": "passkeys"}
    required, preferred = (
        PasskeyConfiguration.from_environment(told | more) for more in ({}, {"USER_VERIFICATION": "preferred"})
    )
    assert required is not None
    assert required.user_verification == "required"
    assert preferred is not None
    assert preferred.user_verification == "preferred"
