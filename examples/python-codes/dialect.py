"""How the flow of this example is spoken: InitiateAuth sends a code by mail, and the code is the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.dialects import Codes, Dialect, Say


class MailedCodes(Codes):
    """Six digits by mail."""

    method = "code"
    by_mail = True

    def ask(self, access_token: str) -> Sequence[Say]:
        """InitiateAuth alone has the code sent."""
        del access_token
        return ()

    def code_in(self, text: str) -> str | None:
        """The six digits."""
        found = re.search(r"\b[0-9]{6}\b", text)
        return found[0] if found else None

    def answer(self, code: object, access_token: str) -> Say:
        """The code, and nothing else; only text can be said."""
        del access_token
        return Say(str(code))


class OurCodes(Dialect):
    """One method."""

    name = "mailed codes"
    codes = MailedCodes()
