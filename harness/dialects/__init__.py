"""How custom-auth flows are spoken. A user's own dialect imports what it needs from here."""

from harness.dialects.dialect import Codes, Dialect, Links, Say
from harness.dialects.loading import DialectError, load_dialect
from harness.dialects.passkeys import ApiCall, Listed, Passkeys

__all__ = ["ApiCall", "Codes", "Dialect", "DialectError", "Links", "Listed", "Passkeys", "Say", "load_dialect"]
