"""A new e-mail address or number counts once it is verified."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fakes.pool import EmbeddedPool
from tests.pool.caller import PASSWORD, Answer, Client, UserPool, Wire

FLOWS = ("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
BEFORE_UPDATE = {
    "AutoVerifiedAttributes": ["email"],
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
}


class Person:
    """A user who is signed in."""

    def __init__(self, pool: UserPool, address: str, client: Client | None = None) -> None:
        self.pool = pool
        self.client = client or pool.client(*FLOWS)
        self.name = pool.user(email=address, email_verified="true")
        self.token = self.signs_in(self.name).tokens["AccessToken"]

    def signs_in(self, typed: str) -> Answer:
        return self.pool.wire.call(
            "InitiateAuth",
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client.id,
            AuthParameters={"USERNAME": typed, "PASSWORD": PASSWORD},
        )

    def sets(self, **attributes: str) -> Answer:
        listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
        return self.pool.wire.call("UpdateUserAttributes", AccessToken=self.token, UserAttributes=listed)

    def verifies(self, code: str) -> Answer:
        return self.pool.wire.call("VerifyUserAttribute", AccessToken=self.token, AttributeName="email", Code=code)

    @property
    def address(self) -> tuple[str, str]:
        user = self.pool.wire.did("GetUser", AccessToken=self.token)
        attributes = {entry["Name"]: entry["Value"] for entry in user["UserAttributes"]}
        return attributes["email"], attributes["email_verified"]

    def code_sent_to(self, address: str) -> str:
        found = re.search(r"\d{6}", self.pool.service.mailbox.to(address)[-1].text)
        assert found is not None
        return found[0]


@pytest.fixture(autouse=True)
def _nothing_sent(service: EmbeddedPool) -> None:
    service.mailbox.clear()


@pytest.fixture
def person_in(service: EmbeddedPool, wire: Wire) -> Callable[..., Person]:
    def make(address: str = "old@example.org", **settings: Any) -> Person:
        return Person(UserPool.make(service, wire, AliasAttributes=["email"], **settings), address)

    return make


def test_a_new_address_does_not_count_before_its_code_came_back(person_in: Callable[..., Person]) -> None:
    person = person_in(**BEFORE_UPDATE)
    (details,) = person.sets(email="new@example.org").json["CodeDeliveryDetailsList"]
    assert details == {"Destination": "n***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert person.address == ("old@example.org", "true")
    assert not person.signs_in("new@example.org").has_tokens
    assert person.signs_in("old@example.org").has_tokens
    code = person.code_sent_to("new@example.org")
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert person.verifies(wrong).error[0] == "CodeMismatchException"
    assert person.verifies(code).status == 200
    assert person.address == ("new@example.org", "true")
    assert person.signs_in("new@example.org").has_tokens
    assert not person.signs_in("old@example.org").has_tokens
    assert person.verifies(code).error[0] == "ExpiredCodeException"


def test_without_that_setting_it_is_there_at_once_but_unverified(person_in: Callable[..., Person]) -> None:
    person = person_in()
    assert person.sets(email="new@example.org").json["CodeDeliveryDetailsList"] == []
    assert person.address == ("new@example.org", "false")
    assert not person.signs_in("new@example.org").has_tokens


def test_a_code_can_be_asked_for_and_grows_old(person_in: Callable[..., Person]) -> None:
    person = person_in()
    person.sets(email="new@example.org")
    person.pool.wire.did("GetUserAttributeVerificationCode", AccessToken=person.token, AttributeName="email")
    code = person.code_sent_to("new@example.org")
    service = person.pool.service
    service.clock.advance(timedelta(hours=25))
    person.token = person.signs_in(person.name).tokens["AccessToken"]
    assert person.verifies(code).error[0] == "ExpiredCodeException"
    person.pool.wire.did("GetUserAttributeVerificationCode", AccessToken=person.token, AttributeName="email")
    assert person.verifies(person.code_sent_to("new@example.org")).status == 200
    assert person.address == ("new@example.org", "true")


def test_a_user_cannot_say_that_an_address_is_verified(person_in: Callable[..., Person]) -> None:
    person = person_in()
    refused = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
    assert person.sets(email="new@example.org", email_verified="true").error == refused
    assert person.sets(sub="another").error == refused
    assert person.address == ("old@example.org", "true")
    with person.pool.service.faults.switched_on("pool.attributes.verified-by-the-user"):
        assert person.sets(email_verified="true").status == 200


def test_a_client_writes_what_it_may(service: EmbeddedPool, wire: Wire) -> None:
    pool = UserPool.make(service, wire)
    person = Person(pool, "old@example.org", pool.client(*FLOWS, WriteAttributes=["name"]))
    assert person.sets(name="Ann").status == 200
    assert person.sets(email="new@example.org").error[0] == "NotAuthorizedException"


@pytest.mark.parametrize("settings", [{}, BEFORE_UPDATE], ids=["at once", "before update"])
def test_an_address_is_one_users(person_in: Callable[..., Person], settings: Any) -> None:
    person = person_in(**settings)
    other = Person(person.pool, "other@example.org", person.client)
    assert person.sets(email="other@example.org").error[0] == "AliasExistsException"
    assert other.signs_in("other@example.org").has_tokens


def test_an_administrator_may_say_that_it_is_verified(person_in: Callable[..., Person]) -> None:
    person = person_in(**BEFORE_UPDATE)

    def administer(**attributes: str) -> None:
        listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
        person.pool.wire.did(
            "AdminUpdateUserAttributes", UserPoolId=person.pool.id, Username=person.name, UserAttributes=listed
        )

    administer(email="new@example.org")
    assert person.address == ("old@example.org", "true")
    administer(email="newer@example.org", email_verified="true")
    assert person.address == ("newer@example.org", "true")


def test_under_the_fault_a_new_address_counts_at_once(person_in: Callable[..., Person]) -> None:
    person = person_in(**BEFORE_UPDATE)
    with person.pool.service.faults.switched_on("pool.attributes.new-address-counts-unverified"):
        person.sets(email="new@example.org")
        assert person.address == ("new@example.org", "true")
        assert person.signs_in("new@example.org").has_tokens
