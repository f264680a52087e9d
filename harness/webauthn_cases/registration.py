"""Changes of registrations (WebAuthn L3 section 7.1), but those of client data, keys and attestation statements."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from harness.sign_in import Left
from harness.webauthn_cases.cases import (
    Case,
    Setting,
    authenticator_data,
    bad,
    computed_inner,
    flags,
    good,
    inner_members,
    recorded,
    response,
    response_members,
)
from harness.webauthn_cases.edits import EDDSA, ES256, ES384, RS256, Edits, Manner, at
from harness.webauthn_cases.identity import EXAMPLE, RelyingParty
from protocol.webauthn import base64url, cbor
from protocol.webauthn.authenticator_data import HEADER_BYTES, Flags

CRED_PROTECT = {"credProtect": 3}
_UP, _UV, _BE, _BS = (int(flag) for flag in (Flags.UP, Flags.UV, Flags.BE, Flags.BS))
_OTHER_ID = base64url.encode(bytes(range(32)))


def shapes() -> list[Case]:
    """RegistrationResponseJSON, and what is none (step 3; FIDO AttResp-1)."""
    no_text: dict[str, Any] = {"left out": Left.OUT, "null": None, "a number": 1, "empty": "", "a list": []}
    return [
        good("a registration response"),
        bad("an authentication response", response(_as_an_authentication)),
        bad("type left out", response_members(type=Left.OUT)),
        bad("type of another kind", response_members(type="password")),
        bad("type in capitals", response_members(type="PUBLIC-KEY")),
        bad("type empty", response_members(type="")),
        bad("response left out", response_members(response=Left.OUT)),
        bad("response null", response_members(response=None)),
        bad("response a list", response_members(response=[])),
        bad("response a text", response_members(response="response")),
        bad("the whole response null", response(lambda honest: None)),
        bad("the whole response a list", response(lambda honest: [honest])),
        *(
            bad(f"{member} {what}", inner_members(**{member: value}))
            for member in ("clientDataJSON", "attestationObject")
            for what, value in no_text.items()
        ),
    ]


def ids() -> list[Case]:
    """id, rawId and the credential id in the authenticator data are one (FIDO AttResp-1 F-1 to F-3)."""
    return [
        good("one id everywhere"),
        bad("id another than rawId", response_members(id=_OTHER_ID)),
        bad("rawId another than id", response_members(rawId=_OTHER_ID)),
        bad("id and rawId another than is attested", response_members(id=_OTHER_ID, rawId=_OTHER_ID)),
        bad("id left out", response_members(id=Left.OUT)),
        bad("rawId left out", response_members(rawId=Left.OUT)),
        bad("id in plain base64", response(lambda honest: {**honest, "id": _as_base64(honest["id"])})),
        bad(
            "id and rawId in plain base64",
            response(lambda honest: {**honest, "id": _as_base64(honest["id"]), "rawId": _as_base64(honest["id"])}),
        ),
    ]


def attestation_objects() -> list[Case]:
    """A CBOR map of fmt, attStmt and authData (step 13; FIDO AttResp-3 F-1 to F-8)."""
    whole = {"an array": [], "a text": "attestation", "a number": 1, "false": False, "an empty map": {}}
    members: dict[str, dict[str, Any]] = {
        "fmt": {"left out": Left.OUT, "a number": 1, "bytes": b"none", "false": False},
        "attStmt": {"left out": Left.OUT, "a text": "", "a number": 0, "false": False},
        "authData": {"left out": Left.OUT, "a text": "data", "false": False, "empty": b""},
    }
    return [
        good("an attestation object"),
        *(bad(f"{what} for an attestation object", _object_bytes(cbor.encode(value))) for what, value in whole.items()),
        bad("nothing for an attestation object", computed_inner("attestationObject", lambda text: text[:0])),
        bad("a cut off attestation object", at("ATTESTATION_OBJECT_BYTES", lambda raw: raw[:-1])),
        *(
            bad(f"{member} {what}", _object_members(**{member: value}))
            for member, wrong in members.items()
            for what, value in wrong.items()
        ),
    ]


def bytes_after() -> list[Case]:
    """Nothing stands after the attestation object (FIDO AttResp-3 F-12)."""
    return [
        bad(what, at("ATTESTATION_OBJECT_BYTES", _followed_by(tail)))
        for what, tail in {
            "an empty map behind it": b"\xa0",
            "a zero byte behind it": b"\0",
            "0xFF behind it": b"\xff",
        }.items()
    ]


def loose_cbor() -> list[Case]:
    """CTAP2's canonical form (CTAP 2.1 section 8)."""
    return [
        good("canonical CBOR"),
        bad("authData twice", at("ATTESTATION_OBJECT_BYTES", _with_authenticator_data_twice)),
        bad("a map of open length", at("ATTESTATION_OBJECT_BYTES", lambda raw: b"\xbf" + raw[1:] + b"\xff")),
        recorded(
            "a length that is longer than need be", at("ATTESTATION_OBJECT_BYTES", lambda raw: b"\xb8\x03" + raw[1:])
        ),
        recorded("keys out of order", at("ATTESTATION_OBJECT_BYTES", _with_members_reversed)),
        recorded("a tag before the map", at("ATTESTATION_OBJECT_BYTES", lambda raw: b"\xd9\xd9\xf7" + raw)),
    ]


def exhausting() -> list[Case]:
    """CBOR that promises more than it holds, or nests without end."""
    return [
        bad("an array of 2^64 - 1 items", _object_bytes(b"\x9b" + b"\xff" * 8)),
        bad("a text of 2^62 bytes", _object_bytes(b"\x7b\x40" + bytes(7))),
        bad("a map of 2^32 members", _object_bytes(b"\xba" + b"\xff" * 4)),
        bad("ten thousand arrays, one in the other", _object_bytes(b"\x81" * 10_000 + b"\x80")),
        bad(
            "a member of ten thousand arrays, one in the other",
            at("ATTESTATION_OBJECT_BYTES", lambda raw: b"\xa4" + raw[1:] + b"\x61x" + b"\x81" * 10_000 + b"\x80"),
        ),
    ]


def rp_id_hashes(relying_party: RelyingParty = EXAMPLE) -> list[Case]:
    """The SHA-256 of this ceremony's RP ID, for either ceremony."""
    id = relying_party.id
    wrong = {
        "of another RP ID": _sha256("evil.example"),
        "of the origin": _sha256(relying_party.origin),
        "of the RP ID in capitals": _sha256(id.upper()),
        "of a subdomain": _sha256(f"app.{id}"),
        "of nothing": _sha256(""),
        "of zeros": bytes(32),
    }
    return [
        good("the hash of the RP ID"),
        *(bad(f"a hash {what}", authenticator_data(_with_hash(value))) for what, value in wrong.items()),
    ]


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def user_presence() -> list[Case]:
    """The flag UP (step 15)."""
    return [
        good("UP set"),
        bad("UP not set", flags(off=_UP)),
        bad("neither UP nor UV set", flags(off=_UP | _UV)),
    ]


def created_without_a_prompt() -> list[Case]:
    """A conditional create may lack UP."""
    quietly = Setting(manner=Manner(flags=0), expected={"mediation": "conditional"}, needs=("conditional-create",))
    return [recorded("UP and UV not set in a conditional create", (), quietly)]


def user_verification() -> list[Case]:
    """The flag UV, where the options required it (step 16)."""
    required = Setting(user_verification="required")
    return [good("UV set, as required", (), required), bad("UV not set though required", flags(off=_UV), required)]


def user_verification_not_required() -> list[Case]:
    """The flag UV, where the options did not require it."""
    return [
        good(f"UV not set where it is {wish}", flags(off=_UV), Setting(user_verification=wish))
        for wish in ("preferred", "discouraged")
    ]


def backup_flags() -> list[Case]:
    """BE and BS (step 17; section 6.1.3)."""
    return [
        good("BE and BS not set"),
        good("BE set and BS not", (), Setting(manner=Manner(flags=_UP | _UV | _BE))),
        good("BE and BS set", (), Setting(manner=Manner(flags=_UP | _UV | _BE | _BS))),
        bad("BS set and BE not", flags(on=_BS)),
    ]


def attested_data() -> list[Case]:
    """The flag AT and the attested credential data (section 6.1; FIDO AttResp-3 F-9 to F-11)."""
    return [
        good("AT and attested data"),
        bad("attested data without AT", flags(off=int(Flags.AT))),
        bad("AT without attested data", authenticator_data(lambda raw: raw[:HEADER_BYTES])),
        bad(
            "neither AT nor attested data",
            authenticator_data(lambda raw: raw[:32] + bytes([raw[32] & ~int(Flags.AT)]) + raw[33:HEADER_BYTES]),
        ),
        bad("a credential id that is longer than the data", authenticator_data(_with_id_length(0xFFFF))),
    ]


def extension_data() -> list[Case]:
    """The flag ED and the extension outputs (section 6.1)."""
    extended = Setting(manner=Manner(extensions=CRED_PROTECT))
    return [
        good("ED and a map", (), extended),
        bad("a map without ED", flags(off=int(Flags.ED)), extended),
        bad("ED without a map", flags(on=int(Flags.ED))),
        bad("ED and an array", authenticator_data(_extended_by(b"\x80"))),
        bad("ED and a number", authenticator_data(_extended_by(b"\x01"))),
        bad("a zero byte behind the data", authenticator_data(_followed_by(b"\0"))),
        bad("an empty map behind the data", authenticator_data(_followed_by(b"\xa0"))),
        bad("a zero byte behind the map", authenticator_data(_followed_by(b"\0")), extended),
    ]


def signs_in_with_extensions() -> list[Case]:
    """Extension outputs are no part of the stored key (FIDO AttResp-3 P-1)."""
    return [
        good("a credential without extensions"),
        good("a credential with credProtect", (), Setting(manner=Manner(extensions=CRED_PROTECT))),
        good(
            "a credential with several extensions",
            (),
            Setting(manner=Manner(extensions={"credProtect": 2, "minPinLength": 4})),
        ),
    ]


def reserved_flags() -> list[Case]:
    """Bits for future use, of which the standard says nothing to a relying party."""
    return [
        recorded("RFU1 set", flags(on=int(Flags.RFU1))),
        recorded("RFU2 set", flags(on=int(Flags.RFU2))),
    ]


def truncations() -> dict[str, Edits]:
    """Authenticator data that ends too soon, at every byte; a registration without extensions has 164."""
    return {
        f"the first {length} bytes of the authenticator data": authenticator_data(_cut(length)) for length in range(164)
    }


def algorithms() -> list[Case]:
    """The credential's algorithm is one of those offered (step 20)."""
    return [
        good("ES256 where it is offered"),
        good("RS256 where it is offered", (), Setting(manner=Manner(algorithm=RS256), offered=(ES256,))),
        *(
            bad(f"{name} where ES256 is offered", _key_of(algorithm), Setting())
            for name, algorithm in {"EdDSA": EDDSA, "ES384": ES384, "RS256": RS256}.items()
        ),
        bad("RS1 where ES256 is offered", at("COSE_KEY", lambda key: {**_rsa_members(), 3: -65535})),
        bad("no alg", at("COSE_KEY", lambda key: {label: value for label, value in key.items() if label != 3})),
        bad("alg a text", at("COSE_KEY", lambda key: {**key, 3: "ES256"})),
    ]


def formats() -> list[Case]:
    """The attestation statement format identifier, matched exactly (step 21)."""
    return [
        good("the format none"),
        *(
            bad(f"the format {name!r}", _object_members(fmt=name))
            for name in ("bogus", "None", "NONE", "none ", "", "packed2")
        ),
    ]


def id_lengths() -> list[Case]:
    """At most 1023 bytes (step 25), at least 16 (section 4)."""
    return [
        good("an id of 1023 bytes", (), Setting(manner=Manner(id_bytes=1023))),
        bad("an id of 1024 bytes", _new_id(1024)),
        bad("an id of no bytes", _new_id(0)),
        recorded("an id of 15 bytes", _new_id(15)),
    ]


def signs_in_with_a_long_id() -> list[Case]:
    """The longest id really works."""
    return [good("an id of 1023 bytes", (), Setting(manner=Manner(id_bytes=1023)))]


def registered_ids() -> list[Case]:
    """The credential id is nobody's yet (step 26)."""
    taken = Setting(expected={"registered": lambda new: [_OTHER_ID, new]})
    return [
        good("an id that is new"),
        good("an id that is new among others", (), Setting(expected={"registered": [_OTHER_ID]})),
        bad("an id that is registered", ()).told_otherwise(taken),
    ]


def extension_results() -> list[Case]:
    """Client extension outputs that nobody asked for, and what was asked for and is not there (step 28)."""
    return [
        good(
            "an extension that nobody asked for",
            response_members(clientExtensionResults={"example": {"of": [1, None]}}),
        ),
        good("credProps that nobody asked for", response_members(clientExtensionResults={"credProps": {"rk": True}})),
        good(
            "credProps that were asked for and are not there",
            (),
            Setting(options={"extensions": {"credProps": True}}),
        ),
        good(
            "credProps as they were asked for",
            response_members(clientExtensionResults={"credProps": {"rk": True}}),
            Setting(options={"extensions": {"credProps": True}}),
        ),
    ]


def _as_an_authentication(honest: dict[str, Any]) -> dict[str, Any]:
    inner = {
        "clientDataJSON": honest["response"]["clientDataJSON"],
        "authenticatorData": honest["response"]["authenticatorData"],
        "signature": base64url.encode(bytes(70)),
    }
    return {**honest, "response": inner}


def _as_base64(text: str) -> str:
    return text.translate(str.maketrans("-_", "+/")) + "=" * (-len(text) % 4)


def _object_bytes(raw: bytes) -> Edits:
    return at("ATTESTATION_OBJECT_BYTES", lambda honest: raw)


def _object_members(**members: Any) -> Edits:
    return at(
        "ATTESTATION_OBJECT",
        lambda honest: {name: value for name, value in {**honest, **members}.items() if value is not Left.OUT},
    )


def _followed_by(tail: bytes) -> Callable[[bytes], bytes]:
    return lambda raw: raw + tail


def _cut(length: int) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:length]


def _with_authenticator_data_twice(raw: bytes) -> bytes:
    """The right one last; before it one of nobody."""
    other = cbor.encode("authData") + cbor.encode(bytes(37))
    return b"\xa4" + other + raw[1:]


def _with_members_reversed(raw: bytes) -> bytes:
    members = list(cbor.decode(raw).items())
    return b"\xa3" + b"".join(cbor.encode(name) + cbor.encode(value) for name, value in reversed(members))


def _with_hash(value: bytes) -> Callable[[bytes], bytes]:
    return lambda raw: value + raw[32:]


def _with_id_length(length: int) -> Callable[[bytes], bytes]:
    at_length = HEADER_BYTES + 16
    return lambda raw: raw[:at_length] + length.to_bytes(2, "big") + raw[at_length + 2 :]


def _extended_by(tail: bytes) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:32] + bytes([raw[32] | int(Flags.ED)]) + raw[33:] + tail


def _new_id(length: int) -> Edits:
    """Another credential id in the authenticator data and in the response."""
    id = (bytes(range(256)) * 4)[:length]

    def data(raw: bytes) -> bytes:
        id_at = HEADER_BYTES + 18
        old = int.from_bytes(raw[id_at - 2 : id_at], "big")
        return raw[: id_at - 2] + length.to_bytes(2, "big") + id + raw[id_at + old :]

    written = base64url.encode(id)
    return (*authenticator_data(data), *response_members(id=written, rawId=written))


def _rsa_members() -> dict[Any, Any]:
    return {1: 3, 3: RS256, -1: ((1 << 2048) - 1).to_bytes(256, "big"), -2: b"\x01\x00\x01"}


def _key_of(algorithm: int) -> Edits:
    """A sound key of another algorithm."""

    def members(key: dict[Any, Any]) -> dict[Any, Any]:
        from fakes.authenticator.entropy import Entropy
        from fakes.authenticator.keys import signing_key

        return dict(signing_key(algorithm, Entropy("a key of another algorithm"), "key").cose_members)

    return at("COSE_KEY", members)
