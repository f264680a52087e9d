"""Whole sequences through the pool, spoken in the dialect: links asked for, read in a mail, redeemed; codes likewise.

Each flow makes its own users, so that no check meets another's throttle. A step that a check builds upon and that
fails raises Inconclusive; what a check judges comes back as an Outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from harness.custom_auth import HONEST, CustomAuthSignIn, CustomChange, must_be_challenged
from harness.findings import Finding, Inconclusive
from harness.flows import initiate
from harness.post import Awaited
from harness.sent_mail import SentMail, read_mail
from harness.triggers import CREATE

if TYPE_CHECKING:
    from harness.arrangement import AppClient, TestUser, UserPool
    from harness.dialects import Codes, Links, Say
    from harness.mailboxes.message import Message
    from harness.post import Post
    from harness.sign_in import Outcome
    from harness.targets import Target
    from harness.triggers import TriggersUnderTest

LATER = timedelta(minutes=20)
"""Beyond every throttle and every link's and code's life that a check would let pass."""

WRONG_ANSWER = "not-the-answer"


@dataclass
class Pending:
    """A sign-in that waits at the challenge whose answer decides, and what is right there."""

    user: TestUser
    sign_in: CustomAuthSignIn
    right: Say
    secret: str = field(repr=False)

    def answer(self, change: CustomChange = HONEST) -> Outcome:
        """The right answer, with one thing changed. A new Session in the answer is used by the next."""
        return self._with(change, lambda: self.sign_in.respond(self.right))

    def request(self, change: CustomChange = HONEST) -> dict[str, Any]:
        """The right answer's request, not sent (see CustomAuthSignIn.send_at_once)."""
        before, self.sign_in.change = self.sign_in.change, change
        try:
            return self.sign_in.prepare(self.right)
        finally:
            self.sign_in.change = before

    def answer_wrongly(self) -> Outcome:
        """An answer that is none."""
        return self.answer(CustomChange(answer=WRONG_ANSWER))

    def _with(self, change: CustomChange, act: Callable[[], Outcome]) -> Outcome:
        before, self.sign_in.change = self.sign_in.change, change
        try:
            return act()
        finally:
            self.sign_in.change = before


class _Spoken:
    """What both flows have in common."""

    def __init__(
        self,
        triggers: TriggersUnderTest,
        target: Target,
        *,
        pool: UserPool | None = None,
        client: AppClient | None = None,
    ) -> None:
        self.triggers, self.target = triggers, target
        self.pool = pool or triggers.pool()
        self.client = client or triggers.client_of_case(self.pool)

    def new_user(self, **members: Any) -> TestUser:
        """A fresh confirmed user with a password, a verified address and a verified number."""
        return self.triggers.new_user(self.pool, **members)

    def nobody(self, like: TestUser) -> TestUser:
        """A name that nobody has, in the form of somebody's, with that one's password and number."""
        name = self.pool.names.username()
        address = self.triggers.address_of(name)
        return replace(like, username=address if like.username == like.email else name, email=address)

    def begin(
        self, user: TestUser, *, client: AppClient | None = None, change: CustomChange = HONEST
    ) -> CustomAuthSignIn:
        """A sign-in of which nothing is sent yet."""
        return CustomAuthSignIn(self.pool, client or self.client, user, change=change)

    def later(self, by: timedelta = LATER) -> None:
        """Move the target's clock, and the triggers' with it. Only for checks that need `clock` and `trigger-clock`."""
        self.target.clock.advance(by)

    def _learn(self, *secrets: str | None) -> None:
        self.pool.wire.transcript.redactor.learn(*secrets)


@dataclass
class LinkRequest:
    """What came of asking for a link: the sign-in that asked, its last answer, and the mails that it sent.

    Where a mailbox shows all that goes out, every mail that went out meanwhile is there, once an addressee; else those
    to the user, waited for when they are first asked for, and a quiet period at most. Reading a mail has the run's
    redactor learn the links in it.
    """

    user: TestUser
    sign_in: CustomAuthSignIn
    outcome: Outcome
    redirect_uri: str
    _awaited: Awaited = field(repr=False)
    _read: Callable[[Message], SentMail] = field(repr=False)

    @property
    def mails(self) -> tuple[SentMail, ...]:
        """The mails, read."""
        return tuple(map(self._read, self.messages))

    @property
    def messages(self) -> tuple[Message, ...]:
        """The mails as they came."""
        return self._awaited.messages

    @property
    def was_sent(self) -> bool:
        """Whether any mail went out."""
        return bool(self.messages)

    def expect(self) -> None:
        """Wait for a mail that has to come. Raises Inconclusive where a mailbox that waits has none in its time."""
        self._awaited.expect()


@dataclass
class Link:
    """A link that was sent: its address, the secret in it, its mail, and the sign-in that asked for it."""

    user: TestUser
    url: str = field(repr=False)
    secret: str = field(repr=False)
    mail: SentMail
    sign_in: CustomAuthSignIn
    redirect_uri: str


class LinkFlow(_Spoken):
    """Signing in by link."""

    def __init__(self, triggers: TriggersUnderTest, target: Target, **where: Any) -> None:
        super().__init__(triggers, target, **where)
        if triggers.dialect.links is None:
            raise Inconclusive("the dialect has no links; a check that asks for them must need `magic-links`")
        self.spoken: Links = triggers.dialect.links
        self.method = self.spoken.method

    @property
    def post(self) -> Post:
        """Where links go out."""
        return self.triggers.mails

    def address_of(self, user: TestUser) -> str:
        """Where a link to the user goes."""
        return user.email or ""

    def request(
        self,
        user: TestUser,
        *,
        redirect_uri: str | None = None,
        change: CustomChange = HONEST,
        client: AppClient | None = None,
    ) -> LinkRequest:
        """Ask for a link, whatever comes of it. Mails of requests that run at the same time may be among the mails."""
        uri = redirect_uri if redirect_uri is not None else self.triggers.redirect_uri
        self.triggers.wait_to_send()
        before = self.post.moment()
        sign_in = self.begin(user, client=client, change=change)
        outcome = sign_in.say(*self.spoken.ask(uri))
        sign_in.change = HONEST
        awaited = Awaited(self.post, before, self.address_of(user))
        asked = LinkRequest(user, sign_in, outcome, uri, awaited, self.read)
        if self.post.is_instant:
            asked.mails  # noqa: B018 - whose links the redactor learns before anything is written
        return asked

    def read(self, message: Message) -> SentMail:
        """A mail, read; the redactor learns its links."""
        mail = read_mail(message)
        self._learn(*(self.spoken.secret_in(link.url) for link in mail.links))
        return mail

    def ask(self, user: TestUser | None = None, *, redirect_uri: str | None = None, **how: Any) -> Link:
        """Ask for a link and read it. Raises Inconclusive when none came."""
        asked = self.request(user or self.new_user(), redirect_uri=redirect_uri, **how)
        must_be_challenged(asked.outcome, "asking for a link")
        return self.link_of(asked)

    def link_of(self, asked: LinkRequest) -> Link:
        """The link that a request brought. Raises Inconclusive when it brought none."""
        asked.expect()
        for mail in asked.mails:
            for found in mail.links:
                secret = self.spoken.secret_in(found.url) if found.by_click else None
                if secret:
                    return Link(asked.user, found.url, secret, mail, asked.sign_in, asked.redirect_uri)
        what = "a mail without a link that the dialect knows" if asked.mails else "no mail"
        raise Inconclusive(f"asking for a link brought {what}: the target answered {asked.outcome.answer.described()}")

    def come_back(
        self,
        user: TestUser,
        *,
        redirect_uri: str | None = None,
        client: AppClient | None = None,
        change: CustomChange = HONEST,
    ) -> CustomAuthSignIn:
        """A fresh sign-in, as of a browser that has just been opened, at the challenge that a link answers.

        Raises Inconclusive when the dialect knows no way there.
        """
        said = self.spoken.come_back(redirect_uri or self.triggers.redirect_uri)
        if said is None:
            raise Inconclusive("the dialect redeems a link only in the session that asked for it")
        sign_in = self.begin(user, client=client, change=change)
        sign_in.say(*said)
        return sign_in

    def redeem(
        self,
        link: Link,
        *,
        user: TestUser | None = None,
        client: AppClient | None = None,
        secret: str | None = None,
        redirect_uri: str | None = None,
        change: CustomChange = HONEST,
        same_session: bool = False,
        confirmed: bool = True,
    ) -> Outcome:
        """Redeem a link, honestly or with one thing changed: in a fresh sign-in, or in the one that asked for it.

        Where a dialect knows no way to redeem in a fresh sign-in, one at another client or of another user asks for a
        link of its own first.

        Args:
            link: the link.
            user: who redeems it; the one who asked when absent.
            client: at which app client.
            secret: what is sent in place of the link's secret.
            redirect_uri: what the metadata says in place of the one that was asked with.
            change: any other change, to every request of the sign-in.
            same_session: in the sign-in that asked; always so in a dialect that knows no other way.
            confirmed: whether the user has confirmed to sign in elsewhere, where it is elsewhere and the flow asks.

        Where no challenge comes that a link could answer, that is the outcome.
        """
        uri = redirect_uri if redirect_uri is not None else link.redirect_uri
        self._learn(secret)
        here = (same_session or self.spoken.come_back(uri) is None) and user is None and client is None
        presented = secret if secret is not None else link.secret
        said = self.spoken.redeem(presented, uri, elsewhere=confirmed and not here)
        if here:
            sign_in = link.sign_in
        else:
            whose = user or link.user
            if self.spoken.come_back(uri) is None:
                sign_in = self.request(whose, redirect_uri=uri, client=client, change=change).sign_in
            else:
                sign_in = self.come_back(whose, redirect_uri=uri, client=client, change=change)
            if sign_in.session is None or sign_in.outcome is None or sign_in.outcome.challenge_name is None:
                assert sign_in.outcome is not None
                return sign_in.outcome
        before, sign_in.change = sign_in.change, change
        try:
            return sign_in.respond(said)
        finally:
            sign_in.change = before

    def sign_in(self, user: TestUser | None = None) -> Outcome:
        """Ask and redeem."""
        return self.redeem(self.ask(user))

    @contextmanager
    def genuine(self, user: TestUser | None = None, **how: Any) -> Iterator[Link]:
        """A link that nothing in the block may have used up: after it, it signs its user in.

        The right-reason twin of a negative on that very link. Raises Inconclusive when it does not sign in.
        """
        link = self.ask(user, **how)
        yield link
        must_sign_in(self.redeem(link), "the honest link after the change")

    def pending(self, user: TestUser | None = None) -> Pending:
        """Asked for, read, and about to be redeemed in the same sign-in."""
        link = self.ask(user)
        said = self.spoken.redeem(link.secret, link.redirect_uri, elsewhere=False)
        return Pending(link.user, link.sign_in, said, link.secret)

    def starts(self, user: TestUser) -> list[Say]:
        """What asks for a link."""
        del user
        self.triggers.wait_to_send()
        return list(self.spoken.ask(self.triggers.redirect_uri))

    def sent_to(self, user: TestUser) -> tuple[Message, ...]:
        """The mails to the user that are there by now."""
        return self.post.mailbox.to(self.address_of(user))


@dataclass
class CodeRequest:
    """What came of asking for a code: the sign-in, its last answer, and what was sent (see LinkRequest)."""

    user: TestUser
    sign_in: CustomAuthSignIn
    outcome: Outcome
    access_token: str = field(repr=False)
    _awaited: Awaited = field(repr=False)
    _learn_from: Callable[[Message], None] = field(repr=False)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What was sent."""
        for message in self._awaited.messages:
            self._learn_from(message)
        return self._awaited.messages

    @property
    def was_sent(self) -> bool:
        """Whether anything went out."""
        return bool(self.messages)

    def expect(self) -> None:
        """As LinkRequest has it."""
        self._awaited.expect()


@dataclass
class Code:
    """A code that was sent, and the sign-in that waits for it."""

    user: TestUser
    value: str = field(repr=False)
    message: Message
    sign_in: CustomAuthSignIn
    access_token: str = field(repr=False)


class CodeFlow(_Spoken):
    """Signing in, or stepping up, by code."""

    def __init__(self, triggers: TriggersUnderTest, target: Target, **where: Any) -> None:
        super().__init__(triggers, target, **where)
        if triggers.dialect.codes is None:
            raise Inconclusive("the dialect has no codes; a check that asks for them must need `codes`")
        self.spoken: Codes = triggers.dialect.codes
        self.method = self.spoken.method

    @property
    def post(self) -> Post:
        """Where codes go out."""
        return self.triggers.mails if self.spoken.by_mail else self.triggers.texts

    def address_of(self, user: TestUser) -> str:
        """Where a code to the user goes: an address, or a number."""
        return (user.email if self.spoken.by_mail else user.phone_number) or ""

    def access_token(self, user: TestUser, client: AppClient | None = None) -> str:
        """A token of an earlier sign-in, by password, where the flow wants one; else an empty text."""
        if not self.spoken.step_up:
            return ""
        parameters = {"USERNAME": user.username, "PASSWORD": user.password}
        signed_in = initiate(self.pool, client or self.client, "USER_PASSWORD_AUTH", parameters)
        must_sign_in(signed_in, "the password")
        return signed_in.tokens.access

    def request(
        self,
        user: TestUser,
        *,
        access_token: str | None = None,
        change: CustomChange = HONEST,
        client: AppClient | None = None,
    ) -> CodeRequest:
        """Ask for a code, whatever comes of it; with a token of the user's own unless one is given."""
        token = self.access_token(user, client) if access_token is None else access_token
        self.triggers.wait_to_send()
        before = self.post.moment()
        sign_in = self.begin(user, client=client, change=change)
        outcome = sign_in.say(*self.spoken.ask(token))
        sign_in.change = HONEST
        awaited = Awaited(self.post, before, self.address_of(user))
        asked = CodeRequest(user, sign_in, outcome, token, awaited, self._learn_from)
        if self.post.is_instant:
            asked.messages  # noqa: B018 - whose codes the redactor learns before anything is written
        return asked

    def _learn_from(self, message: Message) -> None:
        self._learn(self.spoken.code_in(message.text))

    def ask(self, user: TestUser | None = None, **how: Any) -> Code:
        """Ask for a code and read it. Raises Inconclusive when none came."""
        asked = self.request(user or self.new_user(), **how)
        must_be_challenged(asked.outcome, "asking for a code")
        asked.expect()
        for message in asked.messages:
            if value := self.spoken.code_in(message.text):
                return Code(asked.user, value, message, asked.sign_in, asked.access_token)
        raise Inconclusive(f"asking for a code sent none: {len(asked.messages)} messages without one")

    def answer(
        self,
        code: Code,
        *,
        value: object = None,
        access_token: str | None = None,
        sign_in: CustomAuthSignIn | None = None,
        change: CustomChange = HONEST,
    ) -> Outcome:
        """Answer with a code, honestly or with one thing changed.

        Args:
            code: the code.
            value: what is sent in its place; need not be a text.
            access_token: what is shown in place of the user's own.
            sign_in: the sign-in that is answered, when it is another than the one that asked.
            change: any other change to the answer.
        """
        session = sign_in or code.sign_in
        token = code.access_token if access_token is None else access_token
        self._learn(access_token)
        said = self.spoken.answer(code.value if value is None else value, token)
        before, session.change = session.change, change
        try:
            return session.respond(said)
        finally:
            session.change = before

    def sign_in(self, user: TestUser | None = None) -> Outcome:
        """Ask and answer."""
        return self.answer(self.ask(user))

    def pending(self, user: TestUser | None = None) -> Pending:
        """Asked for, read, and about to be answered."""
        code = self.ask(user)
        return Pending(code.user, code.sign_in, self.spoken.answer(code.value, code.access_token), code.value)

    def starts(self, user: TestUser) -> list[Say]:
        """What asks for a code."""
        self.triggers.wait_to_send()
        return list(self.spoken.ask(self.access_token(user)))

    def sent_to(self, user: TestUser) -> tuple[Message, ...]:
        """The messages to the user that are there by now."""
        return self.post.mailbox.to(self.address_of(user))


Flow = LinkFlow | CodeFlow
"""One way to sign in, whichever the dialect speaks. What both have: `method`, `post`, `address_of`, `new_user`,
`begin`, `starts`, `pending`, `sign_in`, `sent_to`, `later`."""


def must_sign_in(outcome: Outcome, what: str) -> None:
    """Raise Inconclusive when an honest twin did not sign in: then the negative proves nothing."""
    try:
        outcome.must_yield_tokens(what)
    except Finding as finding:
        raise Inconclusive(f"the honest twin failed: {finding}") from finding


def verify_event(pending: Pending, triggers: TriggersUnderTest, answer: str | None = None) -> dict[str, Any]:
    """The event that VerifyAuthChallengeResponse will be given for an answer, the right one unless another is given."""
    for call in reversed(triggers.calls_of(CREATE)):
        if call.event.get("userName") == pending.sign_in.username:
            break
    else:
        raise Inconclusive("CreateAuthChallenge was not called for this sign-in")
    about = {name: call.request[name] for name in ("userAttributes", "userNotFound") if name in call.request}
    return {
        **call.event,
        "triggerSource": "VerifyAuthChallengeResponse_Authentication",
        "request": {
            **about,
            "privateChallengeParameters": call.response.get("privateChallengeParameters") or {},
            "challengeAnswer": pending.right.answer if answer is None else answer,
            "clientMetadata": dict(pending.right.metadata),
        },
        "response": {"answerCorrect": None},
    }
