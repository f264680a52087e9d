"""Every fault of custom auth, of functions and of attributes changes what it says; without it the pool is honest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import fakes.pool  # noqa: F401 - declares the faults
from fakes.faults import declared_faults
from fakes.pool import EmbeddedPool
from fakes.pool.functions import FunctionFailed, FunctionTimedOut
from tests.pool.caller import PASSWORD, Wire, claims_of
from tests.pool.scripted_triggers import (
    CUSTOM,
    Event,
    Scripted,
    define_by_rounds,
    responding,
    verify_against_private,
)

ALL = (*CUSTOM, "PostAuthentication", "PreTokenGeneration")
DEFINE, CREATE, VERIFY = CUSTOM
Observe = Callable[[Scripted], object]


def name_in(scripted: Scripted) -> str:
    return scripted.pool.user(email="ann@example.org", email_verified="true")


def without_triggers(scripted: Scripted) -> object:
    bare = Scripted.make(scripted.pool.service, scripted.pool.wire)
    challenge = bare.initiate(bare.pool.user())
    return challenge.status == 200 and bare.answer(challenge.json["ChallengeParameters"]["USERNAME"], challenge, "x")


def is_invented(scripted: Scripted) -> bool:
    found: Any = without_triggers(scripted)
    return bool(found) and found.has_tokens


def parameters(scripted: Scripted) -> list[str]:
    return sorted(scripted.initiate(name_in(scripted)).json["ChallengeParameters"])


def object_as_parameter(scripted: Scripted) -> object:
    scripted.play(CREATE, responding(publicChallengeParameters={"options": {"a": [1]}}))
    begun = scripted.initiate(name_in(scripted))
    return begun.json["ChallengeParameters"]["options"] if begun.status == 200 else begun.error[0]


def first_session(scripted: Scripted) -> object:
    scripted.play(DEFINE, responding(challengeName="CUSTOM_CHALLENGE"))
    scripted.initiate(name_in(scripted))
    return scripted.requests(DEFINE)[0]["session"]


def old_session_signs_in(scripted: Scripted) -> bool:
    name = name_in(scripted)
    first = scripted.initiate(name)
    scripted.answer(name, first, "wrong")
    return scripted.answer(name, first, "word 1").has_tokens


def answers_judged_at_once(scripted: Scripted) -> int:
    name, together = name_in(scripted), threading.Barrier(8)

    def verify(event: Event) -> object:
        together.wait(2)
        return verify_against_private(event)

    session = scripted.initiate(name).json["Session"]
    if scripted.pool.service.faults.active:
        scripted.play(VERIFY, verify)  # all eight are being judged before one of them is done

    def guess(number: int) -> None:
        connection = Wire(scripted.pool.service.endpoint)
        scripted.answer(name, session, f"guess {number}", wire=connection)
        connection.close()

    with ThreadPoolExecutor(8) as guessers:
        list(guessers.map(guess, range(8)))
    return len(scripted.requests(VERIFY))


def session_after_a_failure(scripted: Scripted) -> bool:
    def fail(_event: Event) -> object:
        raise FunctionFailed("Error", "broken")

    name = name_in(scripted)
    challenge = scripted.initiate(name)
    scripted.play(VERIFY, fail)
    scripted.answer(name, challenge, "word 1")
    scripted.play(VERIFY, verify_against_private)
    return scripted.answer(name, challenge, "word 1").has_tokens


def both_flags(scripted: Scripted) -> bool:
    scripted.play(DEFINE, responding(issueTokens=True, failAuthentication=True))
    return scripted.initiate(name_in(scripted)).has_tokens


def entries_of_a_round(scripted: Scripted) -> list[dict[str, Any]]:
    name = name_in(scripted)
    scripted.answer(name, scripted.initiate(name), "wrong")
    session: list[dict[str, Any]] = scripted.requests(DEFINE)[-1]["session"]
    return session


def whether_nobody_is_told(scripted: Scripted) -> object:
    scripted.initiate("nobody")
    return scripted.requests(DEFINE)[-1]["userNotFound"]


def tokens_of_the_disabled(scripted: Scripted) -> bool:
    name = name_in(scripted)
    scripted.pool.wire.did("AdminDisableUser", UserPoolId=scripted.pool.id, Username=name)
    challenge = scripted.initiate(name)
    return challenge.status == 200 and scripted.answer(name, challenge, "word 1").has_tokens


def metadata_told_at_first(scripted: Scripted) -> object:
    scripted.initiate(name_in(scripted), metadata={"a": "b"})
    return scripted.requests(DEFINE)[0].get("clientMetadata")


def survives_one_slow_try(scripted: Scripted) -> bool:
    tries: list[int] = []

    def slow_at_first(event: Event) -> object:
        tries.append(1)
        if len(tries) == 1:
            raise FunctionTimedOut
        return define_by_rounds(event)

    scripted.play(DEFINE, slow_at_first)
    return scripted.initiate(name_in(scripted)).status == 200


def sign_in(scripted: Scripted, typed: str) -> Any:
    return scripted.pool.wire.call(
        "InitiateAuth",
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=scripted.client.id,
        AuthParameters={"USERNAME": typed, "PASSWORD": PASSWORD},
    )


def tokens_despite_a_refusal(scripted: Scripted) -> bool:
    def fail(_event: Event) -> object:
        raise FunctionFailed("Error", "not today")

    scripted.play("PostAuthentication", fail)
    return bool(sign_in(scripted, name_in(scripted)).has_tokens)


def whose_id_token(scripted: Scripted) -> str:
    changed = responding(claimsOverrideDetails={"claimsToAddOrOverride": {"sub": "somebody"}})
    scripted.play("PreTokenGeneration", changed)
    claims = claims_of(sign_in(scripted, name_in(scripted)).tokens["IdToken"])
    return "somebody" if claims["sub"] == "somebody" else "the user"


def update(scripted: Scripted, **attributes: str) -> tuple[int, bool]:
    """Whether the update was taken, and whether the address it names signs in."""
    token = sign_in(scripted, name_in(scripted)).tokens["AccessToken"]
    listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
    taken = scripted.pool.wire.call("UpdateUserAttributes", AccessToken=token, UserAttributes=listed)
    return taken.status, sign_in(scripted, "new@example.org").has_tokens


WHOLE = {"challengeName": "CUSTOM_CHALLENGE", "challengeResult": False, "challengeMetadata": "metadata 1"}
NO_CHALLENGE = "InvalidLambdaResponseException"

OBSERVATIONS: dict[str, tuple[Observe, object, object]] = {
    "pool.custom-auth.challenge-without-triggers": (is_invented, False, True),
    "pool.custom-auth.private-parameters-shown": (parameters, ["USERNAME", "hint"], ["USERNAME", "answer", "hint"]),
    "pool.custom-auth.parameters-of-any-type": (object_as_parameter, NO_CHALLENGE, '{"a": [1]}'),
    "pool.custom-auth.session-null-at-first": (first_session, [], None),
    "pool.custom-auth.old-session-after-a-wrong-answer": (old_session_signs_in, False, True),
    "pool.custom-auth.session-taken-late": (answers_judged_at_once, 1, 8),
    "pool.custom-auth.session-survives-a-failure": (session_after_a_failure, False, True),
    "pool.custom-auth.tokens-despite-failure": (both_flags, False, True),
    "pool.custom-auth.session-entry-split": (
        entries_of_a_round,
        [WHOLE],
        [WHOLE, WHOLE | {"challengeMetadata": None}],
    ),
    "pool.custom-auth.user-not-found-not-told": (whether_nobody_is_told, True, False),
    "pool.custom-auth.every-state-admitted": (tokens_of_the_disabled, False, True),
    "pool.custom-auth.metadata-of-initiate-handed-on": (metadata_told_at_first, None, {"a": "b"}),
    "pool.functions.no-second-try": (survives_one_slow_try, True, False),
    "pool.functions.refusal-passed-over": (tokens_despite_a_refusal, False, True),
    "pool.functions.reserved-claims-overridden": (whose_id_token, "the user", "somebody"),
    "pool.attributes.new-address-counts-unverified": (
        lambda scripted: update(scripted, email="new@example.org"),
        (200, False),
        (200, True),
    ),
    "pool.attributes.verified-by-the-user": (
        lambda scripted: update(scripted, email="new@example.org", email_verified="true"),
        (400, False),
        (200, True),
    ),
}


@pytest.mark.parametrize("fault", OBSERVATIONS)
def test_a_fault_changes_just_what_it_says(service: EmbeddedPool, wire: Wire, fault: str) -> None:
    observe, honest, faulty = OBSERVATIONS[fault]

    def scene() -> Scripted:
        client = {"PreventUserExistenceErrors": "ENABLED"}
        return Scripted.make(service, wire, *ALL, client=client, AliasAttributes=["email"])

    assert observe(scene()) == honest
    with service.faults.switched_on(fault):
        assert observe(scene()) == faulty
    assert observe(scene()) == honest, "and is gone when it is switched off"


def test_every_fault_of_these_families_has_an_observation() -> None:
    families = ("pool.custom-auth.", "pool.functions.", "pool.attributes.")
    assert set(OBSERVATIONS) == {fault for fault in declared_faults() if fault.startswith(families)}
