"""A software CTAP2 authenticator: the commands that python-fido2's client sends, answered in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Event
from typing import Any

from fido2.ctap import STATUS, CtapDevice, CtapError
from fido2.ctap2.base import Ctap2
from fido2.hid import CAPABILITY

from fakes.authenticator import extensions
from fakes.authenticator.abilities import Abilities
from fakes.authenticator.assembly import assertion, attested_object
from fakes.authenticator.changes import Alteration
from fakes.authenticator.credential import Credential
from fakes.authenticator.large_blobs import LargeBlobArray
from fakes.authenticator.pin_uv import PROTOCOL, PinUvAuth
from fakes.authenticator.vault import Vault
from protocol.webauthn import cbor

_MAX_MESSAGE_BYTES = 16384
_LARGE_BLOB_PREFIX = b"\xff" * 32 + b"\x0c\x00"


class SoftwareDevice(CtapDevice):
    """Speaks CTAP2; its user is always present, and verified whenever the client asks for it."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._pin_uv = PinUvAuth(vault.entropy)
        self._large_blobs = LargeBlobArray()
        self._further: list[dict[int, Any]] = []
        self._commands: Mapping[int, Callable[[Mapping[int, Any]], dict[int, Any]]] = {
            Ctap2.CMD.MAKE_CREDENTIAL: self._make_credential,
            Ctap2.CMD.GET_ASSERTION: self._get_assertion,
            Ctap2.CMD.GET_INFO: self._get_info,
            Ctap2.CMD.CLIENT_PIN: self._pin_uv.command,
            Ctap2.CMD.GET_NEXT_ASSERTION: self._get_next_assertion,
            Ctap2.CMD.LARGE_BLOBS: self._large_blobs_command,
        }

    @property
    def capabilities(self) -> int:
        """CTAP2 only."""
        return CAPABILITY.CBOR | CAPABILITY.NMSG

    @classmethod
    def list_devices(cls) -> Iterator[CtapDevice]:
        """Nothing to discover: a software authenticator is made."""
        return iter(())

    def call(
        self,
        cmd: int,
        data: bytes = b"",
        event: Event | None = None,
        on_keepalive: Callable[[STATUS], None] | None = None,
    ) -> bytes:
        """Answer one CTAP2 command."""
        try:
            answer = self._commands[data[0]](cbor.decode(data[1:]) if data[1:] else {})
        except CtapError as error:
            return bytes([error.code])
        except KeyError:
            return bytes([CtapError.ERR.MISSING_PARAMETER])
        return b"\0" + (cbor.encode(answer) if answer else b"")

    @property
    def _abilities(self) -> Abilities:
        return self._vault.abilities

    def _get_info(self, parameters: Mapping[int, Any]) -> dict[int, Any]:
        abilities = self._abilities
        options = {
            "rk": abilities.discoverable_credentials,
            "up": True,
            "plat": "internal" in abilities.transports,
            "largeBlobs": True,
            "makeCredUvNotRqd": True,
        }
        if abilities.user_verification:
            options |= {"uv": True, "pinUvAuthToken": True}
        return {
            1: ["FIDO_2_0", "FIDO_2_1"],
            2: list(extensions.NAMES),
            3: self._vault.attester.aaguid,
            4: options,
            5: _MAX_MESSAGE_BYTES,
            6: [PROTOCOL],
            7: 64,
            8: 1023,
            9: list(abilities.transports),
            10: [{"alg": algorithm, "type": "public-key"} for algorithm in abilities.usable_algorithms],
            11: 4096,
        }

    def _make_credential(self, parameters: Mapping[int, Any]) -> dict[int, Any]:
        rp_id, requested = parameters[2]["id"], parameters.get(6, {})
        verified = self._is_verified(parameters[1], parameters.get(7, {}), parameters.get(8))
        if any(self._vault.find(rp_id, descriptor["id"]) for descriptor in parameters.get(5, [])):
            raise CtapError(CtapError.ERR.CREDENTIAL_EXCLUDED)
        algorithm = self._vault.choose_algorithm(each["alg"] for each in parameters[4])
        if algorithm is None:
            raise CtapError(CtapError.ERR.UNSUPPORTED_ALGORITHM)
        credential = self._vault.new_credential(
            rp_id, parameters[3]["id"], algorithm, discoverable=parameters.get(7, {}).get("rk", False)
        )
        outputs = extensions.at_registration(credential, requested, self._vault.entropy)
        circumstances = self._vault.circumstances(credential, verified=verified, extensions=outputs)
        made = attested_object(credential, circumstances, parameters[1], self._vault.attester, Alteration())
        answer = {1: made["fmt"], 2: made["authData"], 3: made["attStmt"]}
        return answer | ({5: credential.large_blob_key} if credential.large_blob_key else {})

    def _get_assertion(self, parameters: Mapping[int, Any]) -> dict[int, Any]:
        options = parameters.get(5, {})
        verified = self._is_verified(parameters[2], options, parameters.get(6))
        allowed = [descriptor["id"] for descriptor in parameters.get(3, [])]
        found = self._vault.usable(parameters[1], allowed, verified=verified)
        if not found:
            raise CtapError(CtapError.ERR.NO_CREDENTIALS)
        present = options.get("up", True)
        answers = [self._assertion(each, parameters, present=present, verified=verified) for each in found]
        first, *self._further = answers
        return first | ({5: len(answers)} if self._further else {})

    def _get_next_assertion(self, parameters: Mapping[int, Any]) -> dict[int, Any]:
        if not self._further:
            raise CtapError(CtapError.ERR.NOT_ALLOWED)
        return self._further.pop(0)

    def _assertion(
        self, credential: Credential, parameters: Mapping[int, Any], *, present: bool, verified: bool
    ) -> dict[int, Any]:
        requested = parameters.get(4, {})
        outputs = extensions.at_authentication(credential, requested, self._pin_uv, verified=verified)
        if present:
            self._vault.count(credential)
        circumstances = self._vault.circumstances(credential, verified=verified, present=present, extensions=outputs)
        authenticator_data, signature = assertion(credential, circumstances, parameters[2], Alteration())
        answer: dict[int, Any] = {
            1: {"id": credential.id, "type": "public-key"},
            2: authenticator_data,
            3: signature,
        }
        if credential.discoverable:
            answer[4] = {"id": credential.user_handle}
        if requested.get("largeBlobKey") and credential.large_blob_key:
            answer[7] = credential.large_blob_key
        return answer

    def _large_blobs_command(self, parameters: Mapping[int, Any]) -> dict[int, Any]:
        if 2 in parameters and self._abilities.user_verification:
            offset = parameters[3].to_bytes(4, "little")
            message = _LARGE_BLOB_PREFIX + offset + extensions.sha256(parameters[2])
            if not self._pin_uv.verifies(message, parameters.get(5)):
                raise CtapError(CtapError.ERR.PUAT_REQUIRED)
        return self._large_blobs.command(parameters)

    def _is_verified(self, client_data_hash: bytes, options: Mapping[str, bool], parameter: bytes | None) -> bool:
        if options.get("uv") and not self._abilities.user_verification:
            raise CtapError(CtapError.ERR.INVALID_OPTION)
        return self._pin_uv.verifies(client_data_hash, parameter) or bool(options.get("uv"))
