"""Changes of authentications (WebAuthn L3 section 7.2), but those of client data."""

from __future__ import annotations

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
    signature,
)
from harness.webauthn_cases.edits import ED448, EDDSA, ES256, ES384, ES512, RS256, Edit, Edits, Manner, Seen, at
from protocol.webauthn import base64url, cbor
from protocol.webauthn.authenticator_data import HEADER_BYTES, Flags

_UP, _UV, _BE, _BS = (int(flag) for flag in (Flags.UP, Flags.UV, Flags.BE, Flags.BS))
_OTHER = base64url.encode(bytes(range(32)))
_GIVING_A_HANDLE = Setting(manner=Manner(user_handle=True))
ALGORITHMS = {"ES256": ES256, "RS256": RS256, "EdDSA": EDDSA, "ES384": ES384, "ES512": ES512, "Ed448": ED448}


def allowed() -> list[Case]:
    """The credential is one of allowCredentials, where any are named (step 5)."""
    others = [{"type": "public-key", "id": _OTHER}]
    return [
        good("the credential that is allowed"),
        good("no allowCredentials", (), Setting(options={"allowCredentials": []})),
        bad("a credential that is not allowed", ()).told_otherwise(Setting(options={"allowCredentials": others})),
    ]


def user_handles() -> list[Case]:
    """The user handle of a user who was identified before (step 6)."""
    return [
        good("the account's user handle", (), _GIVING_A_HANDLE),
        good("no user handle"),
        bad("another account's user handle", inner_members(userHandle=_OTHER)),
        bad("the user handle and a byte more", _handle(lambda handle: handle + b"\0"), _GIVING_A_HANDLE),
        bad("half the user handle", _handle(lambda handle: handle[: len(handle) // 2]), _GIVING_A_HANDLE),
    ]


def user_handles_that_identify() -> list[Case]:
    """The user handle of a user who was not: it has to be there and name the account."""
    alone = Setting(
        manner=Manner(user_handle=True), expected={"user_identified": False}, options={"allowCredentials": []}
    )
    return [
        good("the account's user handle", (), alone),
        bad("no user handle", inner_members(userHandle=Left.OUT), alone),
        bad("an unknown user handle", inner_members(userHandle=_OTHER), alone),
        bad("an empty user handle", inner_members(userHandle=""), alone),
    ]


def types_of_user_handles() -> list[Case]:
    """The user handle is a text where it is there (FIDO AssResp-1 F-21)."""
    return [
        good("a user handle that is a text", (), _GIVING_A_HANDLE),
        *(
            bad(f"a user handle that is {what}", inner_members(userHandle=value))
            for what, value in {"a number": 1, "a list": [_OTHER], "an object": {"id": _OTHER}, "true": True}.items()
        ),
        recorded("a user handle that is null", inner_members(userHandle=None)),
        recorded("a user handle that is empty", inner_members(userHandle="")),
    ]


def user_presence() -> list[Case]:
    """The flag UP (step 16). FIDO's AssResp-3 P-4 and P-7 want the opposite; the W3C's standard counts."""
    return [good("UP set"), bad("UP not set", flags(off=_UP)), bad("neither UP nor UV set", flags(off=_UP | _UV))]


def user_verification() -> list[Case]:
    """The flag UV (step 17)."""
    required = Setting(user_verification="required")
    return [
        good("UV set, as required", (), required),
        bad("UV not set though required", flags(off=_UV), required),
        *(
            good(f"UV not set where it is {wish}", flags(off=_UV), Setting(user_verification=wish))
            for wish in ("preferred", "discouraged")
        ),
    ]


def backup_flags() -> list[Case]:
    """BS only with BE (step 18)."""
    eligible, backed_up = Manner(flags=_UP | _UV | _BE), Manner(flags=_UP | _UV | _BE | _BS)
    return [
        good("BE and BS not set"),
        good("BE set and BS not", (), Setting(manner=eligible)),
        good("BS set since", (), Setting(manner=backed_up, stored=eligible)),
        good("BS cleared since", (), Setting(manner=eligible, stored=backed_up)),
        bad("BS set and BE not", flags(on=_BS)),
    ]


def backup_eligibility() -> list[Case]:
    """BE never changes (step 19)."""
    return [
        bad("BE set, and not when it was registered", flags(on=_BE)),
        bad(
            "BE not set, and set when it was registered", flags(off=_BE), Setting(manner=Manner(flags=_UP | _UV | _BE))
        ),
    ]


def attested_data() -> list[Case]:
    """An assertion attests no credential (section 6.1)."""
    return [
        good("no attested data"),
        bad("AT without attested data", flags(on=int(Flags.AT))),
        bad("AT and attested data", authenticator_data(_attesting)),
    ]


def extension_data() -> list[Case]:
    """The flag ED and the extension outputs."""
    extended = Setting(manner=Manner(extensions={"exampleExtension": "output"}))
    return [
        good("37 bytes"),
        good("ED and a map", (), extended),
        bad("a zero byte behind the data", authenticator_data(lambda raw: raw + b"\0")),
        bad("an empty map without ED", authenticator_data(lambda raw: raw + b"\xa0")),
        bad("ED without a map", flags(on=int(Flags.ED))),
        bad("ED and an array", authenticator_data(_extended_by(b"\x80"))),
        bad("a zero byte behind the map", authenticator_data(lambda raw: raw + b"\0"), extended),
    ]


def truncations() -> dict[str, Edits]:
    """Authenticator data that ends too soon, at every byte."""
    return {
        f"the first {length} bytes of the authenticator data": authenticator_data(_cut(length))
        for length in range(HEADER_BYTES)
    }


def signatures() -> list[Case]:
    """The signature is the credential's over exactly this (step 21)."""
    return [
        *(
            good(f"a signature in {name}", (), Setting(manner=Manner(algorithm=algorithm)))
            for name, algorithm in ALGORITHMS.items()
        ),
        bad("no signature", inner_members(signature="")),
        bad("signature left out", inner_members(signature=Left.OUT)),
        bad("signature null", inner_members(signature=None)),
        bad("a signature of zeros", signature(lambda made: bytes(len(made)))),
        bad("half the signature", signature(lambda made: made[: len(made) // 2])),
        bad("the signature without its last byte", signature(lambda made: made[:-1])),
        bad("the signature of nothing", signed_over(lambda message: b"")),
        bad("the signature of the authenticator data alone", signed_over(lambda message: message[:-32])),
        bad("the signature of the client data hash alone", signed_over(lambda message: message[-32:])),
        bad("the signature of both in the wrong order", signed_over(lambda message: message[-32:] + message[:-32])),
        *(
            bad(
                f"a signature in {name} by another key",
                signed_by_another(algorithm),
                Setting(manner=Manner(algorithm=algorithm)),
            )
            for name, algorithm in ALGORITHMS.items()
        ),
    ]


def flipped_bits() -> dict[str, dict[str, Edits]]:
    """One bit of each byte of what is signed, and of the signature, flipped after it was signed."""
    return {
        "authenticator data": {
            f"byte {position} of the authenticator data changed": _flipped_member("authenticatorData", position)
            for position in range(HEADER_BYTES)
        },
        "client data": {
            f"byte {position} of the client data changed": _flipped_member("clientDataJSON", position)
            for position in range(0, 140, 3)
        },
        "signature": {
            f"byte {position} of the signature changed": _flipped_member("signature", position)
            for position in range(70)
        },
    }


def counters() -> list[Case]:
    """The signature counter, by the policy that is the default: it has to grow unless it is always 0 (step 22)."""
    return [
        good("0 after 0"),
        good("6 after 5", (), counted(6, 5)),
        good("1 after 0", (), counted(1, 0)),
        bad("5 after 5", count(5), counted(6, 5)),
        bad("4 after 5", count(4), counted(6, 5)),
        bad("0 after 5", count(0), counted(6, 5)),
    ]


def large_counters() -> list[Case]:
    """32 bits without a sign (section 6.1)."""
    return [
        good("2^31 after 2^31 - 1", (), counted(2**31, 2**31 - 1)),
        good("2^31 + 1 after 2^31", (), counted(2**31 + 1, 2**31)),
        good("2^32 - 1 after 5", (), counted(2**32 - 1, 5)),
        recorded("0 after 2^32 - 1", count(0), counted(2**32 - 1, 2**32 - 2)),
    ]


def counted(now: int, before: int) -> Setting:
    """A ceremony in which the counter says this, and the record that."""
    return Setting(manner=Manner(sign_count=now), stored=Manner(sign_count=before))


def count(value: int) -> Edits:
    """Another counter."""
    return authenticator_data(lambda raw: raw[:33] + value.to_bytes(4, "big") + raw[37:])


def signed_over(change: Callable[[bytes], bytes]) -> Edits:
    """An honest signature over something else."""
    return at("SIGNED", change)


def signed_by_another(algorithm: int) -> Edits:
    """A signature by another key of the same algorithm."""

    def sign(made: bytes, seen: Seen) -> bytes:
        return bytes(another_key(algorithm).sign(seen["SIGNED"]))

    return (Edit("SIGNATURE", sign),)


def another_key(algorithm: int) -> Any:
    """A key pair that is nobody's credential's."""
    from fakes.authenticator.entropy import Entropy
    from fakes.authenticator.keys import signing_key

    return signing_key(algorithm, Entropy("somebody else"), "key")


def keys_in_the_response() -> list[Case]:
    """The key and its algorithm are the record's, whatever the response says (alg confusion)."""
    return [
        good("a key in the response that is not used", _naming_another_key()),
        bad("a key in the response that signed", (*signed_by_another(ES256), *_naming_another_key())),
        bad("an attested key that signed", (*authenticator_data(_attesting), *signed_by_another(ES256))),
        bad(
            "an algorithm in the response, and no signature",
            (*inner_members(alg="none", publicKeyAlgorithm=0, signature=base64url.encode(b"\0")),),
        ),
    ]


def _naming_another_key() -> Edits:
    """The members in which a registration response names its key, with another one."""

    def make(honest: dict[str, Any]) -> dict[str, Any]:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        public = another_key(ES256).private.public_key()
        spki = base64url.encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
        members = {"publicKey": spki, "publicKeyAlgorithm": ES256, "alg": ES256}
        return {**honest, "response": {**honest["response"], **members}}

    return at("RESPONSE", make)


def _handle(change: Callable[[bytes], bytes]) -> Edits:
    """The honest user handle, changed."""
    return computed_inner("userHandle", lambda text: base64url.encode(change(base64url.decode(text))))


def _cut(length: int) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:length]


def _extended_by(tail: bytes) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:32] + bytes([raw[32] | int(Flags.ED)]) + raw[33:] + tail


def _attesting(raw: bytes) -> bytes:
    """Authenticator data with another key attested in it."""
    key = cbor.encode(dict(another_key(ES256).cose_members))
    attested = bytes(16) + (32).to_bytes(2, "big") + bytes(range(32)) + key
    return raw[:32] + bytes([raw[32] | int(Flags.AT)]) + raw[33:HEADER_BYTES] + attested


def _flipped_member(member: str, position: int) -> Edits:
    """A bit of a byte of a member of the response flipped; counted from the end of what is shorter."""

    def make(honest: dict[str, Any]) -> dict[str, Any]:
        raw = bytearray(base64url.decode(honest["response"][member]))
        raw[position % len(raw)] ^= 1
        return {**honest, "response": {**honest["response"], member: base64url.encode(bytes(raw))}}

    return at("RESPONSE", make)
