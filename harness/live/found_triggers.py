"""Which functions stand behind a live pool, and what checks can do with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.dialects import load_dialect
from harness.live.description import permission
from harness.triggers import CREATE, DEFINE, IN_LAMBDA_CONFIG, VERIFY, FoundTriggers

if TYPE_CHECKING:
    from harness.dialects import Dialect
    from harness.live.settings import LiveSettings
    from harness.mailboxes.settings import PhoneSettings
    from harness.settings import Settings
    from harness.trigger_settings import ApiName, TriggersSettings

NO_MAILBOX = "the run cannot read the mails to its users; live.mailbox tells it where"
NO_PHONE = "the run cannot read the text messages to its users; live.phone tells it where"
ONE_PHONE = "live.phone.number gives several users the same number, which they can share with run.workers = 1 only"
_FEWEST_DIGITS = 4
"""With so many digits of a user's own, users of different workers hardly ever have the same number."""

_ELSEWHERE = 'target.kind = "embedded" with the same functions does (triggers.host = "python", "node" or "command")'
WHY_NEVER = {
    "trigger-events": f"a live pool shows nobody what it says to its functions; a run at {_ELSEWHERE}",
    "invocation": f"a live run asks the functions nothing past the pool; a run at {_ELSEWHERE}",
    "own-triggers": "a live pool calls the team's functions, and the run deploys none",
    "signing-keys": "the keys of deployed functions are out of reach",
    "no-delivery": "what deployed functions send is delivered, and a live run has them send to its own users only",
    "store": "the tables of deployed functions are out of reach",
    "trigger-clock": "the clock of deployed functions is nobody's to move",
    "trigger-logs": "the logs of deployed functions are out of reach",
    "api-events": "a deployed API is asked over HTTP, with tokens that the pool has issued",
    "fido2.verification-preferred": "a live pool calls the team's functions under the one policy that they have",
}
"""What no live run does with deployed functions, and why."""

NO_RELYING_PARTY = "triggers.relying_party names no RP ID and origins that the deployed functions take"
_APIS: Mapping[str, ApiName] = {"credential-api": "fido2_credentials_api", "challenge-api": "fido2_challenge_api"}
_FUNCTIONS = {"pre-sign-up": "pre_sign_up", "pre-token-generation": "pre_token_generation"}


def functions_in(lambda_config: Mapping[str, Any]) -> frozenset[str]:
    """The functions that LambdaConfig names, as the configuration calls them."""
    named = {function for function, member in IN_LAMBDA_CONFIG.items() if lambda_config.get(member)}
    return frozenset(named | ({"pre_token_generation"} if lambda_config.get("PreTokenGenerationConfig") else set()))


def find_live_triggers(settings: Settings, lambda_config: Mapping[str, Any] | None) -> FoundTriggers:
    """What the triggers of a live pool can be judged by.

    Args:
        settings: of the run.
        lambda_config: the pool's LambdaConfig; None where nobody has asked, or the credentials may not. Then the pool
            is believed to call the three functions of custom auth.

    Raises ConfigurationError for a dialect that cannot be used.
    """
    configured, live = settings.triggers, settings.live
    if missing := _why_not(settings, lambda_config):
        return FoundTriggers(lacking={**WHY_NEVER, "custom-auth": missing})
    dialect = load_dialect(configured.dialect, configured.folder)
    lacking = {**WHY_NEVER, **_unread(dialect, live, settings.run.workers), **_without_passkeys(configured, dialect)}
    if dialect.links is not None and not configured.link_origins:
        lacking["magic-links"] = "triggers.link_origins names no page that an honest link leads to"
    if "codes" in lacking:
        lacking["step-up"] = lacking["codes"]
    offered = {"custom-auth"} | dialect.needs_met | _about_passkeys(configured)
    met = {need for need in offered if need not in lacking}
    for need, function in _FUNCTIONS.items():
        if lambda_config is None:
            lacking[need] = f"{permission('DescribeUserPool')}, which tells the functions of the pool"
        elif function in functions_in(lambda_config):
            met.add(need)
        else:
            lacking[need] = f"LambdaConfig of the pool names no {IN_LAMBDA_CONFIG[function]}"
    name = f"the functions of {live.user_pool_id} ({configured.dialect})"
    return FoundTriggers(frozenset(met), name, lacking)


def _why_not(settings: Settings, lambda_config: Mapping[str, Any] | None) -> str:
    """Why no trigger is judged at all; empty when they are."""
    if settings.triggers.host != "pool":
        return 'triggers.host = "pool" has the functions judged that the live pool calls'
    if settings.live.users != "admin":
        return f'live.users is "{settings.live.users}", and their checks make users of their own ("admin")'
    if lambda_config is None:
        return ""
    missing = [IN_LAMBDA_CONFIG[each] for each in (DEFINE, CREATE, VERIFY) if each not in functions_in(lambda_config)]
    return f"LambdaConfig of the pool names no {', '.join(missing)}" if missing else ""


def _about_passkeys(configured: TriggersSettings) -> set[str]:
    """The needs of checks of passkeys that the configuration meets."""
    met = {need for need, api in _APIS.items() if api in configured.apis}
    met |= {"fido2.app-origins"} if configured.app_origins else set()
    return met | ({"fido2.related-origins"} if configured.related_origins else set())


def _without_passkeys(configured: TriggersSettings, dialect: Dialect) -> dict[str, str]:
    """Why passkeys cannot be registered, or not be signed in with."""
    lacking = {
        need: f"triggers.apis.{api} names no URL at which the deployed API answers"
        for need, api in _APIS.items()
        if api not in configured.apis
    }
    if dialect.passkeys is not None and configured.relying_party is None:
        lacking["fido2"] = NO_RELYING_PARTY
    return lacking


def _unread(dialect: Dialect, live: LiveSettings, workers: int | None) -> dict[str, str]:
    """What the dialect speaks, and the run cannot read."""
    unread = {}
    if dialect.links is not None and live.mailbox is None:
        unread["magic-links"] = NO_MAILBOX
    if dialect.codes is not None and (live.mailbox if dialect.codes.by_mail else live.phone) is None:
        unread["codes"] = NO_MAILBOX if dialect.codes.by_mail else NO_PHONE
    elif dialect.codes is not None and not dialect.codes.by_mail and workers != 1 and _is_shared(live.phone):
        unread["codes"] = ONE_PHONE
    return unread


def _is_shared(phone: PhoneSettings | None) -> bool:
    return phone is not None and phone.number.count("#") < _FEWEST_DIGITS
