"""What must be unpredictable, and what must never leave: CLI-09 and CLI-10."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CLIENT, CRITICAL, MUST, RFC, cases, check
from harness.client_exponents import EXPONENT_BITS, small_exponent
from harness.client_moves import challenge_with, error, instead_of_the_challenge, instead_of_the_tokens
from harness.findings import Finding, Inconclusive
from protocol.cognito_srp import COGNITO
from protocol.errors import ProtocolError
from protocol.numbers import parse_hex

if TYPE_CHECKING:
    from harness.client import ClientUnderTest

SIGN_INS = 50
LEAST_BITS = 256


@check(
    "CLI-09",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 5054 section 2.5.4: a is random, and of at least 256 bits",
    evidence=RFC,
    subject=CLIENT,
    needs={"client"},
    killed_by={
        "client.private-value.constant": "sent the same A twice",
        "client.private-value.repeats": "sent the same A twice",
        "client.private-value.16-bits": "sent an A whose a has 16 bits",
        "client.private-value.24-bits": "sent an A whose a has 24 bits",
    },
)
def test_a_is_fresh_and_not_small(trial: ClientUnderTest) -> None:
    """A is another one in each of at least 50 sign-ins, and none is g^a for an a below 2^24.

    Whoever knows a, or can find it, tries passwords against the claim of a recorded sign-in, which SRP is there to
    prevent. Take a from the system's cryptographic generator, 256 bits of it at least, and end where there is none.

    What this can show: an a that repeats or is small. What it cannot: an a that is large and predictable, such as
    one from a generator seeded with the time. No number of sign-ins tells that from chance; read the source.
    """
    account, sent = trial.stage.account(), trial.seen.public_values
    refused = instead_of_the_challenge(error("NotAuthorizedException", "Incorrect username or password."))
    with trial.between_honest():
        while len(sent) < SIGN_INS:  # those of the checks before this one count too
            before = len(sent)
            attempt = trial.attempt(account, script=refused)
            if len(sent) == before:
                raise Inconclusive(f"the client sent no SRP_A: {attempt.described()}")
    seen: dict[int, int] = {}
    for number, text in enumerate(sent, start=1):
        public = _public_value([text])
        if public in seen:
            raise Finding(f"the client sent the same A twice, in sign-ins {seen[public]} and {number}")
        seen[public] = number
        a = small_exponent(public)
        if a is not None:
            raise Finding(f"the client sent an A whose a has {a.bit_length()} bits (sign-in {number})")
    trial.observe("distinct A", f"{len(seen)} of {len(sent)}")
    trial.observe(
        "shown", f"no A repeats, none is g^a for an a below 2^{EXPONENT_BITS}; whether a large a is predictable is not"
    )


@check(
    "CLI-09b",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 5054 section 2.5.4: a has at least 256 bits",
    evidence=RFC,
    subject=CLIENT,
    needs={"client", "client.private_value"},
    killed_by={"client.private-value.128-bits": "an a of 128 bits"},
)
def test_a_is_long_enough(trial: ClientUnderTest) -> None:
    """The private value has at least 256 bits, where the driver shows it.

    Half as many bits as a has are what finding it costs. The greatest of eight is measured: one random number in
    256 begins with a zero byte.
    """
    longest = 0
    for _ in range(8):
        attempt = trial.sign_in_honestly()
        if not attempt.claims_success:
            raise Inconclusive(f"no sign-in to show a private value: {attempt.described()}")
        try:
            a = parse_hex(str(attempt.answer.get("a", "")))
        except ProtocolError as problem:
            raise Inconclusive(f"the driver claims private_value, and shows none: {problem}") from problem
        if COGNITO.client_public(a) != _public_value(attempt.public_values):
            raise Inconclusive("the `a` that the driver shows is not that of the A that was sent")
        longest = max(longest, a.bit_length())
    if longest < LEAST_BITS:
        raise Finding(f"the client made an a of {longest} bits; at least {LEAST_BITS} are asked for")
    trial.observe("length of a", f"{longest} bits")


def _public_value(sent: list[str]) -> int:
    """The A of a sign-in, the first where there are several. Raises Inconclusive without one."""
    if not sent:
        raise Inconclusive("the client sent no SRP_A")
    try:
        return parse_hex(sent[0])
    except ProtocolError as problem:
        raise Inconclusive(f"the client's SRP_A is no number: {problem}") from problem


SITUATIONS = {
    "the right password": None,
    "a wrong password": instead_of_the_tokens(error("NotAuthorizedException", "Incorrect username or password.")),
    "a user who is not there": instead_of_the_challenge(error("UserNotFoundException", "User does not exist.")),
    "SRP_B = 0": challenge_with(SRP_B="0"),
    "a SALT that is no number": challenge_with(SALT="xyz"),
}


@check(
    "CLI-10",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 2945 section 1: neither the password nor what is as good as it is sent",
    evidence=RFC,
    subject=CLIENT,
    needs={"client"},
    killed_by={
        "client.leaks.password-in-client-metadata": "the password (escaped for JSON) stands in",
        "client.leaks.password-in-user-context-data": "the password",
        "client.leaks.password-hash-in-a-header": "the password's SHA256 (in hex) stands in",
        "client.leaks.verifier": "v of",
    },
)
@cases("situation", {name: name for name in SITUATIONS})
def test_the_password_never_leaves(trial: ClientUnderTest, situation: str) -> None:
    """No request of a sign-in holds the password, its hash, x or v, in any encoding.

    Each byte that the client sends is searched, headers too, as it is and decoded (hex, base64, URL, JSON). That
    the password never leaves the device is all that SRP is for: logs, proxies and analytics would keep it.
    """
    password = f'Zq7!{trial.stage.names.password()}~é&+%"\\/<>{{'
    account = trial.stage.account(password=password)
    with trial.between_honest():
        attempt = trial.attempt(account, script=SITUATIONS[situation], may_hang=True)
        if left := trial.what_left(attempt, account):
            raise Finding(left)


@check(
    "CLI-10b",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 2945 section 1: neither the password nor what is as good as it is sent",
    evidence=RFC,
    subject=CLIENT,
    needs={"client", "client.new_password"},
    killed_by={
        "client.leaks.password-in-client-metadata": "the password (as it is) stands in",
        "client.leaks.verifier": "v of",
    },
)
def test_the_old_password_never_leaves_when_a_new_one_is_chosen(trial: ClientUnderTest) -> None:
    """A user who must choose a new password sends the new one, as the protocol has it, and never the old one."""
    stage = trial.stage
    account, new = stage.account(), stage.names.password()
    account.pool.set_temporary_password(account.user.username, account.user.password)
    with trial.between_honest():
        attempt = trial.attempt(account, answers={"new_password": new}, may_hang=True)
        if left := trial.what_left(attempt, account):
            raise Finding(left)
