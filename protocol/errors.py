"""What the protocol's functions raise."""

from __future__ import annotations


class ProtocolError(Exception):
    """A value that the protocol does not allow. The message says which and why."""


class MalformedNumber(ProtocolError):
    """A text or an integer that is no number of the protocol: not hex, negative, too wide."""


class MalformedText(ProtocolError):
    """A text that has no UTF-8 form."""


class MalformedUserPoolId(ProtocolError):
    """A user pool id without a pool name in it."""


class UnsafePublicValue(ProtocolError):
    """A public value or a scrambler that would make the premaster secret known to anybody (RFC 5054 section 2.5)."""


class TimestampError(ProtocolError):
    """A TIMESTAMP outside the grammar, or a moment that cannot be written as one."""


class SecondFactorError(ProtocolError):
    """A secret, a code length or a moment that time-based one-time passwords are not defined for."""
