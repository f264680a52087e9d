"""The faults of the ceremonies: those that a careless relying party has (`fakes/relying_party`), in these triggers.

`triggers.passkeys.ignores-the-origin` is `rp.ignores-the-origin`, switched on in the triggers alone.
"""

from __future__ import annotations

from collections.abc import Callable

import fakes.relying_party.ceremonies  # noqa: F401 - declares the relying party's faults
from fakes.faults import FaultSwitches, declare_fault, declared_faults

_RP, _TRIGGERS = "rp.", "triggers.passkeys."

SHARED = (
    # steps that are left out
    "ignores-the-type", "ignores-the-challenge", "ignores-the-origin", "ignores-cross-origin", "ignores-top-origin",
    "ignores-the-rp-id-hash", "ignores-user-presence", "ignores-user-verification", "ignores-the-backup-flags",
    "ignores-which-algorithms-were-offered", "ignores-the-length-of-ids", "ignores-who-has-the-id",
    "ignores-allow-credentials", "ignores-the-user-handle", "ignores-changes-of-backup-eligibility",
    "ignores-the-counter",
    # steps that compare badly
    "compares-types-loosely", "compares-the-beginning-of-the-challenge", "decodes-the-challenge",
    "compares-the-beginning-of-the-origin", "compares-the-end-of-the-origin", "compares-origins-without-case",
    "knows-one-origin", "demands-verification-always", "refuses-backup", "takes-any-format",
    "reads-the-counter-with-a-sign", "refuses-counters-of-zero", "refuses-long-ids",
    # reading the response and the client data
    "takes-any-user-handle", "keeps-the-byte-order-mark", "drops-bytes-that-are-no-text", "fills-in-client-data",
    "takes-any-of-duplicates", "compares-client-data-with-a-template", "knows-every-member-of-client-data",
    "reads-token-binding", "takes-only-true-for-true",
    # reading authenticator data and keys
    "fills-in-the-attestation-object", "ignores-bytes-after-cbor", "reads-cbor-loosely",
    "passes-over-unreadable-cbor", "ignores-the-flag-at", "ignores-bytes-after-authenticator-data",
    "ignores-missing-extensions", "refuses-extensions", "refuses-reserved-flags", "reads-beyond-the-end",
    "takes-attested-data-in-assertions", "ignores-the-curve", "ignores-the-key-type", "takes-points-off-the-curve",
    "takes-compressed-points", "takes-coordinates-of-any-length", "takes-any-rsa-key", "takes-private-parts",
    "takes-the-last-of-duplicate-labels", "takes-a-key-without-alg",
    # signatures and statements
    "ignores-the-signature", "skips-an-empty-signature", "hashes-json-anew", "takes-the-key-from-the-response",
    "takes-zero-for-r-or-s", "takes-p1363", "takes-ber", "takes-any-rsa-padding", "takes-any-statement-for-none",
    "ignores-the-statements-signature", "ignores-attestation-statements",
)  # fmt: skip

for _name in SHARED:
    declare_fault(_TRIGGERS + _name, f"{declared_faults()[_RP + _name].summary}, in custom auth")


def as_relying_party(faults: FaultSwitches) -> Callable[[str], bool]:
    """Whether a fault of the relying party is on in the triggers."""
    return lambda fault: faults.on(_TRIGGERS + fault.removeprefix(_RP))
