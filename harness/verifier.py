"""A verifier under test: somebody's JWT verifier behind the driver protocol (docs/testing-verifiers.md)."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from harness.findings import Finding, Inconclusive
from harness.forge import SECONDS_OF_SLACK, Forge
from harness.needs import VERIFIER_NEEDS

if TYPE_CHECKING:
    from fakes.faults import FaultSwitches
    from fakes.issuer import Issuer, PublishedKeys, SigningKey
    from fakes.issuer.issuer import TokenUse
    from harness.peer import Peer
    from harness.settings import Settings, VerifierSettings
    from harness.transcript import Transcript


class Driver(Protocol):
    """Whoever answers the driver protocol: a peer, or the reference verifier in this process."""

    def ask(self, op: str, **members: Any) -> dict[str, Any]:
        """The answer to one request, an object with a boolean `ok`. Raises Inconclusive."""


@dataclass(frozen=True)
class VerifierIdentity:
    """What a verifier says of itself at `hello`."""

    name: str
    version: str
    capabilities: frozenset[str]

    @classmethod
    def of(cls, driver: Driver) -> VerifierIdentity:
        """Ask for it. Raises Inconclusive when the answer is none."""
        answer = driver.ask("hello")
        name, version, capabilities = (answer.get(member) for member in ("name", "version", "capabilities"))
        if not (answer["ok"] and isinstance(name, str) and isinstance(version, str) and isinstance(capabilities, list)):
            raise Inconclusive(f"the driver answered hello without name, version and capabilities: {answer}")
        return cls(name, version, frozenset(str(capability) for capability in capabilities))

    @property
    def needs_met(self) -> frozenset[str]:
        """What it can do, in the words of harness.needs."""
        return VERIFIER_NEEDS & {"verifier", *(f"verifier.{capability}" for capability in self.capabilities)}

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class TokenCase:
    """A token, and what the verifier is told to demand of it.

    `what` is the name of the case, and stands in its finding. `told` goes into the request beside the honest
    members or in their place, for the honest twin too; `jwks` changes the keys, for this token only. `acceptable`
    is None where nothing is required and the judgement is recorded.
    """

    what: str
    make: Callable[[Forge], Any]
    acceptable: bool | None = False
    use: TokenUse = "access"
    told: Mapping[str, Any] = field(default_factory=dict)
    jwks: Callable[[dict[str, Any]], Any] | None = None

    @property
    def honest_twin(self) -> TokenCase:
        """The honest token, presented in the same way."""
        return replace(self, what="the honest token", make=lambda forge: forge.honest(self.use), jwks=None)


def good(
    what: str, make: Callable[[Forge], Any], *, use: TokenUse = "access", told: Mapping[str, Any] | None = None
) -> TokenCase:
    """A token that must be accepted."""
    return TokenCase(what, make, acceptable=True, use=use, told=told or {})


def bad(
    what: str,
    make: Callable[[Forge], Any],
    *,
    use: TokenUse = "access",
    told: Mapping[str, Any] | None = None,
    jwks: Callable[[dict[str, Any]], Any] | None = None,
) -> TokenCase:
    """A token that must be refused."""
    return TokenCase(what, make, use=use, told=told or {}, jwks=jwks)


def recorded(
    what: str, make: Callable[[Forge], Any], *, use: TokenUse = "access", told: Mapping[str, Any] | None = None
) -> TokenCase:
    """A token that may be accepted or refused; which, is recorded."""
    return TokenCase(what, make, acceptable=None, use=use, told=told or {})


def each(*tokens: TokenCase) -> dict[str, TokenCase]:
    """The cases of a check, by their names."""
    return {token.what: token for token in tokens}


@dataclass(frozen=True)
class Judgement:
    """What a verifier said of one token."""

    accepted: bool
    error_type: str
    error_message: str

    def described(self) -> str:
        """`accepted`, or `refused` and why."""
        return "accepted" if self.accepted else f"refused ({self.error_type}: {self.error_message})"


class VerifierUnderTest:
    """The verifier as a check sees it."""

    def __init__(
        self,
        driver: Driver,
        identity: VerifierIdentity,
        forge: Forge,
        *,
        transcript: Transcript,
        observe: Callable[[str, str], None],
        seconds: float,
    ) -> None:
        self.identity = identity
        self.forge = forge
        self._driver = driver
        self._transcript = transcript
        self._observe = observe
        self._case_ends = time.monotonic() + seconds

    def can(self, capability: str) -> bool:
        """Whether the driver claims a capability."""
        return capability in self.identity.capabilities

    def must_be_right_about(self, token: TokenCase) -> None:
        """Accept a good token, refuse a bad one; of any other, record the judgement."""
        if token.acceptable is None:
            self._observe(f"a token ({token.what})", self.verify(token).described())
        elif token.acceptable:
            self.must_accept(token)
        else:
            self.must_refuse(token)

    def must_accept(self, token: TokenCase) -> None:
        """The requirement of every positive."""
        judgement = self.verify(token)
        if not judgement.accepted:
            raise Finding(f"the verifier {judgement.described()} a token ({token.what})")

    def must_refuse(self, token: TokenCase) -> None:
        """The requirement of every negative: it is refused, and its honest twin is accepted before and after."""
        with self.between_honest(token):
            if self.verify(token).accepted:
                raise Finding(f"the verifier accepted a token ({token.what})")

    @contextmanager
    def between_honest(self, token: TokenCase) -> Iterator[None]:
        """The honest twin is accepted before the block and after it; Inconclusive when it is not."""
        self._twin_must_be_accepted(token, "before")
        yield
        self._twin_must_be_accepted(token, "after")

    def verify(self, token: TokenCase) -> Judgement:
        """Put one token before the verifier. Raises Inconclusive when it brings no judgement."""
        if time.monotonic() > self._case_ends:
            raise Inconclusive("the case ran out of its time (run.check_seconds); the verifier answers too slowly")
        issuer = self.forge.issuer
        request: dict[str, Any] = {
            "token": token.make(self.forge),
            "token_use": token.use,
            "issuer": issuer.name,
            "client_id": issuer.client_id,
            "jwks": token.jwks(issuer.jwks) if token.jwks else issuer.jwks,
            "now": self.forge.now,
            **token.told,
        }
        if "jwks_uri" in request:
            del request["jwks"]
        if not self.can("clock"):
            del request["now"]
        answer = self._ask(request)
        return Judgement(
            accepted=answer["ok"],
            error_type=str(answer.get("error_type", "")),
            error_message=str(answer.get("error_message", "")),
        )

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        started, clock = datetime.now(UTC), time.perf_counter()
        response: Any = None
        try:
            response = answer = self._driver.ask("verify", **request)
        except Inconclusive as error:
            response = str(error)
            raise
        finally:
            self._transcript.record(
                operation="verify",
                method="driver",
                url=str(self.identity),
                request=self._shown(request),
                status=None,
                response=response,
                started=started,
                seconds=time.perf_counter() - clock,
            )
        return answer

    def _shown(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The request as a transcript shows it: the token read, and without its signature, so that it is none."""
        shown = {**request, "token": _read(request["token"])}
        if request.get("jwks") is self.forge.issuer.jwks:
            shown["jwks"] = "the issuer's keys"
        return shown

    def _twin_must_be_accepted(self, token: TokenCase, when: str) -> None:
        judgement = self.verify(token.honest_twin)
        if not judgement.accepted:
            raise Inconclusive(f"the honest twin failed {when} the change: the verifier {judgement.described()} it")


class VerifierBench:
    """What one worker needs to judge a verifier, each part made when first asked for."""

    def __init__(self, settings: VerifierSettings) -> None:
        self._settings = settings

    def driver(self, switches: FaultSwitches) -> Driver:
        """The configured program; without one, the reference verifier, fresh, with these faults."""
        if self._settings.command:
            return self._peer
        from fakes.verifier import ReferenceVerifier

        return ReferenceVerifier(switches)

    def identity(self, driver: Driver) -> VerifierIdentity:
        """What the driver says of itself; a program is asked once."""
        return self._identity_of_the_peer if self._settings.command else VerifierIdentity.of(driver)

    def forge(self, identity: VerifierIdentity) -> Forge:
        """A forge at this instant."""
        return Forge(
            self.issuer,
            now=int(time.time()),
            slack=1 if "clock" in identity.capabilities else SECONDS_OF_SLACK,
            attackers_key=self._attackers_key,
            attackers_site=self._attackers_site,
        )

    def close(self) -> None:
        """Stop what runs."""
        if "_peer" in self.__dict__:
            self._peer.close()
        if "_attackers_site" in self.__dict__:
            self._attackers_site.close()

    @cached_property
    def issuer(self) -> Issuer:
        """The issuer of every token; its keys are made once."""
        from fakes.issuer import Issuer  # cryptography is heavy, and only some checks need it

        return Issuer()

    @cached_property
    def _attackers_key(self) -> SigningKey:
        from fakes.issuer import SigningKey

        return SigningKey.new(key_id=self.issuer.keys["access"].key_id)

    @cached_property
    def _attackers_site(self) -> PublishedKeys:
        from cryptography.hazmat.primitives.serialization import Encoding

        from fakes.issuer import PublishedKeys
        from fakes.issuer.certificate import self_signed

        certificate = self_signed(self._attackers_key).public_bytes(Encoding.PEM)
        return PublishedKeys({"keys": [self._attackers_key.public_jwk()]}, certificate)

    @cached_property
    def _peer(self) -> Peer:
        from harness.peer import Peer

        return Peer(self._settings.command, timeout_seconds=self._settings.timeout_seconds)

    @cached_property
    def _identity_of_the_peer(self) -> VerifierIdentity:
        return VerifierIdentity.of(self._peer)


@dataclass(frozen=True)
class FoundVerifier:
    """What the controller found out about the verifier before the run."""

    needs_met: frozenset[str] = frozenset()
    name: str = ""


def find_verifier(settings: Settings) -> FoundVerifier:
    """Which verifier the run judges, and what it can do.

    Without a command the embedded target brings the reference verifier and any other target none. A program that
    does not say what it can do is taken to claim everything: its checks then say what is wrong with it.
    """
    if not settings.verifier.command:
        return FoundVerifier(VERIFIER_NEEDS if settings.target.kind == "embedded" else frozenset())
    from fakes.faults import FaultSwitches

    bench = VerifierBench(settings.verifier)
    try:
        identity = bench.identity(bench.driver(FaultSwitches()))
    except Inconclusive:
        return FoundVerifier(VERIFIER_NEEDS)
    finally:
        bench.close()
    return FoundVerifier(identity.needs_met, str(identity))


def _read(token: Any) -> Any:
    if not isinstance(token, str):
        return token
    parts = token.split(".")
    texts = [_decoded(part) for part in parts[:2]]
    return {"parts": texts + [f"‹{len(part)} characters›" for part in parts[2:]]}


def _decoded(part: str) -> str:
    try:
        return base64.urlsafe_b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4)).decode()
    except ValueError:
        return part
