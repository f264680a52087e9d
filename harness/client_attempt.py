"""One sign-in of a client under test: what it said of it, and what was seen on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from harness.client_front import Exchange, Request


@dataclass(frozen=True)
class Attempt:
    """A sign-in that the driver was asked for.

    Attributes:
        answer: the driver's answer; empty when none came within its time-out.
        exchanges: what the client sent and was answered, in order.
        began: when the driver was asked.
        seconds: how long it took to answer.
    """

    answer: Mapping[str, Any] = field(repr=False)
    exchanges: Sequence[Exchange] = field(repr=False)
    began: datetime
    seconds: float

    @property
    def hung(self) -> bool:
        """Whether the driver never answered."""
        return not self.answer

    @property
    def claims_success(self) -> bool:
        """Whether the client says that the user is signed in."""
        return bool(self.answer.get("ok"))

    @property
    def signed_in(self) -> bool:
        """Whether the client says so, and was given tokens."""
        return self.claims_success and bool(self.issued)

    @property
    def tokens(self) -> Mapping[str, Any]:
        """The tokens that the client handed on."""
        tokens = self.answer.get("tokens")
        return tokens if isinstance(tokens, dict) else {}

    @property
    def requests(self) -> list[Request]:
        """What the client sent, in order."""
        return [exchange.request for exchange in self.exchanges]

    @property
    def claims(self) -> list[Request]:
        """The requests in which the client proved its password, or its device's."""
        return [request for request in self.requests if request.claim is not None]

    @property
    def issued(self) -> Mapping[str, Any]:
        """AuthenticationResult as the client was given it last; empty when it was given none."""
        return next((exchange.reply.result for exchange in reversed(self.exchanges) if exchange.reply.result), {})

    @property
    def challenges(self) -> list[str]:
        """The challenges that the client was asked, by name, in order."""
        names = [exchange.reply.json.get("ChallengeName") for exchange in self.exchanges]
        return [name for name in names if isinstance(name, str)]

    @property
    def challenge_parameters(self) -> Mapping[str, Any]:
        """ChallengeParameters of PASSWORD_VERIFIER as the client was given them; empty without one."""
        for exchange in self.exchanges:
            if exchange.reply.json.get("ChallengeName") == "PASSWORD_VERIFIER":
                parameters = exchange.reply.json.get("ChallengeParameters")
                return parameters if isinstance(parameters, dict) else {}
        return {}

    @property
    def public_values(self) -> list[str]:
        """Each SRP_A that the client sent."""
        return [text for request in self.requests for text in _srp_a_in(request.json)]

    def described(self) -> str:
        """The end of the attempt in a few words, for a finding."""
        return f"{self._client_said()}; {self._wire_showed()}"

    def _client_said(self) -> str:
        if self.hung:
            return "the client did not answer"
        if self.claims_success:
            return "the client reported success"
        kind, message = (str(self.answer.get(name, "")) for name in ("error_type", "error_message"))
        return f"the client reported {kind}: {message[:200]}"

    def _wire_showed(self) -> str:
        if not self.exchanges:
            return "it had sent nothing"
        last = self.exchanges[-1]
        answered = (
            f"HTTP {last.reply.status} {str(last.reply.json.get('__type', '')).rpartition('#')[2]}".strip()
            if last.reply.status
            else "nothing"
        )
        return f"its last request, {last.request.operation}, was answered by {answered}"


def _srp_a_in(request: Mapping[str, Any]) -> list[str]:
    members = [request.get(name) for name in ("AuthParameters", "ChallengeResponses")]
    return [each["SRP_A"] for each in members if isinstance(each, dict) and isinstance(each.get("SRP_A"), str)]
