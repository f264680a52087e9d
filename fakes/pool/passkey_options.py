"""What the pool asks an authenticator for: creation options and request options, as WebAuthn's JSON has them.

What is in AWS's own is `unknown` beyond their being there; these follow WebAuthn's recommendations.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.credentials import Credentials
from fakes.pool.entropy import Entropy
from fakes.pool.moto_directory import User, UserPool
from fakes.pool.passkey_challenges import REGISTRATION_SECONDS
from fakes.pool.passkey_store import PasskeyStore
from fakes.relying_party.nobody import nobodys_record
from protocol.webauthn.base64url import encode
from protocol.webauthn.credentials import Account, CredentialRecord

NAME_AS_HANDLE = declare_fault("pool.passkeys.name-as-user-handle", "the user handle is the user's name")
SAME_HANDLE = declare_fault("pool.passkeys.same-handle-for-everybody", "every user of a pool has the same user handle")
FRESH_HANDLE = declare_fault("pool.passkeys.fresh-handle-each-time", "a user has another user handle each time")
EXCLUDES_NOTHING = declare_fault("pool.passkeys.excludes-nothing", "excludeCredentials is empty")
EXCLUDES_EVERYBODYS = declare_fault(
    "pool.passkeys.excludes-everybodys", "excludeCredentials names the passkeys of every user"
)
OFFERS_SHA1 = declare_fault("pool.passkeys.offers-what-it-cannot-verify", "RS1 is offered, and refused when it comes")
OFFERS_NO_EDDSA = declare_fault("pool.passkeys.offers-no-eddsa", "EdDSA is not offered")
NO_TIMEOUT = declare_fault("pool.passkeys.no-timeout", "the options say nothing of how long they are good")
ASKS_FOR_NO_VERIFICATION = declare_fault(
    "pool.passkeys.asks-for-no-verification", "the options discourage user verification, whatever the pool requires"
)
ASKS_FOR_ATTESTATION = declare_fault(
    "pool.passkeys.asks-for-attestation", "the options ask for attestation that nobody assesses"
)
SIMULATED_IDS_CHANGE = declare_fault(
    "pool.passkeys.simulated-ids-change", "an unknown name has another imaginary passkey each time"
)
SIMULATED_IDS_SHORTER = declare_fault(
    "pool.passkeys.simulated-ids-shorter", "the imaginary passkey of an unknown name has half of a usual id"
)
SIMULATES_NOTHING = declare_fault("pool.passkeys.simulates-nothing", "an unknown name has no passkey to be asked for")

ALGORITHMS = (-7, -8, -257)
"""ES256, EdDSA and RS256, as WebAuthn section 5.4 recommends for pubKeyCredParams."""

_RS1 = -65535


class PasskeyOptions:
    """Writes options."""

    def __init__(
        self, *, credentials: Credentials, entropy: Entropy, faults: FaultSwitches, store: PasskeyStore
    ) -> None:
        self._credentials = credentials
        self._entropy = entropy
        self._faults = faults
        self._store = store

    def creation(self, pool: UserPool, user: User, challenge: bytes) -> dict[str, Any]:
        """PublicKeyCredentialCreationOptionsJSON."""
        faults = self._faults
        algorithms = [each for each in ALGORITHMS if each != -8 or not faults.on(OFFERS_NO_EDDSA)]
        if faults.on(OFFERS_SHA1):
            algorithms.append(_RS1)
        excluded = () if faults.on(EXCLUDES_NOTHING) else self._store.of(user)
        if faults.on(EXCLUDES_EVERYBODYS):
            excluded = self._store.everybodys(pool.id)
        return {
            "rp": {"id": pool.passkeys.relying_party_id, "name": pool.passkeys.relying_party_id},
            "user": {"id": encode(self._handle(user)), "name": user.username, "displayName": user.username},
            "challenge": encode(challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in algorithms],
            **({} if faults.on(NO_TIMEOUT) else {"timeout": REGISTRATION_SECONDS * 1000}),
            "excludeCredentials": [_descriptor(each.record) for each in excluded],
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": True,
                "userVerification": self._verification(pool),
            },
            "attestation": "direct" if faults.on(ASKS_FOR_ATTESTATION) else "none",
        }

    def request(self, pool: UserPool, account: Account, challenge: bytes, seconds: float) -> str:
        """PublicKeyCredentialRequestOptionsJSON, as text; they are good for so many seconds."""
        options = {
            "challenge": encode(challenge),
            "timeout": int(seconds * 1000),
            "rpId": pool.passkeys.relying_party_id,
            "allowCredentials": [_descriptor(each) for each in account.credentials],
            "userVerification": self._verification(pool),
        }
        return json.dumps(options, separators=(",", ":"))

    def account(self, user: User) -> Account:
        """The user's account as ceremonies see it; an unknown name's has one passkey, which nobody has."""
        if user.exists:
            return Account(user_handle(user), tuple(each.record for each in self._store.of(user)))
        if self._faults.on(SIMULATES_NOTHING):
            return Account(user_handle(user), ())
        id = self._credentials.simulated(user.user_pool_id, user.sub, "passkey")
        if self._faults.on(SIMULATED_IDS_CHANGE):
            id = self._entropy.octets(len(id))
        if self._faults.on(SIMULATED_IDS_SHORTER):
            id = id[: len(id) // 2]
        return Account(user_handle(user), (nobodys_record(id),))

    def _handle(self, user: User) -> bytes:
        if self._faults.on(NAME_AS_HANDLE):
            return user.username.encode()
        if self._faults.on(SAME_HANDLE):
            return user.user_pool_id.encode()
        return self._entropy.octets(16) if self._faults.on(FRESH_HANDLE) else user_handle(user)

    def _verification(self, pool: UserPool) -> str:
        return "discouraged" if self._faults.on(ASKS_FOR_NO_VERIFICATION) else pool.passkeys.user_verification


def user_handle(user: User) -> bytes:
    """The account's user handle: the 16 bytes of `sub`, which says nothing of the user (WebAuthn section 14.6.1)."""
    return uuid.UUID(user.sub).bytes


def _descriptor(record: CredentialRecord) -> dict[str, Any]:
    return {"type": record.type, "id": encode(record.id), "transports": list(record.transports)}
