"""Ways around a second factor: STA-09."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, CRITICAL, MUST, POOL, cases, check
from harness.findings import Finding
from harness.flows import initiate
from harness.password_flows import PASSWORD_FLOWS, WITH_USER_AUTH
from harness.second_factors import (
    SOFTWARE_TOKEN,
    AuthenticatorApp,
    carried_on,
    pool_with_mfa,
    set_up_software_token,
)
from harness.sign_in import Outcome, between_honest

if TYPE_CHECKING:
    from harness.arrangement import AppClient, Arrangements, UserPool
    from harness.fixtures import HonestOf
    from harness.password_flows import PasswordFlow
    from harness.sign_in import HonestTwin

CHALLENGE = "SOFTWARE_TOKEN_MFA"
OTP_FACTORS = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]}}


def must_owe_a_second_factor(outcome: Outcome, way: str, owed: tuple[str, ...] = (CHALLENGE,)) -> None:
    """Neither tokens nor anything but the challenge for the second factor."""
    if outcome.has_tokens:
        raise Finding(f"tokens were issued without a second factor, by way of {way}")
    if outcome.challenge_name not in owed:
        raise Finding(f"no second factor was asked for by way of {way}: {outcome.answer.described()}")


def with_the_code(outcome: Outcome, twin: HonestTwin, app: AuthenticatorApp, flow: PasswordFlow) -> Outcome:
    """The rest of a sign-in, with a fresh code."""
    return carried_on(
        outcome,
        twin.pool,
        twin.client,
        twin.user,
        {CHALLENGE: lambda _: {f"{CHALLENGE}_CODE": app.fresh_code()}},
        by_administrator=flow.by_administrator,
    )


Way = Callable[["HonestTwin", "PasswordFlow", str], None]


def with_the_password(twin: HonestTwin, flow: PasswordFlow, name: str) -> None:
    """The password, and nothing more."""
    must_owe_a_second_factor(flow.run(twin, twin.user.password), name)


def after_a_new_password(twin: HonestTwin, flow: PasswordFlow, name: str) -> None:
    """A temporary password, replaced."""
    temporary = twin.pool.names.password()
    twin.pool.set_temporary_password(twin.user.username, temporary)
    chosen = {"NEW_PASSWORD_REQUIRED": lambda _: {"NEW_PASSWORD": twin.user.password}}
    outcome = carried_on(
        flow.run(twin, temporary),
        twin.pool,
        twin.client,
        twin.user,
        chosen,
        by_administrator=flow.by_administrator,
    )
    must_owe_a_second_factor(outcome, f"a new password in {name}")


def without_any_set_up(twin: HonestTwin, flow: PasswordFlow, name: str) -> None:
    """A user who has no second factor in a pool that demands one."""
    twin = twin.of(twin.pool.new_user())
    must_owe_a_second_factor(flow.run(twin, twin.user.password), f"{name} with nothing set up", ("MFA_SETUP",))


def with_a_one_time_password(twin: HonestTwin, flow: PasswordFlow, name: str) -> None:
    """A code by mail or text as the first factor, which would then be the only one."""
    del flow, name
    username = twin.pool.names.username()
    user = twin.pool.new_user(username=username, email=twin.pool.address_of(username), phone_number="+15555550199")
    for preferred in ("EMAIL_OTP", "SMS_OTP"):
        parameters = {"USERNAME": user.username, "PREFERRED_CHALLENGE": preferred}
        outcome = initiate(twin.pool, twin.client, "USER_AUTH", parameters)
        offered = (outcome.answer.json or {}).get("AvailableChallenges") or []
        assert preferred not in (outcome.challenge_name, *offered), (
            f"a one-time password was offered as the first factor though MFA is required: {preferred}"
        )
        assert not outcome.has_tokens, "tokens were issued without a second factor, by way of a one-time password"


@check(
    "STA-09",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, adding MFA to a user pool",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "totp"},
    killed_by={
        "pool.mfa.skipped-after-srp": "tokens were issued without a second factor, by way of USER_SRP_AUTH",
        "pool.mfa.skipped-after-password": "tokens were issued without a second factor, by way of USER_PASSWORD_AUTH",
        "pool.mfa.skipped-for-administrators": "second factor, by way of ADMIN_USER_PASSWORD_AUTH",
        "pool.mfa.skipped-after-user-auth": "tokens were issued without a second factor, by way of USER_AUTH",
        "pool.mfa.skipped-after-new-password": "tokens were issued without a second factor, by way of a new password",
        "pool.mfa.no-setup-demanded": "with nothing set up",
        "pool.user-auth.otp-despite-mfa": "a one-time password was offered as the first factor though MFA is required",
    },
)
@cases(
    "way",
    {name: (name, flow, with_the_password) for name, flow in PASSWORD_FLOWS.items()}
    | {
        f"new password in {name}": (name, flow, after_a_new_password)
        for name, flow in PASSWORD_FLOWS.items()
        if not flow.by_administrator
    }
    | {
        "nothing set up": ("USER_SRP_AUTH", PASSWORD_FLOWS["USER_SRP_AUTH"], without_any_set_up),
        "one-time password": (
            "USER_AUTH",
            PASSWORD_FLOWS["USER_AUTH with PASSWORD"],
            with_a_one_time_password,
        ),
    },
)
def test_no_flow_leads_around_the_second_factor(
    arrangements: Arrangements,
    honest_of: HonestOf,
    movable: Callable[[timedelta], None] | None,
    require: Callable[[str | None], None],
    way: tuple[str, PasswordFlow, Way],
) -> None:
    """Where the pool demands a second factor no flow gives tokens without it.

    A pool that asks for it in one flow and not in another has none: an attacker with the password
    takes the other flow. Decide in one place, after the first factor of whatever flow.
    """
    name, flow, goes = way
    require(flow.need)
    pool = pool_with_mfa(arrangements, "ON", SOFTWARE_TOKEN, Policies=OTP_FACTORS)
    client = _client(pool, flow)
    twin = honest_of(pool, client, pool.new_user())
    app = set_up_software_token(pool, twin.user, twin.but(), now=twin.now, advance=movable)
    with between_honest(lambda: with_the_code(flow.run(twin, twin.user.password), twin, app, flow)):
        goes(twin, flow, name)


def _client(pool: UserPool, flow: PasswordFlow) -> AppClient:
    return pool.client(flows=WITH_USER_AUTH) if flow.need == "user-auth" else pool.client()
