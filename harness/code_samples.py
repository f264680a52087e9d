"""Many codes at little cost: CreateAuthChallenge asked directly, in the words of an honest sign-in, for strangers."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.custom_auth import must_be_challenged
from harness.findings import Inconclusive
from harness.triggers import CREATE

if TYPE_CHECKING:
    from harness.trigger_flows import CodeFlow
    from harness.triggers import Call, TriggersUnderTest

_STRANGERS = itertools.count(1)
_NAMES = uuid.UUID("5f9f1d0e-6f0c-4b8e-9d65-2f6f6f1c7a11")
"""The namespace of the strangers' `sub`s."""


class Strangers:
    """Users whom the pool has never seen, asked a code for: each in a fresh session, by the events Cognito would send.

    No throttle of one user holds another up, and a code costs one call of the function.
    """

    def __init__(self, codes: CodeFlow, triggers: TriggersUnderTest) -> None:
        """Ask honestly, once, to have the events to go by. Raises Inconclusive when that is no challenge."""
        self._triggers = triggers
        self._codes = codes
        before = len(triggers.calls)
        must_be_challenged(codes.request(codes.new_user()).outcome, "asking for a code")
        self._honest: list[Call] = [call for call in triggers.calls[before:] if call.function == CREATE]

    def ask(self, address: str | None = None) -> list[str]:
        """One stranger asks; the codes that went out. `address` is their number, or e-mail address, if it matters.

        Raises Inconclusive when the function fails.
        """
        who = self._stranger(address)
        before = self._codes.post.moment()
        metadata: list[object] = []
        for call in self._honest:
            request = self._request(call, who, metadata)
            made = self._triggers.invoke(CREATE, {**call.event, "userName": who["sub"], "request": request})
            if made.failed is not None:
                raise Inconclusive(f"CreateAuthChallenge failed when it was called directly: {made.failed}")
            metadata.append(made.response.get("challengeMetadata"))
        sent = self._codes.post.came(before, who["email" if self._codes.spoken.by_mail else "phone_number"])
        return [code for message in sent if (code := self._codes.spoken.code_in(message.text))]

    def _stranger(self, address: str | None) -> dict[str, str]:
        number = next(_STRANGERS)
        sub = str(uuid.uuid5(_NAMES, str(number)))
        by_mail = self._codes.spoken.by_mail
        return {
            "sub": sub,
            "email": address if address and by_mail else f"stranger-{number}@users.example.com",
            "phone_number": address if address and not by_mail else f"+1666{number:07}",
        }

    def _request(self, call: Call, who: Mapping[str, str], metadata: list[object]) -> dict[str, Any]:
        """The request as it was, for somebody else, in a session that goes by what was answered so far."""
        session = [
            {**entry, "challengeMetadata": metadata[round]} if round < len(metadata) else entry
            for round, entry in enumerate(call.request.get("session") or [])
        ]
        return {**call.request, "userAttributes": {**call.request["userAttributes"], **who}, "session": session}


class CodeSample:
    """Codes of the triggers under test, for checks that look at many: made once, and more only when more are wanted."""

    def __init__(self) -> None:
        self._codes: list[str] = []

    def codes(self, count: int, codes: CodeFlow, triggers: TriggersUnderTest) -> list[str]:
        """So many codes; those made at one call are made at one instant, where the triggers' clock can be stopped.

        Raises Inconclusive when a request brings none.
        """
        if len(self._codes) < count:
            strangers = Strangers(codes, triggers)
            if "clock" in triggers.host.capabilities:
                codes.target.clock.set(codes.target.now())
            for _ in range(count - len(self._codes)):
                sent = strangers.ask()
                if len(sent) != 1:
                    raise Inconclusive(f"a request for a code, sent directly, brought {len(sent)} messages with one")
                self._codes += sent
        return self._codes[:count]
