"""Reading the JSON of a response: strictly, or as a library that is not particular about it."""

from __future__ import annotations

from typing import Any

from fakes.faults import declare_fault
from fakes.relying_party.client_data import On
from fakes.relying_party.signatures import EMPTY
from protocol.webauthn.base64url import encode

TAKES_ANY_CREDENTIAL_TYPE = declare_fault("rp.takes-any-credential-type", "type of a credential is not looked at")
READS_ONLY_THE_RAW_ID = declare_fault("rp.reads-only-the-raw-id", "id is not compared with rawId")
READS_PLAIN_BASE64 = declare_fault("rp.reads-plain-base64", "base64 passes for base64url")
TAKES_ANY_USER_HANDLE = declare_fault("rp.takes-any-user-handle", "a user handle that is no text counts as none")


def read_response(response: Any, on: On) -> Any:
    """The response in the form that the strict parser accepts, as far as the faults that are on accept it."""
    if not isinstance(response, dict):
        return response
    plain = dict(response)
    if on(TAKES_ANY_CREDENTIAL_TYPE):
        plain["type"] = "public-key"
    if on(READS_ONLY_THE_RAW_ID):
        plain["id"] = plain.get("rawId")
    if on(READS_PLAIN_BASE64):
        plain |= {name: _as_base64url(plain[name]) for name in ("id", "rawId") if isinstance(plain.get(name), str)}
    inner = plain.get("response")
    if isinstance(inner, dict):
        plain["response"] = {**inner, **_with_what_can_be_read(inner, on)}
    return plain


def _with_what_can_be_read(inner: dict[str, Any], on: On) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    if inner.get("signature") == "":
        changed["signature"] = encode(EMPTY)
    if on(TAKES_ANY_USER_HANDLE) and not (isinstance(inner.get("userHandle"), str) and inner["userHandle"]):
        changed["userHandle"] = None
    return changed


def _as_base64url(text: str) -> str:
    return text.translate(str.maketrans("+/", "-_")).rstrip("=")
