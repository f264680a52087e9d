"""The cases as a user pool's own passkeys can be asked: without what a pool cannot be told.

A pool has an RP ID and no list of origins, no frames, no trusted roots, and always knows who signs in. So origins on
other ports and below the RP ID are its own policy, and are recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from harness.webauthn_cases.cases import Case, Setting, each
from harness.webauthn_cases.client_data import ORIGINS
from harness.webauthn_cases.edits import EDDSA, ES256, RS256

_UP_TO_THE_POOL = frozenset(
    {
        f"origin {ORIGINS[1]}", "origin: another port", "origin: the port written out", "origin: a subdomain",
    }
)  # fmt: skip
_OFFERED_BY_POOLS = frozenset({"EdDSA where ES256 is offered", "RS256 where ES256 is offered"})
_FORMATS = frozenset({"none", "packed-self", "packed", "fido-u2f"})
_NEEDS: Mapping[int, str] = {RS256: "passkeys.rs256", EDDSA: "passkeys.eddsa"}
_ALGORITHMS = frozenset({ES256, RS256, EDDSA})


def native(*given: Case | Iterable[Case]) -> dict[str, Case]:
    """Those of the cases that a user pool can be asked, by their names."""
    return {
        name: replace(case, acceptable=None) if name in _UP_TO_THE_POOL else case
        for name, case in each(*given).items()
        if case.told is None and name not in _OFFERED_BY_POOLS and _can_be_set(case.setting)
    }


def needs_of(setting: Setting) -> list[str]:
    """What a pool must be able to do for a setting, in the words of harness.needs."""
    algorithm = _NEEDS.get(setting.manner.algorithm)
    return [
        *([algorithm] if algorithm else []),
        *(["passkeys.attestation"] if setting.manner.format != "none" else []),
    ]


def _can_be_set(setting: Setting) -> bool:
    return (
        not setting.expected
        and not setting.options
        and setting.user_verification != "discouraged"
        and setting.manner.format in _FORMATS
        and setting.manner.algorithm in _ALGORITHMS
    )
