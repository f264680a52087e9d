"""Every form of the password is found in a request, and an honest sign-in holds none."""

from __future__ import annotations

import base64
import hashlib
import json
import urllib.parse
from datetime import UTC, datetime

import pytest

from harness.client_attempt import Attempt
from harness.client_exponents import EXPONENT_BITS, small_exponent
from harness.client_front import Exchange, Reply, Request
from harness.client_secrets import what_left
from protocol.cognito_srp import COGNITO, private_key, verifier

PASSWORD, POOL, USER, SALT = 'Zq7!~é&+%"\\/<>{canary', "us-east-1_AbCdEf123", "ada", 0xA1B2C3D4
X = private_key(salt=SALT, pool_name="AbCdEf123", user_id=USER, password=PASSWORD)
V = verifier(X)
RAW = PASSWORD.encode()

LEAKS = {
    "as it is": RAW,
    "in JSON": json.dumps({"p": PASSWORD}).encode(),
    "in JSON that keeps its letters": json.dumps({"p": PASSWORD}, ensure_ascii=False).encode(),
    "in a URL": urllib.parse.quote(PASSWORD).encode(),
    "in a form": urllib.parse.urlencode({"p": PASSWORD}).encode(),
    "in hex": RAW.hex().encode(),
    "in capital hex": RAW.hex().upper().encode(),
    "in base64": base64.b64encode(b"12" + RAW + b"3"),
    "in base64 for URLs": base64.urlsafe_b64encode(b"1" + RAW),
    "in JSON in base64": base64.b64encode(json.dumps({"p": PASSWORD}).encode()),
    "its SHA-256": hashlib.sha256(RAW).hexdigest().encode(),
    "its SHA-512 in base64": base64.b64encode(hashlib.sha512(RAW).digest()),
    "the hash with its names": hashlib.sha256(f"AbCdEf123{USER}:{PASSWORD}".encode()).hexdigest().encode(),
    "x": f"{X:x}".encode(),
    "x in bytes": X.to_bytes(32, "big"),
    "v": f"{V:X}".encode(),
    "v with zeros": f"{V:0770x}".encode(),
    "v in base64": base64.b64encode(V.to_bytes(384, "big")),
}


def attempt(body: bytes, headers: bytes = b"") -> Attempt:
    reply = Reply().with_json(
        {
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeParameters": {"SALT": f"{SALT:x}", "USER_ID_FOR_SRP": USER, "USERNAME": USER},
        }
    )
    raw = b"POST / HTTP/1.1\r\n" + headers + b"\r\n\r\n" + body
    request = Request("POST", "/", {}, body, raw, datetime.now(UTC))
    return Attempt({"ok": True}, (Exchange(request, reply),), datetime.now(UTC), 0.1)


def found(sent: Attempt) -> str | None:
    return what_left(sent, password=PASSWORD, user_pool_id=POOL, names=[USER])


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_each_form_is_found_in_a_body_and_in_a_header(leak: bytes) -> None:
    assert found(attempt(b'{"a": "' + leak + b'"}'))
    assert found(attempt(b"{}", headers=b"X-Seen: " + leak))


def test_what_an_honest_sign_in_sends_is_none_of_it() -> None:
    sent = json.dumps({"USERNAME": USER, "SRP_A": f"{COGNITO.client_public(2**1000 + 7):x}", "SALT": f"{SALT:x}"})
    assert found(attempt(sent.encode())) is None


@pytest.mark.parametrize("a", [1, 2, 63, 64, 3071, 3072, 65_535, 65_536, 1_234_567, 2**EXPONENT_BITS - 1])
def test_small_exponents_are_found(a: int) -> None:
    assert small_exponent(COGNITO.client_public(a)) == a


@pytest.mark.parametrize("a", [2**EXPONENT_BITS, 2**EXPONENT_BITS + 1, 2**256 - 5, 2**1024 - 9])
def test_great_exponents_are_not(a: int) -> None:
    assert small_exponent(COGNITO.client_public(a)) is None
