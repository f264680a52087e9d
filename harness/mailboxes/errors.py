"""Why a mailbox cannot be read."""

from __future__ import annotations

from harness.configuration_error import ConfigurationError
from harness.findings import Inconclusive


class MailboxUnusable(Inconclusive, ConfigurationError):
    """It refuses: a wrong password, a missing bucket, a permission not given. The message says what to do.

    In a check that makes the case inconclusive; to a command it is an error of the configuration.
    """


class MailboxUnreachable(Inconclusive):
    """It does not answer, or breaks off."""
