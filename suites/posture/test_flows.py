"""How app clients let users sign in: POS-01 to POS-05."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, LOW, MEDIUM, OWN, POOL, SHOULD, check
from harness.posture import demand_none
from harness.posture_clients import ADMIN_PASSWORD, PASSWORD, SRP, USER_AUTH

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.posture import PoolPosture

LONGEST_CHALLENGE = timedelta(minutes=10)


@check(
    "POS-01",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito developer guide, Managing user existence error responses; ASVS 5.0 6.3.8",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.reveals-users": "PreventUserExistenceErrors is LEGACY"},
)
def test_no_client_reveals_who_is_a_user(posture: PoolPosture) -> None:
    """No app client tells whether a user exists.

    With LEGACY, which is the default of the API, a wrong user name is answered otherwise than a wrong password: who
    tries addresses out learns who has an account, and attacks those. Set the client's PreventUserExistenceErrors to
    ENABLED.
    """
    demand_none(
        (
            f"{client}: PreventUserExistenceErrors is {client.settings.get('PreventUserExistenceErrors') or 'LEGACY'}"
            for client in posture.user_clients
            if client.settings.get("PreventUserExistenceErrors") != "ENABLED"
        ),
        "PreventUserExistenceErrors = ENABLED",
    )


@check(
    "POS-02",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API reference, ExplicitAuthFlows (USER_PASSWORD_AUTH sends the password itself)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.public-password-flow": "without a secret takes bare passwords"},
)
def test_public_clients_do_not_take_bare_passwords(posture: PoolPosture, observe: Observe) -> None:
    """No app client of browsers or phones signs in with USER_PASSWORD_AUTH.

    In that flow the password itself is sent, and anybody who can read the request (a proxy that opens TLS, a log, a
    malicious library) has it; and guessing costs a script one request a password. With SRP nothing sent is worth
    stealing. Take ALLOW_USER_PASSWORD_AUTH out of the client's ExplicitAuthFlows. A pool that is moving users in with
    a UserMigration trigger needs it as long as that lasts: this is recorded.
    """
    taking = [client for client in posture.user_clients if client.is_public and PASSWORD in client.flows]
    if "UserMigration" in posture.triggers:
        observe("bare passwords while users are migrated", ", ".join(map(str, taking)) or "not taken")
        return
    demand_none(
        (f"{client} without a secret takes bare passwords ({PASSWORD})" for client in taking),
        f"take {PASSWORD} out of ExplicitAuthFlows, and sign in with {SRP} or {USER_AUTH}",
    )


@check(
    "POS-03",
    level=SHOULD,
    severity=LOW,
    clause="Cognito API reference, ExplicitAuthFlows; ASVS 5.0 6.3.4 (the same strength on every way in)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.passwords-without-srp": "takes bare passwords and not SRP"},
)
def test_who_takes_passwords_offers_srp(posture: PoolPosture) -> None:
    """An app client that takes bare passwords from users allows SRP too.

    A program that would rather not send the password has then no choice. Add ALLOW_USER_SRP_AUTH (or ALLOW_USER_AUTH,
    which holds it) to the client's ExplicitAuthFlows, move the program over, and take the other flow away.
    """
    demand_none(
        (
            f"{client} takes bare passwords and not SRP"
            for client in posture.user_clients
            if PASSWORD in client.flows and not {SRP, USER_AUTH} & client.flows
        ),
        f"add {SRP} to ExplicitAuthFlows",
    )


@check(
    "POS-04",
    level=SHOULD,
    severity=LOW,
    clause="Cognito developer guide, App client types (a confidential client has a client secret); ASVS 5.0 10.4.10",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.server-flow-without-secret": "allows a server's flow and has no secret"},
)
def test_clients_of_servers_have_a_secret(posture: PoolPosture) -> None:
    """An app client that allows ADMIN_USER_PASSWORD_AUTH, a flow of servers, has a client secret.

    A server can keep a secret, and with one nobody else can sign users up or in under its client id. A client for
    browsers has no use for the flow. Make a client with GenerateSecret for the server (one that was made without
    does not get a secret later), or take ALLOW_ADMIN_USER_PASSWORD_AUTH away.
    """
    demand_none(
        (
            f"{client} allows a server's flow and has no secret ({ADMIN_PASSWORD})"
            for client in posture.user_clients
            if client.is_public and ADMIN_PASSWORD in client.flows
        ),
        f"GenerateSecret = true for the server's client, or take {ADMIN_PASSWORD} away",
    )


@check(
    "POS-05",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 6.5.5 (out-of-band requests live for 10 minutes at most)",
    evidence=OWN,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.long-challenges": "may be answered for 15 minutes"},
)
def test_challenges_do_not_wait_for_long(posture: PoolPosture) -> None:
    """A challenge (a code, a second factor, a custom one) can be answered for ten minutes at most.

    As long as it is open, codes can be guessed and a session that was seen can be used. Cognito's default is 3 minutes;
    set the client's AuthSessionValidity to 10 or less.
    """
    demand_none(
        (
            f"{client}: a challenge may be answered for {client.auth_session_life.total_seconds() / 60:.0f} minutes"
            for client in posture.user_clients
            if client.auth_session_life > LONGEST_CHALLENGE
        ),
        "AuthSessionValidity = 10 or less",
    )
