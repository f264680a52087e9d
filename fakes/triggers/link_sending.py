"""Sending a link: who gets one, when, and what it leads to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers import link_mail
from fakes.triggers.addresses import mail_addresses
from fakes.triggers.configuration import Configuration
from fakes.triggers.events import SignInEvent
from fakes.triggers.link_message import (
    NAMES_THE_USER,
    PURPOSE,
    LinkMessage,
    fresh_nonce,
    to_fragment,
    unsigned_secret,
)
from fakes.triggers.link_signature import LinkSignatures
from fakes.triggers.link_store import LinkStore, StoredLink, hash_of
from fakes.triggers.pacing import Pace
from fakes.triggers.passkeys import PasskeyPolicy
from fakes.triggers.pseudonyms import Pseudonyms
from fakes.triggers.redirects import HOST_FROM_METADATA, Redirects
from fakes.triggers.refusals import SignInRefused
from fakes.triggers.services import Mails
from fakes.triggers.throttle import Throttle

LIVES_A_DAY = declare_fault("triggers.links.lives-a-day", "a link is good for 24 hours")
MILLISECONDS = declare_fault(
    "triggers.links.milliseconds-for-seconds", "the life of a link is added in milliseconds to a time in seconds"
)
SUPERSEDED_BY_REFUSED = declare_fault(
    "triggers.links.refused-requests-supersede",
    "a request that is refused for having come too soon ends the user's link, though it sends none",
)
LOGS_LINK = declare_fault("triggers.links.logs-the-link", "the link is logged as it is sent")
LOGS_ADDRESS = declare_fault("triggers.links.logs-the-address", "the address that a link goes to is logged")
TELLS_THROTTLED = declare_fault(
    "triggers.create.tells-throttled-users",
    "a request that comes too soon is refused in words, which an unknown user never sees",
)
TELLS_WITHOUT_ADDRESS = declare_fault(
    "triggers.create.tells-users-without-an-address",
    "for a known user without a verified address or in another state the request is refused in words",
)
QUICKER = declare_fault(
    "triggers.create.unknown-users-answered-quicker",
    "for an unknown user (userNotFound) a link or code is answered at once, without waiting as long as sending takes",
)
ROWS_FOR_UNKNOWN = declare_fault(
    "triggers.create.rows-for-unknown-users", "each unknown name that asks for a link leaves a row in the table"
)
SIGNS_FOR_UNKNOWN = declare_fault(
    "triggers.create.signs-for-unknown-users", "each request of an unknown name for a link costs a call of kms:Sign"
)
SENDS_AGAIN = declare_fault(
    "triggers.create.mails-on-every-try",
    "the same event again, as Cognito sends it when an answer is late, sends a second mail: the throttle is passed "
    "over when the session asked before",
)

_DAY = 86_400


class LinkSender:
    """Sends links."""

    def __init__(
        self,
        mails: Mails,
        configuration: Configuration,
        pseudonyms: Pseudonyms,
        throttle: Throttle,
        passkeys: PasskeyPolicy,
        signatures: LinkSignatures,
        store: LinkStore,
        now: Callable[[], datetime],
        faults: FaultSwitches,
        log: Callable[[str], None],
    ) -> None:
        self._mails = mails
        self._configuration = configuration
        self._pseudonyms = pseudonyms
        self._throttle = throttle
        self._passkeys = passkeys
        self._signatures = signatures
        self._store = store
        self._now = now
        self._faults = faults
        self._log = log
        self._redirects = Redirects(configuration, faults)
        self._pace = Pace()
        self._sent_in: set[str] = set()

    def ask(self, event: SignInEvent, session_id: str) -> str:
        """Send a link, unless there is nobody to send it to or it is too soon; nothing tells which.

        Gives back what was sent, for faults only. Raises SignInRefused for a page that is not allowed, whoever asks.
        """
        page = self._redirects.page(event.metadata.get("redirectUri"))
        if page is None:
            raise SignInRefused("redirectUri is not one that links may lead to.")
        began = self._pace.start()
        addresses = mail_addresses(event, self._faults)
        if addresses and self._passkeys.forbids_links(event, redeeming=False):
            addresses = []
        account = self._pseudonyms.account(event)
        session = self._pseudonyms.of("session", session_id)
        if addresses and self._may_send(event, account, session):
            fragment = self._send(event, account, session, addresses, self._page(page, event))
            self._pace.delivered(began)
            return fragment
        self._refuse_badly(event, account, bool(addresses))
        if not (event.user_not_found and self._faults.on(QUICKER)):
            self._pace.wait(began)
        return ""

    def _may_send(self, event: SignInEvent, account: str, session: str) -> bool:
        configuration = self._configuration
        if self._faults.on(SENDS_AGAIN) and session in self._sent_in:
            return True
        return self._throttle.claim_link(account, configuration.seconds_between_links) and self._throttle.may_mail(
            event.client_id, configuration.mails_per_client_and_minute, configuration.mails_per_minute
        )

    def _send(self, event: SignInEvent, account: str, session: str, addresses: list[str], page: str) -> str:
        try:
            fragment = self._made(event, account, session)
            mail = link_mail.compose(page, fragment, self._configuration.link_seconds, self._faults)
            self._mails.send(
                self._configuration.sender, addresses, subject=link_mail.SUBJECT, text=mail.text, html=mail.html
            )
        except Exception:
            self._throttle.release_link(account)  # Cognito tries again, and that try shall send
            raise
        if self._faults.on(SENDS_AGAIN):
            self._sent_in.add(session)
        told = f": {page}#{fragment}" if self._faults.on(LOGS_LINK) else ""
        self._log(f"a link was sent{told}{f' to {addresses}' if self._faults.on(LOGS_ADDRESS) else ''}")
        return fragment

    def _made(self, event: SignInEvent, account: str, session: str) -> str:
        """A new link, signed and kept."""
        second = int(self._now().timestamp())
        message = LinkMessage(
            purpose=PURPOSE,
            pool=event.user_pool_id,
            client=event.client_id,
            account=account,
            iat=second,
            exp=second + self._life(),
            nonce=fresh_nonce(self._faults),
        )
        named = {"userName": event.user_name, "email": event.attributes.get("email", "")}
        written = message.written(**named) if self._faults.on(NAMES_THE_USER) else message.written()
        unsigned = unsigned_secret(second, self._faults)
        signature, key_id = (unsigned, "") if unsigned is not None else self._signatures.sign(written)
        link = StoredLink(
            message_hash=hash_of(written + (signature if unsigned is not None else b"")),
            key_id=key_id,
            client_id=event.client_id,
            asked_in=session,
            address=self._pseudonyms.address(event),
            issued_at=second,
            expires_at=message.exp,
        )
        fragment = to_fragment(written, signature)
        self._store.keep(account, link, fragment)
        return fragment

    def _life(self) -> int:
        seconds = _DAY if self._faults.on(LIVES_A_DAY) else self._configuration.link_seconds
        return seconds * 1000 if self._faults.on(MILLISECONDS) else seconds

    def _page(self, page: str, event: SignInEvent) -> str:
        host = event.metadata.get("host") or event.metadata.get("x-forwarded-host")
        return f"https://{host}/sign-in" if host and self._faults.on(HOST_FROM_METADATA) else page

    def _refuse_badly(self, event: SignInEvent, account: str, has_address: bool) -> None:
        """What faults do where nothing is sent."""
        faults = self._faults
        if has_address and faults.on(SUPERSEDED_BY_REFUSED):
            self._store.forget(account)
        if has_address and faults.on(TELLS_THROTTLED):
            raise SignInRefused("A link was sent a moment ago. Please wait a minute.")
        if not event.user_not_found and not has_address and faults.on(TELLS_WITHOUT_ADDRESS):
            raise SignInRefused("This user has no verified e-mail address.")
        if event.user_not_found and faults.on(ROWS_FOR_UNKNOWN):
            self._throttle.claim_link(account, self._configuration.seconds_between_links)
        if event.user_not_found and faults.on(SIGNS_FOR_UNKNOWN):
            self._signatures.sign(b"nobody")
