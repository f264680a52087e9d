"""What the families of check ids are called in a report."""

from __future__ import annotations

_NAMES = {
    "CLI": "Clients",
    "CLM": "Claims and secret hash",
    "CRED": "Managing passkeys",
    "DEV": "Devices",
    "ENR": "Sign-up and token enrichment",
    "ML": "Magic links",
    "NP": "Native passkeys",
    "OTP": "Codes by text message",
    "POS": "How the user pool is configured",
    "REF": "Refresh and revocation",
    "SRP": "SRP sign-in",
    "STA": "User states and second factors",
    "TOK": "Tokens",
    "TRG-C": "Creating challenges",
    "TRG-D": "Defining challenges",
    "TRG-V": "Verifying answers",
    "VEC": "Known answers",
    "WA-AOP": "Passkeys: sign-in options",
    "WA-ATT": "Passkeys: attestation",
    "WA-AUT": "Passkeys: sign-in",
    "WA-KEY": "Passkeys: keys",
    "WA-OPT": "Passkeys: registration options",
    "WA-REG": "Passkeys: registration",
}


def flow_name(family: str) -> str:
    """`SRP sign-in` for `SRP`; the family itself where it has no name."""
    return _NAMES.get(family, family)
