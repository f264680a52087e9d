"""The functions behind the pool: POS-39 to POS-44."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, HIGH, LOW, MEDIUM, OWN, POOL, SHOULD, check
from harness.posture import CUSTOM_AUTH_TRIGGERS, demand_none
from harness.posture_clients import CUSTOM
from harness.posture_functions import COGNITO_WAITS_SECONDS

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.posture import PoolPosture


@check(
    "POS-39",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito developer guide, Custom authentication challenge Lambda triggers (three of them)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.two-triggers-of-three": "lacks VerifyAuthChallengeResponse"},
)
def test_custom_auth_has_all_its_triggers(posture: PoolPosture) -> None:
    """Custom auth has its three triggers, or none.

    Define, create and verify are one machine: where one is missing every sign-in ends in an error, or in a decision
    that nobody wrote. Name DefineAuthChallenge, CreateAuthChallenge and VerifyAuthChallengeResponse in LambdaConfig.
    """
    missing = [trigger for trigger in CUSTOM_AUTH_TRIGGERS if trigger not in posture.triggers]
    partly = 0 < len(missing) < len(CUSTOM_AUTH_TRIGGERS)
    demand_none([f"custom auth lacks {', '.join(missing)}"] if partly else [], "all three in LambdaConfig, or none")


@check(
    "POS-40",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 6.3.4 (no way in that is not meant); Cognito API reference, ExplicitAuthFlows",
    evidence=OWN,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.custom-auth-without-triggers": "allows custom auth, and the pool has no triggers"},
)
def test_custom_auth_is_allowed_where_it_is_answered(posture: PoolPosture, observe: Observe) -> None:
    """No app client allows custom auth by name in a pool without its triggers.

    The flow is then a door that leads nowhere today, and to whatever trigger somebody adds tomorrow. Take
    ALLOW_CUSTOM_AUTH out of the client's ExplicitAuthFlows. (A client that names no flows has it by default.) The other
    way round, triggers that no client can reach, is recorded.
    """
    has_triggers = bool(posture.triggers.keys() & set(CUSTOM_AUTH_TRIGGERS))
    allowing = [client for client in posture.user_clients if CUSTOM in client.flows]
    if has_triggers:
        observe("clients that allow custom auth", ", ".join(map(str, allowing)) or "none can reach the triggers")
        return
    demand_none(
        (
            f"{client} allows custom auth, and the pool has no triggers for it"
            for client in allowing
            if client.names_its_flows
        ),
        f"take {CUSTOM} out of ExplicitAuthFlows",
    )


@check(
    "POS-41",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito API reference, LambdaConfigType; Lambda API reference, GetFunctionConfiguration",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture", "posture.functions"},
    killed_by={"pool.posture.trigger-is-gone": "does not exist"},
)
def test_every_trigger_exists(posture: PoolPosture) -> None:
    """Every function that LambdaConfig names exists.

    One that was deleted, or renamed by a new stack, fails every sign-in, sign-up or mail that it stands in the way of.
    Name the function that is there, and allow Cognito to invoke it, or take the trigger out of LambdaConfig.
    """
    demand_none(
        (f"{function} does not exist" for function in posture.functions if not function.exists),
        "name an existing function in LambdaConfig",
    )


@check(
    "POS-42",
    level=SHOULD,
    severity=LOW,
    clause="Cognito developer guide, Customizing user pool workflows with Lambda triggers (5 s to answer, three tries)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture", "posture.functions"},
    killed_by={"pool.posture.slow-triggers": "may run for 30 s"},
)
def test_triggers_end_when_nobody_waits_any_more(posture: PoolPosture) -> None:
    """A trigger may run no longer than Cognito waits for it: five seconds.

    Cognito then calls it again, up to three times, while the first is still at work: three mails go out, three codes
    are made, and the user has an error. Set the function's Timeout to 5 seconds or less.
    """
    demand_none(
        (
            f"{function} may run for {function.timeout_seconds} s"
            for function in posture.functions
            if (function.timeout_seconds or 0) > COGNITO_WAITS_SECONDS
        ),
        f"the function's Timeout = {COGNITO_WAITS_SECONDS} or less",
    )


@check(
    "POS-43",
    level=SHOULD,
    severity=MEDIUM,
    clause="Lambda developer guide, Runtime deprecation policy; ASVS 5.0 15.2.1 (components kept up to date)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture", "posture.functions"},
    killed_by={"pool.posture.old-runtime": "runs on nodejs16.x"},
)
def test_triggers_run_on_what_is_maintained(posture: PoolPosture, observe: Observe) -> None:
    """No trigger runs on a runtime that Lambda has deprecated.

    It gets no security patches any more, and one day it cannot be updated either, in the middle of an incident. Move
    the function to a current runtime. The list of deprecated ones is as old as this version; all runtimes are recorded.
    """
    functions = posture.functions
    runtimes = sorted({str(function.settings.get("Runtime") or "a container image") for function in functions})
    observe("runtimes", ", ".join(runtimes) or "no triggers")
    demand_none(
        (f"{function} runs on {runtime}" for function in functions if (runtime := function.deprecated_runtime)),
        "a current runtime",
    )


@check(
    "POS-44",
    level=SHOULD,
    severity=MEDIUM,
    clause="Lambda developer guide, Environment variables (Secrets Manager for secrets); ASVS 5.0 13.3.1",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture", "posture.functions"},
    killed_by={"pool.posture.secrets-in-the-environment": "LINK_SIGNING_SECRET"},
)
def test_triggers_have_no_secrets_in_their_environment(posture: PoolPosture) -> None:
    """No trigger has an environment variable that is named like a secret.

    Variables are shown in the console, and to everybody who may read the function's configuration, as this check just
    has; they stand in the template that deployed it. Keep the secret in Secrets Manager or KMS, and its ARN in the
    variable. The judgement goes by names (values are not looked at): waive it for one that holds none.
    """
    demand_none(
        (
            f"{function} has {', '.join(function.secret_variables)} among its variables"
            for function in posture.functions
            if function.secret_variables
        ),
        "the secret in Secrets Manager, and its ARN in the variable",
    )
