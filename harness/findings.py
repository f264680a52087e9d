"""What a check raises when it cannot end in `pass`."""

from __future__ import annotations


class Finding(AssertionError):
    """The subject breaks the requirement. A plain `assert` in a check is judged the same way."""


class Inconclusive(Exception):
    """Nothing can be said: the set-up failed, or the honest twin of a negative did."""


class SetUpRefused(Inconclusive):
    """The target cleanly refused what a check is set up with: it lacks the ability, or did not give the right."""


class TargetUnreachable(Inconclusive):
    """The target did not answer, or what answered does not speak the protocol."""


class NotApplicable(Exception):
    """A need shows only on the way: the target, as it is configured or permits, cannot do what the case wants.

    `need` is one of harness.needs.NEEDS; `why` names the setting or the permission that would meet it.
    """

    def __init__(self, need: str, why: str) -> None:
        super().__init__(f"the target lacks {need}: {why}")
        self.need = need
        self.why = why
