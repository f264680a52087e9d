"""The review of a user pool: what a badly configured one is told, and that a well configured one is told nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.catalogue import all_checks
from harness.check import Check
from harness.findings import Finding, NotApplicable
from harness.posture import PoolPosture
from harness.posture_functions import names_a_secret
from harness.posture_reading import Document, PostureReader
from harness.recommended_pool import CLIENT, PUBLIC_FLOWS, RECOMMENDED, RISKS, SECOND_FACTORS
from reports.vocabulary import Level

CHECKS = {check.id: check for check in all_checks() if check.id.startswith("POS-")}
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:"
GOOD_FUNCTION = {"Runtime": "nodejs24.x", "Timeout": 3, "VariableNames": ["SECRET_ARN", "TABLE"]}
TRIGGERS = {
    name: f"{ARN}{name}" for name in ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
}


@dataclass
class Told(PostureReader):
    """A pool whose documents are given."""

    pool: Document = field(default_factory=dict)
    second_factors: Document = field(default_factory=dict)
    app_clients: list[Document] = field(default_factory=list)
    risks: Document = field(default_factory=dict)
    of_functions: Document = field(default_factory=dict)
    asked: list[str | None] = field(default_factory=list)

    def user_pool(self) -> Document:
        return self.pool

    def mfa(self) -> Document:
        return self.second_factors

    def clients(self) -> list[Document]:
        return self.app_clients

    def risk(self, client_id: str | None = None) -> Document:
        self.asked.append(client_id)
        own: Document = self.risks if client_id is None else {}
        return own

    def function(self, arn: str) -> Document:
        return self.of_functions


def a_client(**changed: Any) -> dict[str, Any]:
    settings = {name: value for name, value in CLIENT.items() if name[0].isupper()}
    return {
        **settings,
        "ClientId": "3n4b5urk1ft4fl3mg5e62d9ado",
        "ClientName": "web",
        "ExplicitAuthFlows": list(PUBLIC_FLOWS),
        "PreventUserExistenceErrors": "ENABLED",
        "HasSecret": False,
        **changed,
    }


def told(*clients: Document, function: Document = GOOD_FUNCTION, mfa: Document | None = None, **pool: Any) -> Told:
    """A recommended pool, with something changed."""
    return Told(
        pool={**RECOMMENDED, "LambdaConfig": TRIGGERS, **pool},
        second_factors={**SECOND_FACTORS, **(mfa or {})},
        app_clients=list(clients or [a_client()]),
        risks=RISKS,
        of_functions=function,
    )


def verdict(check: Check, reader: PostureReader) -> tuple[str, dict[str, str]]:
    """The finding of a check, empty where there is none, and its observations."""
    seen: dict[str, str] = {}
    run: Callable[..., None] = getattr(importlib.import_module(check.module), check.function)
    wanted = run.__code__.co_varnames[: run.__code__.co_argcount]
    arguments = {"posture": PoolPosture(reader), "observe": seen.__setitem__}
    try:
        run(**{name: arguments[name] for name in wanted})
    except Finding as finding:
        return str(finding), seen
    return "", seen


def of(id: str, reader: PostureReader) -> str:
    return verdict(CHECKS[id], reader)[0]


@pytest.mark.parametrize("id", CHECKS)
def test_a_pool_as_recommended_is_told_nothing(id: str) -> None:
    assert of(id, told(a_client(), a_client(HasSecret=True))) == ""


BARE = Told(
    pool={},
    second_factors={"MfaConfiguration": "OFF"},
    app_clients=[{"ClientId": "bare", "ClientName": "made with defaults"}],
)
"""What the API makes of nothing but names, as far as its answers are documented."""


def test_a_pool_made_with_the_defaults_of_the_api_is_told_what_to_set() -> None:
    findings = {id: finding for id in CHECKS if (finding := of(id, BARE))}
    assert sorted(findings) == ["POS-01", "POS-10", "POS-23", "POS-28", "POS-29", "POS-34", "POS-38", "POS-45"]
    assert findings["POS-01"] == (
        "client bare (made with defaults): PreventUserExistenceErrors is LEGACY. "
        "Remedy: PreventUserExistenceErrors = ENABLED"
    )
    assert all("Remedy: " in finding for finding in findings.values())


def weak_pools() -> Iterator[tuple[str, PostureReader, str]]:
    """A weak pool, the check that tells, and words that it tells."""
    yield "POS-02", told(a_client(ExplicitAuthFlows=["USER_PASSWORD_AUTH"])), "takes bare passwords"
    yield "POS-03", told(a_client(ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], HasSecret=True)), "not SRP"
    yield "POS-04", told(a_client(ExplicitAuthFlows=["ADMIN_NO_SRP_AUTH"])), "has no secret"
    yield "POS-06", told(a_client(AccessTokenValidity=2, TokenValidityUnits={})), "access tokens live for 2 h"
    yield "POS-08", told(a_client(RefreshTokenValidity=3650, TokenValidityUnits={})), "live for 3650 days"
    yield "POS-11", told(a_client(CallbackURLs=["http://LOCALHOST.example.org/"])), "over http"
    yield "POS-11", told(a_client(CallbackURLs=["HTTP://example.org/"])), "over http"
    yield "POS-13", told(a_client(CallbackURLs=["https://example.org/#in"])), "has a fragment"
    yield "POS-13", told(a_client(LogoutURLs=["/out"])), "is not absolute"
    yield "POS-16", told(a_client(AllowedOAuthFlows=["client_credentials"])), "has no secret"
    yield "POS-20", told(a_client(WriteAttributes=["custom:tenantId"])), "custom:tenantId"
    yield "POS-20", told(a_client(WriteAttributes=["custom:isAdmin"])), "custom:isAdmin"
    yield "POS-21", told(AutoVerifiedAttributes=["email", "phone_number"]), "a new phone_number counts"
    yield "POS-22", told(AliasAttributes=["phone_number"]), "phone_number is signed in with"
    yield "POS-28", told(AccountRecoverySetting=recovering("verified_phone_number")), "by text alone"
    yield "POS-28", told(AccountRecoverySetting=recovering("verified_phone_number", "verified_email")), "by text first"
    yield "POS-33", told(mfa=passkeys("localhost")), "no domain"
    yield "POS-33", told(mfa=passkeys("auth.eu-west-1.amazoncognito.com")), "shared with everybody"
    yield "POS-33", told(mfa=passkeys("example.com"), CustomDomain="id.example.org"), "cannot be used on"
    yield "POS-39", told(LambdaConfig={"DefineAuthChallenge": ARN}), "lacks CreateAuthChallenge, Verify"
    yield "POS-41", told(function={}), "does not exist"
    yield "POS-47", told(SmsConfiguration={"EumsSms": {"CallerArn": "arn:role"}}), "arn:role"


def recovering(*order: str) -> dict[str, Any]:
    listed = [{"Priority": priority, "Name": name} for priority, name in enumerate(order, 1)]
    return {"RecoveryMechanisms": listed[::-1]}


def passkeys(relying_party_id: str) -> dict[str, Any]:
    return {"WebAuthnConfiguration": {"RelyingPartyId": relying_party_id, "UserVerification": "required"}}


@pytest.mark.parametrize(("id", "reader", "words"), list(weak_pools()))
def test_a_weak_pool_is_told_what_is_weak_and_what_to_set(id: str, reader: PostureReader, words: str) -> None:
    finding = of(id, reader)
    assert words in finding
    assert "Remedy: " in finding


@pytest.mark.parametrize(
    ("id", "reader"),
    [
        ("POS-01", told(a_client(AllowedOAuthFlows=["client_credentials"], ExplicitAuthFlows=None, HasSecret=True))),
        ("POS-02", told(a_client(ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], HasSecret=True))),
        ("POS-03", told(a_client(ExplicitAuthFlows=["USER_PASSWORD_AUTH"]))),
        ("POS-06", told(a_client(AccessTokenValidity=60))),
        ("POS-11", told(a_client(CallbackURLs=["http://localhost:3000/", "http://[::1]:8/", "org.example.app:/in"]))),
        ("POS-11", told(a_client(AllowedOAuthFlowsUserPoolClient=False, CallbackURLs=["http://example.org/"]))),
        ("POS-14", told(a_client(CallbackURLs=["org.example.app:/in"]))),
        ("POS-15", told(a_client(AllowedOAuthFlowsUserPoolClient=False, AllowedOAuthFlows=["implicit"]))),
        ("POS-18", told(DcrConfiguration={"EnableStatus": "Disabled", "OpenDcrEnabled": True})),
        ("POS-20", told(a_client(WriteAttributes=["custom:planet", "custom:colour", "custom:organic"]))),
        ("POS-28", told(AccountRecoverySetting=recovering("admin_only"))),
        ("POS-33", told(mfa=passkeys("shop.auth.eu-west-1.amazoncognito.com"))),
        ("POS-33", told(mfa=passkeys("example.org"), CustomDomain="id.example.org")),
        ("POS-40", told(a_client(ExplicitAuthFlows=None), LambdaConfig={})),
        ("POS-45", told(EmailConfiguration={}, LambdaConfig={"CustomEmailSender": {"LambdaArn": ARN}})),
    ],
)
def test_what_is_right_in_its_place_is_not_told(id: str, reader: PostureReader) -> None:
    assert of(id, reader) == ""


def test_one_finding_names_every_client_that_has_it() -> None:
    clients = [a_client(ClientId=f"id{number}", PreventUserExistenceErrors="LEGACY") for number in range(25)]
    finding = of("POS-01", told(*clients))
    assert "client id0 (web): " in finding
    assert "client id19 (web): " in finding
    assert "; and 5 more. Remedy: " in finding


def test_what_aws_does_without_a_setting_is_recorded_and_not_judged() -> None:
    unset = told()
    unset.risks = {"UserPoolId": "eu-west-1_x"}
    for id, name in (("POS-36", "compromised passwords"), ("POS-37", "sign-ins of high risk")):
        finding, seen = verdict(CHECKS[id], unset)
        assert (finding, seen[name]) == ("", "the pool: not told")
    silent = {"WebAuthnConfiguration": {"RelyingPartyId": "example.org"}}
    finding, seen = verdict(CHECKS["POS-32"], told(mfa=silent))
    assert (finding, seen["passkeys"]) == ("", "UserVerification not told")


def test_risks_are_not_asked_about_where_threat_protection_is_off() -> None:
    off = told(UserPoolAddOns={})
    assert of("POS-36", off) == ""
    assert off.asked == []


def test_variables_that_lambda_hides_leave_the_question_open() -> None:
    with pytest.raises(NotApplicable, match="kms:Decrypt"):
        of("POS-44", told(function={**GOOD_FUNCTION, "VariableNames": None}))


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD", "clientSecret", "STRIPE_API_KEY", "APIKEY", "SESSION_TOKEN", "privateKey", "SALT"]
)
def test_names_of_secrets(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD_ARN", "SECRET_NAME", "secretId", "TOKEN_TTL", "TABLE", "KMS_KEY_ID", "PASSWORD_MIN_LENGTH"]
)
def test_names_of_places_and_numbers(name: str) -> None:
    assert not names_a_secret(name)


def test_every_finding_that_fails_a_run_stands_in_a_standard() -> None:
    must: Mapping[str, str] = {id: check.clause for id, check in CHECKS.items() if check.level is Level.MUST}
    assert sorted(must) == ["POS-11", "POS-15", "POS-16", "POS-19", "POS-25"]
    assert all("ASVS" in clause or "RFC" in clause or "Cognito" in clause for clause in must.values())
