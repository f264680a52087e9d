"""Signing in as everybody does: CLI-01, CLI-07, CLI-08, CLI-14 and CLI-18."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NoReturn

from harness.check import AWS_DOC, CLIENT, COMPUTED, HIGH, INFO, MEASURED, MUST, NONE, OWN, cases, check
from harness.findings import Finding, Inconclusive

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.client import ClientUnderTest

PLAIN_SIGN_INS = 5
_EMAIL_IS_AN_ALIAS = {"AliasAttributes": ["email"]}


@check(
    "CLI-01",
    level=MUST,
    severity=HIGH,
    clause="Cognito's SRP profile; Cognito developer guide, USER_SRP_AUTH",
    evidence=COMPUTED,
    subject=CLIENT,
    needs={"client"},
    killed_by={
        "client.srp.signature-cut": "did not sign in with the right password",
        "client.srp.k-without-sign-byte": "did not sign in with the right password",
        "client.srp.salt-as-text": "did not sign in with the right password",
        "client.names.full-pool-id": "did not sign in with the right password",
        "client.success.refusal-taken-for-it": "reported success after a wrong password",
    },
)
def test_the_right_password_signs_in_and_a_wrong_one_does_not(trial: ClientUnderTest) -> None:
    """The right password signs in, a wrong one is reported as an error, and then the right one still signs in.

    A client that fails here computes something of the exchange in another way than the pool does: compare k (the
    group's g is 2, N has a sign byte), x (the salt as a number, the pool's name without its region) and the claim
    signature with the known answers (`vectors/`). One that reports success for a wrong password lets anybody into
    an application that trusts it.
    """
    account = trial.stage.account()
    for _ in range(2):
        attempt = trial.sign_in_honestly()
        if not attempt.signed_in:
            raise Finding(f"the client did not sign in with the right password: {attempt.described()}")
        names = {"access_token": "AccessToken", "id_token": "IdToken"}
        other = [name for name, issued in names.items() if attempt.tokens.get(name) != attempt.issued.get(issued)]
        if other:
            raise Finding(f"the client handed on another {other[0]} than the pool issued")
        wrong = trial.attempt(account, password=account.user.password + "x")
        if wrong.claims_success:
            raise Finding(f"the client reported success after a wrong password: {wrong.described()}")
        if wrong.issued:
            raise Finding("the client got tokens with a wrong password")


@check(
    "CLI-07",
    level=MUST,
    severity=HIGH,
    clause="Cognito's SRP profile: x and the claim signature are over USER_ID_FOR_SRP",
    evidence=MEASURED,
    subject=CLIENT,
    needs={"client", "client.alias"},
    killed_by={
        "client.names.alias-in-x": "did not sign in with an e-mail address for the user name",
        "client.names.alias-in-the-signature": "did not sign in with an e-mail address for the user name",
    },
)
def test_an_alias_signs_in(trial: ClientUnderTest) -> None:
    """A user who types an e-mail address signs in as well as by the user name.

    The challenge says who the user is: USER_ID_FOR_SRP. A client that hashes what was typed signs in those who
    type their user name, and nobody else. Take USER_ID_FOR_SRP into x and into the signature.
    """
    pool = trial.stage.arrangements.pool(**_EMAIL_IS_AN_ALIAS)
    for _ in range(2):
        name = trial.stage.names.username()
        account = trial.stage.account(pool, username=name, email=f"{name}@example.com")
        trial.must_sign_in("with an e-mail address for the user name", account, username=account.user.email)


@check(
    "CLI-08",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, Computing secret hash values: the USERNAME of the challenge",
    evidence=AWS_DOC,
    subject=CLIENT,
    needs={"client", "client.secret_hash"},
    killed_by={"client.names.alias-in-secret-hash": "at an app client with a secret, with an e-mail address"},
)
@cases("typed", {"by user name": "username", "by e-mail address": "email"})
def test_the_secret_hash_is_over_the_challenges_user_name(
    trial: ClientUnderTest, typed: str, needing: Callable[[str], NoReturn]
) -> None:
    """At an app client with a secret, users sign in by name and by alias.

    SECRET_HASH of the first request is over what was typed; that of the answer is over the challenge's USERNAME,
    which is another name after an alias. A client that computes it once locks out whoever types an alias.
    """
    by_alias = typed == "email"
    if by_alias and not trial.can("alias"):
        needing("client.alias")
    pool = trial.stage.arrangements.pool(**_EMAIL_IS_AN_ALIAS)
    name = trial.stage.names.username()
    account = trial.stage.account(pool, client={"with_secret": True}, username=name, email=f"{name}@example.com")
    words = "with an e-mail address" if by_alias else "with the user name"
    trial.must_sign_in(
        f"at an app client with a secret, {words}", account, username=account.user.email if by_alias else name
    )


NAMES = {
    "an accent": "josé-{}",
    "an accent of two characters": "jose\u0301-{}",
    "Cyrillic": "ключ-{}",
    "kanji": "日本-{}",
    "a character beyond 16 bits": "𝄞-{}",
    "capital letters": "Ada-Lovelace-{}",
}
PASSWORDS = {
    "an accent": "Pässwort-1-{}",
    "an accent of two characters": "Pa\u0308sswort-1-{}",
    "Cyrillic and kanji": "Ключ-日本-1a-{}",
    "a character beyond 16 bits": "Clé-𝄞-1-{}",
    "spaces at both ends": " Leading-1-{} ",
    "quotes and a backslash": "\"A\\'1a&=+%-{}",
}


@check(
    "CLI-14",
    level=MUST,
    severity=HIGH,
    clause="Cognito's SRP profile: UTF-8, not normalised",
    evidence=COMPUTED,
    subject=CLIENT,
    needs={"client"},
    killed_by={
        "client.names.a-byte-a-character": "whose name holds kanji",
        "client.names.user-id-in-lower-case": "whose name holds capital letters",
    },
)
@cases("kind", {kind: kind for kind in NAMES})
def test_names_of_any_letters_sign_in(trial: ClientUnderTest, kind: str) -> None:
    """A user whose name is not plain ASCII signs in.

    Names are hashed as their UTF-8 bytes, as they are. A client that keeps one byte of a character, or changes the
    case, or normalises, signs such users in never. Hash the bytes of the text that the challenge brought.
    """
    name = NAMES[kind].format(trial.stage.names.username())
    account = trial.stage.account(username=name)
    trial.must_sign_in(f"a user whose name holds {kind}", account)


@check(
    "CLI-14b",
    level=MUST,
    severity=HIGH,
    clause="Cognito's SRP profile: UTF-8, not normalised",
    evidence=COMPUTED,
    subject=CLIENT,
    needs={"client"},
    killed_by={"client.names.normalised-password": "whose password holds an accent of two characters"},
)
@cases("kind", {kind: kind for kind in PASSWORDS})
def test_passwords_of_any_letters_sign_in(trial: ClientUnderTest, kind: str) -> None:
    """A user whose password is not plain ASCII signs in, and with exactly that password.

    Passwords are hashed as their UTF-8 bytes. A client that trims, normalises or escapes them turns a right
    password into a wrong one. Hash what was typed.
    """
    password = PASSWORDS[kind].format(trial.stage.names.password())
    trial.must_sign_in(f"a user whose password holds {kind}", trial.stage.account(password=password))


@check(
    "CLI-18",
    level=INFO,
    severity=NONE,
    clause="own: what a user waits for",
    evidence=OWN,
    subject=CLIENT,
    needs={"client"},
    killed_by={"client.slow": "a sign-in takes: a second or more"},
)
def test_how_long_a_sign_in_takes(trial: ClientUnderTest) -> None:
    """The time that a sign-in takes on this machine, from the request to the driver until its answer.

    Most of it is the client's own arithmetic: the pool answers in milliseconds. A second is what a user notices.
    """
    taken = trial.seen.seconds
    while len(taken) < PLAIN_SIGN_INS:  # those of the checks before this one count too
        attempt = trial.sign_in_honestly()
        if not attempt.claims_success:
            raise Inconclusive(f"no sign-in to measure: {attempt.described()}")
    median = statistics.median(taken)
    trial.observe("a sign-in takes", "a second or more" if median >= 1 else "less than a second")
    trial.observe("median", f"{median * 1000:.0f} ms of {len(taken)} sign-ins")
