"""The serialized large-blob array of an authenticator (CTAP2.1 section 6.10)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from fido2.ctap import CtapError

_EMPTY_ARRAY = b"\x80"


class LargeBlobArray:
    """Reads and writes fragments; the content is encrypted by clients and means nothing here."""

    def __init__(self) -> None:
        self._stored = _EMPTY_ARRAY + hashlib.sha256(_EMPTY_ARRAY).digest()[:16]
        self._coming = b""
        self._length = 0

    def command(self, parameters: Mapping[int, Any]) -> dict[int, Any]:
        """authenticatorLargeBlobs, once the platform is authorised. Raises CtapError."""
        offset = parameters[3]
        if 1 in parameters:
            return {1: self._stored[offset : offset + parameters[1]]}
        if offset == 0:
            self._coming, self._length = b"", parameters[4]
        if offset != len(self._coming):
            raise CtapError(CtapError.ERR.INVALID_SEQ)
        self._coming += parameters[2]
        if len(self._coming) == self._length:
            self._store(self._coming)
        return {}

    def _store(self, array: bytes) -> None:
        if hashlib.sha256(array[:-16]).digest()[:16] != array[-16:]:
            raise CtapError(CtapError.ERR.INTEGRITY_FAILURE)
        self._stored = array
