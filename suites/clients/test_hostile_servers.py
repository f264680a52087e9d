"""Servers that mean ill or are broken: CLI-04, CLI-05, CLI-11, CLI-12 and CLI-13."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.check import (
    CLIENT,
    CRITICAL,
    HIGH,
    LOW,
    MEDIUM,
    MUST,
    OWN,
    REPORTED,
    RFC,
    SHOULD,
    cases,
    check,
)
from harness.client_front import Reply
from harness.client_moves import (
    challenge,
    challenge_with,
    error,
    instead_of_anything,
    instead_of_the_challenge,
    instead_of_the_tokens,
)
from harness.findings import Finding, Inconclusive
from harness.sign_in import Left
from protocol.cognito_srp import COGNITO

if TYPE_CHECKING:
    from harness.client import ClientUnderTest
    from harness.client_front import Script
    from harness.client_moves import Member

_PRIME = COGNITO.group.prime

ZEROS = {
    "0": "0",
    "768 zeros": "0" * 768,
    "N": f"{_PRIME:x}",
    "N in upper case": f"{_PRIME:X}",
    "00 and N": f"00{_PRIME:x}",
    "2N": f"{2 * _PRIME:x}",
}


@check(
    "CLI-04",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 5054 section 2.5.3: the client aborts when B % N is 0",
    evidence=RFC,
    subject=CLIENT,
    needs={"client"},
    killed_by={
        "client.srp.zero-b-accepted": "sent its claim after SRP_B = 0",
        "client.srp.zero-b-error-not-thrown": "sent its claim after SRP_B = 0",
        "client.srp.b-compared-with-zero": "sent its claim after SRP_B = N",
    },
)
@cases("zero", {name: name for name in ZEROS})
def test_b_congruent_to_zero_ends_the_sign_in(trial: ClientUnderTest, zero: str) -> None:
    """When SRP_B is 0 modulo N the client stops, and sends nothing that is made from the password.

    With such a B the shared secret is a number that follows from the password and what both sides know of the
    exchange. Whoever sent it, a server that only pretends to be Cognito, then tries passwords against the claim
    at leisure. Compare B modulo N with 0, not B, and throw the error that is made.
    """
    with trial.between_honest():
        attempt = trial.must_end_in_an_error(
            f"SRP_B = {zero}", trial.stage.account(), script=challenge_with(SRP_B=ZEROS[zero]), no_claim=True
        )
    if attempt.issued:
        raise Inconclusive("the pool issued tokens for what cannot be a proof")


NO_NUMBERS: dict[str, Member] = {
    "-1a2b": "-1a2b",
    "xyz": "xyz",
    "empty": "",
    "missing": Left.OUT,
}


@check(
    "CLI-05",
    level=MUST,
    severity=MEDIUM,
    clause="SRP_B and SALT are hex numbers; AWS once sent negative salts (dart issue 71)",
    evidence=REPORTED,
    subject=CLIENT,
    needs={"client"},
    killed_by={
        "client.srp.negative-numbers-taken": "sent its claim after SALT -1a2b",
        "client.hangs": "hung after",
    },
)
@cases("text", {name: name for name in NO_NUMBERS})
@cases("parameter", {"SALT": "SALT", "SRP_B": "SRP_B"})
def test_what_is_no_number_ends_the_sign_in(trial: ClientUnderTest, parameter: str, text: str) -> None:
    """A SALT or SRP_B that is no hex number ends the sign-in with an error, and no claim is sent.

    Parsers of numbers are lenient: they take a sign, stop at the first wrong character, or make 0 or NaN of it. The
    client then signs with a key that it did not mean, or loops. Take hex digits only, at least one.
    """
    with trial.between_honest():
        trial.must_end_in_an_error(
            f"{parameter} {text}",
            trial.stage.account(),
            script=challenge_with(**{parameter: NO_NUMBERS[text]}),
            no_claim=True,
        )


TEMPTATIONS: dict[str, Script] = {
    "the flow is not enabled": instead_of_the_challenge(
        error("InvalidParameterException", "USER_SRP_AUTH is not enabled for the client.")
    ),
    "not authorized": instead_of_the_challenge(error("NotAuthorizedException", "Incorrect username or password.")),
    "an internal error": instead_of_the_challenge(error("InternalErrorException", "Internal error.", 500)),
    "the proof is refused": instead_of_the_tokens(error("NotAuthorizedException", "Incorrect username or password.")),
    "the challenge PASSWORD": instead_of_the_challenge(challenge("PASSWORD", USERNAME="somebody")),
    "the challenge SELECT_CHALLENGE": instead_of_the_challenge(
        challenge("SELECT_CHALLENGE", USERNAME="somebody", AVAILABLE_CHALLENGES='["PASSWORD"]')
    ),
    "an unknown challenge": instead_of_the_challenge(challenge("CONFIRM_WITH_PASSWORD", USERNAME="somebody")),
    "an unknown challenge after the proof": instead_of_the_tokens(
        challenge("CONFIRM_WITH_PASSWORD", USERNAME="somebody")
    ),
}


@check(
    "CLI-11",
    level=MUST,
    severity=CRITICAL,
    clause="SRP's promise (RFC 2945 section 1): the password is never sent; no downgrade",
    evidence=RFC,
    subject=CLIENT,
    needs={"client"},
    killed_by={
        "client.downgrade.falls-back-to-user-password-auth": "sent the password after the answer: the flow is not",
        "client.downgrade.password-on-demand": "sent the password after the answer: the challenge PASSWORD",
    },
)
@cases("answer", {name: name for name in TEMPTATIONS})
def test_no_answer_makes_it_send_the_password(trial: ClientUnderTest, answer: str) -> None:
    """Whatever the server says, the client does not send the password in another way.

    A client that falls back to USER_PASSWORD_AUTH gives the password to whoever answers that SRP is not enabled, and
    needs no SRP then. One that answers any challenge with the password does the same. Let the application choose
    the flow, and end with the error.
    """
    account = trial.stage.account()
    with trial.between_honest():
        attempt = trial.attempt(account, script=TEMPTATIONS[answer], may_hang=True)
        if left := trial.what_left(attempt, account):
            raise Finding(f"the client sent the password after the answer: {answer} ({left})")
        if attempt.claims_success:
            raise Finding(f"the client reported success after the answer: {answer}")


@check(
    "CLI-12",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 9110 section 4.3.4 and RFC 9525: the server's certificate is verified",
    evidence=RFC,
    subject=CLIENT,
    needs={"client", "client.tls"},
    killed_by={"client.transport.any-certificate": "spoke to a server whose certificate nobody vouches for"},
)
def test_a_certificate_that_nobody_vouches_for_is_refused(trial: ClientUnderTest) -> None:
    """A server with a certificate that it signed itself is sent nothing.

    Whoever is on the way can make such a certificate. A client that takes it tells them who signs in, and gives
    them every token. Leave verification on, in tests too: trust the test server's own authority there.
    """
    with trial.between_honest():
        account, server = trial.stage.account(), trial.stage.self_signed
        for host in ("127.0.0.1", "localhost"):
            attempt = trial.must_end_in_an_error(
                "a handshake that must fail", account, front=server, endpoint=server.url(host), heard=True
            )
            if attempt.requests:
                raise Finding("the client spoke to a server whose certificate nobody vouches for")


@check(
    "CLI-12b",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 9525 section 6: the certificate is the server's own",
    evidence=RFC,
    subject=CLIENT,
    needs={"client", "client.tls"},
    killed_by={"client.transport.any-host-name": "spoke to a server with another host's certificate"},
)
def test_a_certificate_of_another_host_is_refused(trial: ClientUnderTest) -> None:
    """A server with a certificate that is trusted, and another host's, is sent nothing.

    Anybody can have a certificate for a host of their own. A client that does not compare the names takes it for
    Cognito's. The same client signs in at a server with the right name by the same authority.
    """
    stage = trial.stage
    account = stage.account()
    told: dict[str, Any] = {"ca_file": str(stage.certificates.ca_file)}
    honest = trial.attempt(account, front=stage.trusted, endpoint=stage.trusted.url("localhost"), **told)
    if not honest.signed_in:
        raise Inconclusive(f"the honest twin failed before the change: over TLS, {honest.described()}")
    server = stage.of_another_host
    attempt = trial.must_end_in_an_error(
        "a handshake that must fail", account, front=server, endpoint=server.url("localhost"), heard=True, **told
    )
    if attempt.requests:
        raise Finding("the client spoke to a server with another host's certificate")
    after = trial.attempt(account, front=stage.trusted, endpoint=stage.trusted.url("localhost"), **told)
    if not after.signed_in:
        raise Inconclusive(f"the honest twin failed after the change: over TLS, {after.described()}")


_HTML = Reply(body=b"<html><body>Welcome to the hotel's network</body></html>", headers={"Content-Type": "text/html"})

BROKEN: dict[str, Reply] = {
    "HTTP 500 in the AWS form": error("InternalErrorException", "Internal error.", 500),
    "HTTP 500 and HTML": replace(_HTML, status=500),
    "HTTP 200 and HTML": _HTML,
    "an empty body": Reply(body=b""),
    "null": Reply(body=b"null"),
    "an empty object": Reply(body=b"{}"),
    "half of the JSON": Reply(body=b'{"ChallengeName": "PASSWORD_VERIFIER", "ChallengePara'),
    "half of the body": replace(challenge("PASSWORD_VERIFIER", SALT="a1", SRP_B="b2" * 384), whole=False),
    "no answer and the end of the connection": Reply(status=0),
}
AT_THE_PROOF = ("HTTP 500 and HTML", "an empty object", "half of the JSON", "no answer and the end of the connection")
BREAKS: dict[str, Script] = {
    f"{name}, to the start": instead_of_the_challenge(reply) for name, reply in BROKEN.items()
} | {f"{name}, to the proof": instead_of_the_tokens(BROKEN[name]) for name in AT_THE_PROOF}


@check(
    "CLI-13",
    level=SHOULD,
    severity=LOW,
    clause="own: a broken server is a clean error, in a time that a user waits",
    evidence=OWN,
    subject=CLIENT,
    needs={"client"},
    killed_by={
        "client.hangs": "hung after",
        "client.success.without-tokens": "reported success after an empty object",
    },
)
@cases("broken", {name: name for name in BREAKS})
def test_a_broken_server_is_a_clean_error(trial: ClientUnderTest, broken: str) -> None:
    """An answer that is broken, cut or not there ends the sign-in with an error, within the driver's time-out.

    Networks and proxies do all of this. A client that waits for ever leaves the user before a spinner; one that
    takes whatever parses for success lets nobody in under a name. Check the status and the members, and end.
    """
    with trial.between_honest():
        trial.must_end_in_an_error(broken, trial.stage.account(), script=BREAKS[broken])


@check(
    "CLI-13b",
    level=SHOULD,
    severity=LOW,
    clause="own: a silent server is a clean error, in a time that a user waits",
    evidence=OWN,
    subject=CLIENT,
    needs={"client"},
    killed_by={"client.hangs": "hung after silence"},
)
def test_a_silent_server_is_a_clean_error(trial: ClientUnderTest, silence_seconds: float) -> None:
    """A server that says nothing, and then hangs up, ends the sign-in with an error.

    The server keeps the connection for `client.silence_seconds` and closes it; whether the client gave up before is
    recorded: a server can be silent for ever, and only a time-out of the client's own ends that.
    """
    with trial.between_honest():
        attempt = trial.must_end_in_an_error(
            "silence", trial.stage.account(), script=instead_of_anything(Reply(silent_seconds=silence_seconds))
        )
    gave_up = attempt.seconds < silence_seconds
    trial.observe("a silent server", "the client gave up by itself" if gave_up else "the client waited to its end")


REDIRECTS = (301, 302, 303, 307, 308)


@check(
    "CLI-13c",
    level=SHOULD,
    severity=HIGH,
    clause="own: a sign-in is spoken to the endpoint that was configured",
    evidence=OWN,
    subject=CLIENT,
    needs={"client"},
    killed_by={"client.transport.follows-redirects": "followed a redirect to another host"},
)
@cases("status", {str(status): status for status in REDIRECTS})
def test_a_redirect_to_another_host_is_not_followed(trial: ClientUnderTest, status: int) -> None:
    """A redirect to another host ends the sign-in with an error; that host is sent nothing.

    Cognito redirects no API call. What a client sends on the way, user names, proofs, later tokens, is meant for the
    endpoint that was configured. Switch redirects off.
    """
    elsewhere = trial.stage.elsewhere
    moved = Reply(status=status, body=b"", headers={"Location": elsewhere.url("localhost") + "/"})
    elsewhere.forget()
    with trial.between_honest():
        trial.attempt(trial.stage.account(), script=instead_of_the_challenge(moved), may_hang=True)
        if elsewhere.exchanges():
            raise Finding(f"the client followed a redirect to another host (HTTP {status})")
