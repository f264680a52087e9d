"""What OAuth clients may ask for: POS-15 to POS-18."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, HIGH, LOW, MEDIUM, MUST, OWN, POOL, RFC, SHOULD, check
from harness.posture import demand_none

if TYPE_CHECKING:
    from harness.posture import PoolPosture

SELF_SERVICE = "aws.cognito.signin.user.admin"


@check(
    "POS-15",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 10.4.4 and 10.6.1 (must no longer be used); RFC 9700 2.1.2",
    evidence=RFC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.implicit": "allows the implicit grant"},
)
def test_no_client_allows_the_implicit_grant(posture: PoolPosture) -> None:
    """No app client allows the implicit grant.

    It puts tokens into the address of a page: into the history, the logs, the reach of every script, and nothing binds
    them to who asked. RFC 9700 leaves it to those who prevent injection and leakage otherwise, which Cognito has no
    means for. Take `implicit` out of the client's AllowedOAuthFlows; use `code`, with PKCE, also in browsers.
    """
    demand_none(
        (f"{client} allows the implicit grant" for client in posture.clients if "implicit" in client.grants),
        "AllowedOAuthFlows = code",
    )


@check(
    "POS-16",
    level=MUST,
    severity=HIGH,
    clause="RFC 6749 4.4 (client credentials: confidential clients only); Cognito API reference, AllowedOAuthFlows",
    evidence=RFC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.machine-without-secret": "gets tokens of its own and has no secret"},
)
def test_machines_have_a_secret(posture: PoolPosture) -> None:
    """An app client that allows client_credentials has a client secret.

    The secret is all that such a client proves: without it everybody who knows the client id, which is public, gets its
    tokens. Make a client with GenerateSecret for the machine, and take client_credentials from this one.
    """
    demand_none(
        (
            f"{client} gets tokens of its own and has no secret (client_credentials)"
            for client in posture.clients
            if client.is_public and "client_credentials" in client.grants
        ),
        "GenerateSecret = true for a client of the machine's own",
    )


@check(
    "POS-17",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 10.4.11 (only the scopes that a client needs); Cognito API reference, AllowedOAuthScopes",
    evidence=OWN,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.self-service-scope": "may change the accounts of its users"},
)
def test_oauth_clients_do_not_change_accounts(posture: PoolPosture) -> None:
    """No OAuth client may ask for aws.cognito.signin.user.admin.

    A token with that scope reads and writes its user's attributes, changes the password and the second factors, deletes
    the user. Only the page on which users keep their account needs it; waive this for that client, and for no program
    of somebody else. Elsewhere take the scope out of the client's AllowedOAuthScopes.
    """
    demand_none(
        (
            f"{client} may change the accounts of its users ({SELF_SERVICE})"
            for client in posture.clients
            if SELF_SERVICE in client.scopes
        ),
        f"take {SELF_SERVICE} out of AllowedOAuthScopes",
    )


@check(
    "POS-18",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 10.4.7; Cognito API reference, DcrConfiguration (OpenDcrEnabled is false by default)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.open-registration": "anybody may register app clients"},
)
def test_app_clients_are_not_registered_by_anybody(posture: PoolPosture) -> None:
    """Registering app clients takes a token.

    In open registration a stranger's program becomes a client of the pool, with a name of its choosing and its own
    callback URL, and asks your users to sign in. Set OpenDcrEnabled of DcrConfiguration to false; who may register then
    shows a token with the scope aws.cognito/dcr/register.
    """
    told = posture.settings.get("DcrConfiguration") or {}
    is_open = bool(told.get("OpenDcrEnabled")) and told.get("EnableStatus") != "Disabled"
    demand_none(["anybody may register app clients (OpenDcrEnabled)"] if is_open else [], "OpenDcrEnabled = false")
