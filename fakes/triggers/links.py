"""Magic links: sent to the mailbox of an account, redeemed once, in the session that asked."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.addresses import UNVERIFIED_MAIL, is_confirmed
from fakes.triggers.configuration import Configuration
from fakes.triggers.events import SignInEvent
from fakes.triggers.link_message import PURPOSE, LinkMessage, from_fragment
from fakes.triggers.link_sending import LinkSender
from fakes.triggers.link_signature import LinkSignatures
from fakes.triggers.link_store import LinkStore, StoredLink, hash_of
from fakes.triggers.passkeys import PasskeyPolicy
from fakes.triggers.pseudonyms import WITHOUT_THE_POOL, Pseudonyms
from fakes.triggers.rounds import PROVIDE_AUTH_PARAMETERS
from fakes.triggers.services import Services
from fakes.triggers.throttle import Throttle

NO_EXPIRY = declare_fault(
    "triggers.links.expiry-left-to-the-table", "no code looks at the expiry: a link is good as long as its row is there"
)
LATE = declare_fault(
    "triggers.links.tolerates-late-links", "the allowance for wrong clocks is added to the life: 60 s more than said"
)
ANY_ISSUE_TIME = declare_fault(
    "triggers.links.any-issue-time", "a link made hours in the future, by this clock, is good until its expiry"
)
ONLY_THE_USER = declare_fault(
    "triggers.links.compares-only-the-user",
    "any fragment of the right form redeems as long as the user has a link that is unused and not expired",
)
ANY_USER = declare_fault(
    "triggers.links.any-user", "the link's own `account` finds the row: a link of one user signs another one in"
)
ANY_ADDRESS = declare_fault(
    "triggers.links.good-for-a-former-address",
    "where a link was sent is not compared: it is good though the user has another address since",
)
ANY_CLIENT = declare_fault("triggers.links.any-client", "a link is good at every app client of the pool")
ANY_SESSION = declare_fault(
    "triggers.links.good-in-any-session",
    "a link is good in every session of its user, without a word about the device (crossDevice)",
)
ANY_SIGNED = declare_fault(
    "triggers.links.any-signed-message",
    "whatever message the signing key has signed is taken, in anybody's session, whatever it is for: no row, and of "
    "the message only `exp` is looked at",
)
BELIEVES = declare_fault(
    "triggers.links.believes-the-message",
    "message and signature are neither compared with the row nor verified; expiry is read from the message",
)
BURNS = declare_fault(
    "triggers.links.failed-attempt-burns-the-link",
    "a refused answer (tampered, wrong client) uses the user's link up before it was looked at",
)
FORGETS_USED = declare_fault(
    "triggers.links.throttle-forgets-used-links", "once a link is used, the next may be asked for at once"
)
ANY_KEY = declare_fault(
    "triggers.links.kms-key-from-the-client",
    "the signature is verified with the KMS key that the client's metadata names as `kmsKeyId`, where it names one",
)
IGNORES_USER_NOT_FOUND = declare_fault(
    "triggers.verify.ignores-user-not-found",
    "userNotFound is not looked at: an event with it and the right link or code is answered true",
)

_NOTHING = LinkMessage("", "", "", "", 0, 0, "")


@dataclass(frozen=True)
class _Answer:
    """A redemption: the session it is in, and what was presented."""

    event: SignInEvent
    account: str
    session: str
    message: bytes
    signature: bytes
    began: float


class MagicLinks:
    """Sends and redeems links."""

    def __init__(
        self,
        services: Services,
        configuration: Configuration,
        pseudonyms: Pseudonyms,
        throttle: Throttle,
        passkeys: PasskeyPolicy,
        now: Callable[[], datetime],
        faults: FaultSwitches,
        log: Callable[[str], None],
    ) -> None:
        self._configuration = configuration
        self._pseudonyms = pseudonyms
        self._throttle = throttle
        self._passkeys = passkeys
        self._now = now
        self._faults = faults
        self._signatures = LinkSignatures(services.signing, configuration.signing_key, faults)
        self._store = LinkStore(services.table(configuration.table), faults)
        self._sender = LinkSender(
            services.mails,
            configuration,
            pseudonyms,
            throttle,
            passkeys,
            self._signatures,
            self._store,
            now,
            faults,
            log,
        )

    def ask(self, event: SignInEvent, session_id: str) -> str:
        """As LinkSender has it."""
        return self._sender.ask(event, session_id)

    def redeem(self, event: SignInEvent) -> bool:
        """Whether the answer is this user's unused link in time, and may be redeemed here; then it is used up."""
        parts = from_fragment(event.answer, self._faults)
        if parts is None:
            return False
        session = self._pseudonyms.of("session", event.session_id)
        account = self._pseudonyms.account(event)
        if self._faults.on(ANY_USER) and (said := LinkMessage.read(parts[0])):
            account = said.account
        answer = _Answer(event, account, session, *parts, self._now().timestamp())
        if self._faults.on(ANY_SIGNED):
            return self._any_signed(answer)
        link = self._store.read(account, hash_of(answer.message))
        if link is None:
            return False
        if not self._is_right(answer, link):
            if self._faults.on(BURNS):
                self._store.use(account, link, session, int(answer.began * 1000))
            return False
        redeemed = self._store.use(account, link, session, int(answer.began * 1000))
        if redeemed and self._faults.on(FORGETS_USED):
            self._throttle.release_link(account)
        return redeemed

    def _is_right(self, answer: _Answer, link: StoredLink) -> bool:
        """Everything but whether it is used: the secret, whose it is, when it is, where it is answered."""
        event, faults = answer.event, self._faults
        return (
            self._is_genuine(answer, link)
            and (link.client_id == event.client_id or faults.on(ANY_CLIENT))
            and self._is_in_time(link.issued_at, self._expiry(answer, link), answer.began)
            and self._may_be_redeemed_here(answer, link)
            and (link.address == self._pseudonyms.address(event) or faults.on(ANY_USER) or faults.on(ANY_ADDRESS))
            and (event.attributes.get("email_verified") == "true" or faults.on(UNVERIFIED_MAIL))
            and is_confirmed(event, faults)
            and (not event.user_not_found or faults.on(IGNORES_USER_NOT_FOUND))
            and not self._passkeys.forbids_links(event, redeeming=True)
        )

    def _is_genuine(self, answer: _Answer, link: StoredLink) -> bool:
        """Whether the answer is the link that was sent: by the table's hash, by the signature, by what it says."""
        faults = self._faults
        if faults.on(ONLY_THE_USER) or faults.on(BELIEVES):
            return True
        if not link.key_id:
            return hmac.compare_digest(hash_of(answer.message + answer.signature), link.message_hash)
        if not hmac.compare_digest(hash_of(answer.message), link.message_hash):
            return False
        key_id = answer.event.metadata.get("kmsKeyId", link.key_id) if faults.on(ANY_KEY) else link.key_id
        if not self._signatures.verify(answer.message, answer.signature, key_id):
            return False
        said = LinkMessage.read(answer.message) or _NOTHING
        return (
            said.purpose == PURPOSE
            and (said.pool == answer.event.user_pool_id or faults.on(WITHOUT_THE_POOL))
            and (said.client == answer.event.client_id or faults.on(ANY_CLIENT))
            and said.account == answer.account
        )

    def _is_in_time(self, issued_at: int, expires_at: int, now: float) -> bool:
        """Good from the second of issue, less the allowance for another function's clock, until before the expiry."""
        skew = self._configuration.clock_skew_seconds
        begun = issued_at <= now + skew or self._faults.on(ANY_ISSUE_TIME)
        over = now >= expires_at + (skew if self._faults.on(LATE) else 0)
        return begun and (not over or self._faults.on(NO_EXPIRY))

    def _may_be_redeemed_here(self, answer: _Answer, link: StoredLink) -> bool:
        """Whether this is the session that asked (ASVS 6.6.2), or one whose user has confirmed it.

        Another session must have asked for none itself, so be at its first challenge, and its front end say with the
        answer that the user has agreed, by a click, to sign in there.
        """
        if hmac.compare_digest(link.asked_in, answer.session) or self._faults.on(ANY_SESSION):
            return True
        has_asked_for_none = answer.event.challenge == PROVIDE_AUTH_PARAMETERS
        return has_asked_for_none and answer.event.metadata.get("crossDevice") == "confirmed"

    def _any_signed(self, answer: _Answer) -> bool:
        said = LinkMessage.read(answer.message)
        expires_at = said.exp if said is not None else int(answer.began) + 1
        key = self._configuration.signing_key
        return answer.began < expires_at and self._signatures.verify(answer.message, answer.signature, key)

    def _expiry(self, answer: _Answer, link: StoredLink) -> int:
        said = LinkMessage.read(answer.message) if self._faults.on(BELIEVES) else None
        return said.exp if said is not None and isinstance(said.exp, int) else link.expires_at
