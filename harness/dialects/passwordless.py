"""The `passwordless` dialect: magic links, SMS step-up and passkeys in the words of a sample that many started from.

The client's metadata names the method. The first challenge asks for nothing (PROVIDE_AUTH_PARAMETERS) and is
answered `__dummy__`, so that the triggers see the metadata, which InitiateAuth does not hand on. A client that has
a link already answers that first challenge with the link itself.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from harness.dialects.dialect import Codes, Dialect, Links, Say
from harness.dialects.passwordless_passkeys import PasswordlessPasskeys

NOTHING_YET = "__dummy__"
"""What answers the first challenge, of a client that has no link yet."""

_METHOD = "signInMethod"
_CODE = re.compile(r"(?<!\d)\d{4,10}(?!\d)")


class PasswordlessLinks(Links):
    """A link's fragment is `base64url(message).base64url(signature)`, without padding, and is the answer."""

    method = "MAGIC_LINK"

    def ask(self, redirect_uri: str) -> Sequence[Say]:
        """The answer to the first challenge has a link sent."""
        return (Say(NOTHING_YET, self._metadata(redirect_uri, "no")),)

    def come_back(self, redirect_uri: str) -> Sequence[Say]:
        """Nothing: the first challenge is the one that the link answers."""
        return ()

    def secret_in(self, url: str) -> str | None:
        """The fragment, when it has two parts in base64url."""
        fragment = urlsplit(url).fragment
        return fragment if self.opened(fragment) else None

    def redeem(self, secret: str, redirect_uri: str, *, elsewhere: bool) -> Say:
        """The fragment is the answer; `crossDevice` says that the user has confirmed to sign in on another device."""
        confirmed = {"crossDevice": "confirmed"} if elsewhere else {}
        return Say(secret, self._metadata(redirect_uri, "yes") | confirmed)

    def username_in(self, url: str) -> str | None:
        """`userName` in the signed message, which is JSON."""
        parts = self.opened(urlsplit(url).fragment)
        try:
            message = json.loads(parts[0]) if parts else None
        except ValueError:
            return None
        name = message.get("userName") if isinstance(message, dict) else None
        return name if isinstance(name, str) else None

    def opened(self, secret: str) -> tuple[bytes, bytes] | None:
        """The two parts, decoded."""
        parts = secret.split(".")
        if len(parts) != 2 or not all(parts):
            return None
        try:
            message, signature = (base64.b64decode(part + "=" * (-len(part) % 4), b"-_", True) for part in parts)
        except (binascii.Error, ValueError):
            return None
        return message, signature

    def closed(self, message: bytes, signature: bytes) -> str:
        """The two parts, encoded."""
        return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (message, signature))

    def signed(self, message: bytes, user_pool_id: str, client_id: str) -> Sequence[bytes]:
        """The message, alone or with the ids of user pool and app client behind it, which the link leaves out."""
        context = {"userPoolId": user_pool_id, "clientId": client_id}
        return message, message + json.dumps(context, separators=(",", ":")).encode()

    def _metadata(self, redirect_uri: str, have_link: str) -> dict[str, str]:
        return {_METHOD: self.method, "redirectUri": redirect_uri, "alreadyHaveMagicLink": have_link}


class PasswordlessCodes(Codes):
    """A code sent by text message to somebody who is signed in already; the answer is `{"secretCode", "jwt"}`."""

    method = "SMS_OTP_STEPUP"
    step_up = True

    def ask(self, access_token: str) -> Sequence[Say]:
        """The answer to the first challenge has a code sent; the token is shown only with the code."""
        del access_token
        return (Say(NOTHING_YET, {_METHOD: self.method}),)

    def code_in(self, text: str) -> str | None:
        """The first run of digits."""
        found = _CODE.search(text)
        return found[0] if found else None

    def answer(self, code: object, access_token: str) -> Say:
        """The code and the access token, as JSON."""
        return Say(json.dumps({"secretCode": code, "jwt": access_token}), {_METHOD: self.method})


class Passwordless(Dialect):
    """Magic links, step-up by text message, and passkeys."""

    name = "passwordless"
    links = PasswordlessLinks()
    codes = PasswordlessCodes()
    passkeys = PasswordlessPasskeys()
    method_member = _METHOD
    method_claim = "sign_in_method"

    def passkey_item(self, sub: str) -> dict[str, str]:
        """A credential of the user's, as the table of authenticators holds it."""
        return {"pk": f"USER#{sub}", "sk": "CREDENTIAL#conformance", "credentialId": "conformance", "userId": sub}
