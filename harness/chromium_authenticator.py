"""A user with Chromium: a page calls `navigator.credentials`, and the browser's virtual authenticator answers.

Nothing of it is this project's code but the page, which hands JSON over: a second opinion beside fakes.authenticator,
with the same two calls. It draws its own randomness, so ids and keys differ from run to run.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakes.authenticator import ClientRefused
from harness.browser import BrowserFailed, open_browser
from harness.loopback_site import loopback_site

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

_CEREMONY = """
const [method, options, done] = arguments;
const parse = method === "create" ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
(async () => navigator.credentials[method]({publicKey: PublicKeyCredential[parse](options)}))()
    .then(credential => done({response: credential.toJSON()}))
    .catch(error => done({name: error.name, reason: error.message}));
"""
_SECONDS_FOR_A_CEREMONY = 30


@dataclass(frozen=True)
class KeptCredential:
    """A credential as the virtual authenticator keeps it.

    Attributes:
        id: the credential id.
        rp_id: the RP ID that it is scoped to.
        user_handle: the account's; empty unless discoverable.
        private_key: PKCS#8 in DER.
        discoverable: whether it is found without its id.
        sign_count: how often it has signed, its registration included.
    """

    id: bytes
    rp_id: str
    user_handle: bytes
    private_key: bytes
    discoverable: bool
    sign_count: int


class ChromiumAuthenticator:
    """One window of Chromium with a virtual platform authenticator. `plain_origin` is a page without TLS."""

    def __init__(self, window: Chrome, plain_origin: str) -> None:
        self.plain_origin = plain_origin
        self.window = window
        window.set_script_timeout(_SECONDS_FOR_A_CEREMONY)
        self._ask("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "automaticPresenceSimulation": True,
            "isUserVerified": True,
        }
        self._id: str = self._ask("WebAuthn.addVirtualAuthenticator", options=options)["authenticatorId"]

    def register(self, options: Mapping[str, Any], origin: str) -> dict[str, Any]:
        """Make a credential on a page of this origin, and give its RegistrationResponseJSON.

        The authenticator has room for a few discoverable credentials (`forget_all`). Raises ClientRefused with the
        name of the page's DOMException.
        """
        return self._ceremony("create", options, origin)

    def authenticate(self, options: Mapping[str, Any], origin: str) -> dict[str, Any]:
        """Sign in on a page of this origin, and give the AuthenticationResponseJSON. Raises ClientRefused.

        Where several accounts could, Chromium picks one.
        """
        return self._ceremony("get", options, origin)

    @property
    def credentials(self) -> tuple[KeptCredential, ...]:
        """Its credentials."""
        return tuple(_kept(each) for each in self._ask("WebAuthn.getCredentials", True)["credentials"])

    def remember(self, credential: KeptCredential) -> None:
        """Put a credential back."""
        written = {
            "credentialId": _base64(credential.id),
            "isResidentCredential": credential.discoverable,
            "rpId": credential.rp_id,
            "privateKey": _base64(credential.private_key),
            "userHandle": _base64(credential.user_handle),
            "signCount": credential.sign_count,
        }
        self._ask("WebAuthn.addCredential", True, credential=written)

    def forget_all(self) -> None:
        """Throw its credentials away."""
        self._ask("WebAuthn.clearCredentials", True)

    def verify_user(self, *, succeeds: bool) -> None:
        """Whether the user is verified from now on where a page asks for it, or fails to be."""
        self._ask("WebAuthn.setUserVerified", True, isUserVerified=succeeds)

    def console(self) -> list[dict[str, Any]]:
        """What pages, and Chromium about them, have written since the last time: `level`, `message`, `source`."""
        entries: list[dict[str, Any]] = self.window.get_log("browser")  # type: ignore[no-untyped-call] # selenium's
        return entries

    def _ceremony(self, method: str, options: Mapping[str, Any], origin: str) -> dict[str, Any]:
        self._go_to(origin)
        from selenium.common.exceptions import WebDriverException

        try:
            answer = self.window.execute_async_script(_CEREMONY, method, dict(options))
        except WebDriverException as error:
            raise BrowserFailed(f"navigator.credentials.{method}() came to no end: {error.msg}") from error
        if "response" not in answer:
            raise ClientRefused(answer["name"], answer["reason"])
        response: dict[str, Any] = answer["response"]
        return response

    def _go_to(self, origin: str) -> None:
        """Stand on a page of this origin; one that is there already is not loaded again."""
        from selenium.common.exceptions import WebDriverException

        try:
            if self._origin() != origin:
                self.window.get(f"{origin}/")
            reached = self._origin()
        except WebDriverException as error:
            raise BrowserFailed(f"no page of {origin} could be opened: {error.msg}") from error
        if reached == "null":  # Chromium's own page about what went wrong
            raise BrowserFailed(f"no page of {origin} could be opened; serve one there")
        if reached != origin:
            raise BrowserFailed(f"a page of {reached} came in place of one of {origin}; write origins as browsers do")

    def _origin(self) -> str:
        return str(self.window.execute_script("return location.origin"))

    def _ask(self, command: str, of_the_authenticator: bool = False, **parameters: Any) -> Any:
        which = {"authenticatorId": self._id} if of_the_authenticator else {}
        return self.window.execute_cdp_cmd(command, {**which, **parameters})


@contextmanager
def chromium_authenticator(
    *, browser: Path | None = None, driver: Path | None = None
) -> Iterator[ChromiumAuthenticator]:
    """A browser of its own for as long as the block lasts, in which every https:// origin is a page on loopback.

    Raises BrowserMissing or BrowserFailed.
    """
    with ExitStack() as stack:
        site = stack.enter_context(loopback_site())
        window = stack.enter_context(
            open_browser(
                browser=browser, driver=driver, resolver_rules=site.resolver_rules, arguments=site.browser_arguments
            )
        )
        yield ChromiumAuthenticator(window, site.plain_origin)


def _kept(written: Mapping[str, Any]) -> KeptCredential:
    return KeptCredential(
        id=base64.b64decode(written["credentialId"]),
        rp_id=written["rpId"],
        user_handle=base64.b64decode(written.get("userHandle", "")),
        private_key=base64.b64decode(written["privateKey"]),
        discoverable=written["isResidentCredential"],
        sign_count=written["signCount"],
    )


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
