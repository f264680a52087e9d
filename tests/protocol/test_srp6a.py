"""SRP-6a, generic and as Cognito has it."""

from __future__ import annotations

import unicodedata

import pytest

from protocol.cognito_srp import COGNITO, password_key, pool_name, private_key
from protocol.errors import MalformedNumber, MalformedText, MalformedUserPoolId, UnsafePublicValue
from protocol.groups import RFC5054_1024, RFC5054_GROUPS, Group
from protocol.srp6a import Profile, rfc5054_private_key, rfc5054_profile

A, B, X = 0x60975527035CF2AD, 0xE487CB59D31AC550, 0x94B7555AABE9127C
PROFILES = [COGNITO, *map(rfc5054_profile, RFC5054_GROUPS), rfc5054_profile(RFC5054_1024, "sha512")]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_client_and_server_agree_in_every_profile(profile: Profile) -> None:
    verifier = profile.verifier(X)
    client_public, server_public = profile.client_public(A), profile.server_public(B, verifier)
    of_client = profile.client_premaster_secret(a=A, client_public=client_public, server_public=server_public, x=X)
    of_server = profile.server_premaster_secret(
        client_public=client_public, b=B, server_public=server_public, verifier=verifier
    )
    assert of_client == of_server


def test_another_password_gives_another_premaster_secret() -> None:
    verifier = COGNITO.verifier(X)
    publics = {"client_public": COGNITO.client_public(A), "server_public": COGNITO.server_public(B, verifier)}
    of_server = COGNITO.server_premaster_secret(b=B, verifier=verifier, **publics)
    assert COGNITO.client_premaster_secret(a=A, x=X + 1, **publics) != of_server


@pytest.mark.parametrize("multiple", [0, 1, 2])
@pytest.mark.parametrize("profile", [COGNITO, rfc5054_profile(RFC5054_1024)], ids=lambda profile: profile.name)
def test_a_public_value_that_is_zero_modulo_n_ends_the_exchange_on_either_side(profile: Profile, multiple: int) -> None:
    zero, good = multiple * profile.group.prime, profile.client_public(A)
    for client_public, server_public, name in ((zero, good, "A"), (good, zero, "B")):
        publics = {"client_public": client_public, "server_public": server_public}
        with pytest.raises(UnsafePublicValue, match=f"{name} is 0"):
            profile.client_premaster_secret(a=A, x=X, **publics)
        with pytest.raises(UnsafePublicValue, match=f"{name} is 0"):
            profile.server_premaster_secret(b=B, verifier=profile.verifier(X), **publics)


def test_a_scrambler_of_zero_ends_the_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Profile, "_hash_of", lambda *_: 0)
    with pytest.raises(UnsafePublicValue, match="u is 0"):
        COGNITO.scrambler(2, 3)


def test_rfc_5054_refuses_a_public_value_wider_than_n() -> None:
    profile = rfc5054_profile(Group("tiny", 23, 5, 5))
    with pytest.raises(MalformedNumber):
        profile.scrambler(256, 3)


def test_rfc_5054s_private_key_hashes_the_salt_as_its_bytes() -> None:
    keys = {rfc5054_private_key(salt=salt, user="alice", password="password123") for salt in (b"", b"\0", b"\0\0")}
    assert len(keys) == 3


def test_the_pool_name_follows_the_underscore() -> None:
    assert pool_name("us-east-1_AbCdEf123") == "AbCdEf123"


@pytest.mark.parametrize("user_pool_id", ["", "AbCdEf123", "us-east-1_"])
def test_a_pool_id_without_a_name_is_refused(user_pool_id: str) -> None:
    with pytest.raises(MalformedUserPoolId, match="region_name"):
        pool_name(user_pool_id)


def key_of(password: str, *, user_id: str = "marta", salt: int = 1) -> int:
    return private_key(salt=salt, pool_name="EXAMPLE", user_id=user_id, password=password)


def test_blanks_case_and_normal_form_of_a_password_count() -> None:
    passwords = ["Café 7", " Café 7", "Café 7 ", "café 7", unicodedata.normalize("NFD", "Café 7")]
    assert len(set(map(key_of, passwords))) == len(passwords)


def test_a_lone_surrogate_in_a_name_or_password_is_refused() -> None:
    with pytest.raises(MalformedText, match="position 1"):
        key_of("a\ud800")
    with pytest.raises(MalformedText):
        key_of("a", user_id="\udfff")


def test_a_negative_salt_is_refused() -> None:
    with pytest.raises(MalformedNumber):
        key_of("a", salt=-1)


def test_the_password_key_has_16_bytes() -> None:
    assert len(password_key(premaster_secret=0, scrambler=1)) == 16
