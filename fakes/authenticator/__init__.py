"""A software authenticator under an honest client, and a builder of ceremonies with one change in them.

`Authenticator(seed, abilities)` registers and authenticates with WebAuthn JSON; `Builder(authenticator)` does the same
with a `Change` at a `Layer`. From the ground upwards: `entropy`, `keys`, `certificates`, `tpm`,
`safety_net`, `statements`; `changes`, `credential`, `assembly`; `abilities`, `vault`; `pin_uv`, `extensions`,
`large_blobs`, `device`; `responses`, `authenticator`, `builder`.
"""

from fakes.authenticator.abilities import PASSKEY_PROVIDER, SECURITY_KEY, Abilities
from fakes.authenticator.authenticator import Authenticator, ClientRefused
from fakes.authenticator.builder import Builder
from fakes.authenticator.changes import Change, ChangeNotMade, Layer
from fakes.authenticator.credential import Credential
from fakes.authenticator.statements import Format

__all__ = [
    "PASSKEY_PROVIDER",
    "SECURITY_KEY",
    "Abilities",
    "Authenticator",
    "Builder",
    "Change",
    "ChangeNotMade",
    "ClientRefused",
    "Credential",
    "Format",
    "Layer",
]
