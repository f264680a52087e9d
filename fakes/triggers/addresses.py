"""Where a message may go: to a verified address that is one plain address, to a verified number."""

from __future__ import annotations

import re
import unicodedata

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.events import PRETENDS_ALL_ARE_CONFIRMED, SignInEvent

UNVERIFIED_MAIL = declare_fault(
    "triggers.links.mails-unverified-addresses", "email_verified is not looked at, neither at sending nor at redeeming"
)
FIRST_FOUND = declare_fault(
    "triggers.links.mails-the-first-address-found",
    "the first thing in the attribute email that looks like an address is mailed: the first of a list, the inside of a "
    "quoted local part, what stands before a line break",
)
WHOLE_LIST = declare_fault(
    "triggers.links.mails-every-address-of-a-list", "the attribute email is split at commas, and every part is mailed"
)
FOLDS = declare_fault(
    "triggers.links.folds-full-width-addresses",
    "the attribute email is brought to NFKC before it is used: U+FF20 becomes @, and another mailbox gets the link",
)
TYPED_NAME = declare_fault(
    "triggers.links.mails-the-name-that-was-typed",
    "for an unknown user (userNotFound) userName is mailed a link when it looks like an address",
)
UNVERIFIED_NUMBER = declare_fault("triggers.codes.texts-unverified-numbers", "phone_number_verified is not looked at")

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@){_LOCAL}@(?:{_LABEL}\.)+{_LABEL}", re.ASCII)
"""RFC 5321 section 4.1.2 without quoted local parts and address literals."""

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
"""E.164."""

_LOOKS_LIKE_ONE = re.compile(r"[^\s@\"<>,;]+@[^\s@\"<>,;]+")


def mail_addresses(event: SignInEvent, faults: FaultSwitches) -> list[str]:
    """The one address that a link may be mailed to; nothing when there is none."""
    if event.user_not_found:
        typed = event.user_name
        return [typed] if faults.on(TYPED_NAME) and _ADDRESS.fullmatch(typed) else []
    verified = event.attributes.get("email_verified") == "true" or faults.on(UNVERIFIED_MAIL)
    if not verified or not is_confirmed(event, faults):
        return []
    written = event.attributes.get("email", "")
    if faults.on(FOLDS):
        written = unicodedata.normalize("NFKC", written)
    if faults.on(FIRST_FOUND) and (found := _LOOKS_LIKE_ONE.search(written)):
        return [found[0]]
    if faults.on(WHOLE_LIST):
        return [part.strip() for part in written.split(",") if _ADDRESS.fullmatch(part.strip())]
    return [written] if _ADDRESS.fullmatch(written) else []


def phone_number(event: SignInEvent, faults: FaultSwitches) -> str | None:
    """The number that a code may be sent to, or None."""
    verified = event.attributes.get("phone_number_verified") == "true" or faults.on(UNVERIFIED_NUMBER)
    number = event.attributes.get("phone_number", "")
    may_have_one = verified and is_confirmed(event, faults) and not event.user_not_found
    return number if may_have_one and _NUMBER.fullmatch(number) else None


def is_confirmed(event: SignInEvent, faults: FaultSwitches) -> bool:
    """Whether the user's state lets them sign in this way."""
    return event.attributes.get("cognito:user_status") == "CONFIRMED" or faults.on(PRETENDS_ALL_ARE_CONFIRMED)
