"""The cases as triggers of a custom-auth flow can be asked: what they expect is configured, not told with a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.webauthn_cases.cases import Case, Setting, each
from harness.webauthn_cases.edits import EDDSA, ES256, RS256

FORMATS = frozenset({"none", "packed-self", "packed"})
NEEDS: Mapping[int, str] = {RS256: "fido2.rs256", EDDSA: "fido2.eddsa"}
_UP_TO_POLICY = "UV not set where"
"""Cases that are good only where the options do not require verification."""

_UNOFFERED = {"EdDSA where": EDDSA, "RS256 where": RS256}
"""Cases that are bad only where the options do not name their algorithm."""


def custom(*given: Case | Iterable[Case]) -> dict[str, Case]:
    """Those of the cases that triggers can be asked, by their names."""
    return {name: case for name, case in each(*given).items() if _can_be_asked(case)}


def not_required(*given: Case | Iterable[Case]) -> dict[str, Case]:
    """Those of the cases that are about user verification that the options prefer, by their names."""
    return {name: case for name, case in each(*given).items() if name.startswith(f"{_UP_TO_POLICY} it is preferred")}


def is_bad_for(case: Case, offered: frozenset[int]) -> bool:
    """Whether a case that is bad is bad where these algorithms are offered."""
    return not any(case.what.startswith(name) and algorithm in offered for name, algorithm in _UNOFFERED.items())


def _can_be_asked(case: Case) -> bool:
    setting = case.setting
    return case.told is None and not case.what.startswith(_UP_TO_POLICY) and _can_be_set(setting)


def _can_be_set(setting: Setting) -> bool:
    return (
        not setting.expected
        and not setting.options
        and setting.manner.format in FORMATS
        and setting.manner.algorithm in {ES256, *NEEDS}
        and not set(setting.needs) - {"packed"}
    )
