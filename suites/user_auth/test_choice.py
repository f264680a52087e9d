"""The choice of a first factor: STA-11."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, MUST, POOL, cases, check
from harness.findings import Finding
from harness.flows import initiate, respond
from harness.mail import newest_code, wrong_code
from harness.sign_in import Change, Outcome, PasswordVerifier, between_honest
from protocol.numbers import hex_of

if TYPE_CHECKING:
    from harness.arrangement import Arrangements, TestUser, UserPool
    from harness.fixtures import HonestOf
    from harness.sign_in import HonestTwin
    from harness.targets import Target

WRONG = "Xy9#not-the-password"
BY_PASSWORD = frozenset({"PASSWORD", "PASSWORD_SRP"})
EVERYTHING = BY_PASSWORD | {"EMAIL_OTP", "SMS_OTP"}


@dataclass(frozen=True)
class Choice:
    """USER_AUTH of users of one pool that allows passwords and codes by mail and text."""

    arrangements: Arrangements
    target: Target
    honest_of: HonestOf
    require: Callable[[str | None], None]

    def pool(self, *factors: str) -> UserPool:
        """A pool that allows these first factors."""
        return self.arrangements.pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": list(factors)}})

    def twin(self, pool: UserPool | None = None) -> HonestTwin:
        """Sign-ins of a fresh user with a verified address and number, at a client with ALLOW_USER_AUTH alone."""
        pool = pool or self.pool("PASSWORD", "EMAIL_OTP", "SMS_OTP")
        username = pool.names.username()
        number = f"+1555{int.from_bytes(username.encode()[-6:], 'big') % 10**7:07}"
        user = pool.new_user(username=username, email=pool.address_of(username), phone_number=number)
        return self.of(pool, user)

    def of(self, pool: UserPool, user: TestUser) -> HonestTwin:
        """Sign-ins of a user at that client."""
        return self.honest_of(pool, pool.client(flows=("ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")), user)


def begin(twin: HonestTwin, **parameters: str) -> Outcome:
    """InitiateAuth with USER_AUTH."""
    return initiate(twin.pool, twin.client, "USER_AUTH", {"USERNAME": twin.user.username, **parameters})


def answer(twin: HonestTwin, asked: Outcome, **responses: str) -> Outcome:
    """The answer to whatever challenge there is."""
    return send(twin, asked.challenge_name or "", asked.session, **responses)


def send(twin: HonestTwin, name: str, session: str | None, **responses: str) -> Outcome:
    """The answer to a challenge under a Session, or under none."""
    return respond(twin.pool, twin.client, name, session, {"USERNAME": twin.user.username, **responses})


def offered(outcome: Outcome) -> frozenset[str]:
    """AvailableChallenges, passkeys left out."""
    available = (outcome.answer.json or {}).get("AvailableChallenges")
    return frozenset(map(str, available if isinstance(available, list) else ())) - {"WEB_AUTHN"}


def must_be(outcome: Outcome, name: str) -> Outcome:
    """The challenge has to be this one, with a Session."""
    if outcome.challenge_name != name:
        raise Finding(f"{name} was chosen, and this came: {outcome.challenge_name or outcome.answer.described()}")
    if not outcome.session:
        raise Finding(f"{name} came without a Session")
    return outcome


def by_password(twin: HonestTwin, password: str) -> Outcome:
    """The choice offered, and PASSWORD taken."""
    return answer(twin, must_be(begin(twin), "SELECT_CHALLENGE"), ANSWER="PASSWORD", PASSWORD=password)


def by_srp(twin: HonestTwin, password: str) -> Outcome:
    """The choice offered, and PASSWORD_SRP taken."""
    attempt = twin.sign_in(Change(password=password))
    select = must_be(begin(twin), "SELECT_CHALLENGE")
    challenge = answer(twin, select, ANSWER="PASSWORD_SRP", SRP_A=hex_of(attempt.client_public))
    if challenge.challenge_name is None:
        return challenge
    request = attempt.prepare_answer(PasswordVerifier.read(must_be(challenge, "PASSWORD_VERIFIER")))
    return send(twin, "PASSWORD_VERIFIER", challenge.session, **request["ChallengeResponses"])


def what_is_offered(choice: Choice) -> None:
    """AvailableChallenges are what the pool allows and the user has."""
    pool = choice.pool("PASSWORD", "EMAIL_OTP", "SMS_OTP")
    _must_offer(choice.twin(pool), EVERYTHING, "a user who has everything")
    _must_offer(choice.of(pool, pool.new_user()), BY_PASSWORD, "a user without addresses")
    _must_offer(choice.twin(choice.pool("PASSWORD")), BY_PASSWORD, "a pool that allows passwords only")
    _must_offer(choice.twin(choice.pool("PASSWORD", "SMS_OTP")), BY_PASSWORD | {"SMS_OTP"}, "a pool without mail")
    unverified = pool.new_user()
    attributes = [{"Name": "email", "Value": "somebody@example.com"}, {"Name": "email_verified", "Value": "false"}]
    pool.administer("AdminUpdateUserAttributes", unverified.username, UserAttributes=attributes)
    _must_offer(choice.of(pool, unverified), BY_PASSWORD, "a user whose address is not verified")
    temporary = choice.twin(pool)
    pool.set_temporary_password(temporary.user.username, temporary.user.password)
    _must_offer(temporary, BY_PASSWORD, "a user with a temporary password")


def _must_offer(twin: HonestTwin, expected: frozenset[str], whom: str) -> None:
    found = offered(must_be(begin(twin), "SELECT_CHALLENGE"))
    assert found == expected, f"{whom} was offered {_listed(found)}, not {_listed(expected)}"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def the_preference(choice: Choice) -> None:
    """PREFERRED_CHALLENGE is begun at once where it is available, else the choice is offered."""
    twin = choice.twin()
    for preferred in ("EMAIL_OTP", "SMS_OTP"):
        found = begin(twin, PREFERRED_CHALLENGE=preferred)
        assert found.challenge_name == preferred, f"the preference {preferred} was not honoured: {found.challenge_name}"
    begin(twin, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=twin.user.password).must_yield_tokens("PASSWORD preferred")
    without = choice.twin(choice.pool("PASSWORD"))
    must_be(begin(without, PREFERRED_CHALLENGE="EMAIL_OTP"), "SELECT_CHALLENGE")


def passwords(choice: Choice) -> None:
    """PASSWORD and PASSWORD_SRP, chosen, each right and wrong; SRP though ALLOW_USER_SRP_AUTH is off."""
    twin = choice.twin()
    for name, chosen in (("PASSWORD", by_password), ("PASSWORD_SRP", by_srp)):
        chosen(twin, WRONG).must_be_refused(f"a wrong password, {name} chosen")
        chosen(twin, twin.user.password).must_yield_tokens(f"the right password, {name} chosen,")


def by_code(name: str, need: str) -> Callable[[Choice], None]:
    """A one-time password, right and wrong."""

    def case(choice: Choice) -> None:
        choice.require(need)
        outbox = choice.target.mailbox if name == "EMAIL_OTP" else choice.target.phone
        twin = choice.twin()
        address = (twin.user.email if name == "EMAIL_OTP" else twin.user.phone_number) or ""
        asked = must_be(answer(twin, must_be(begin(twin), "SELECT_CHALLENGE"), ANSWER=name), name)
        code, member = newest_code(outbox, address), f"{name}_CODE"
        for wrong in (wrong_code(code), code[:-1], ""):
            answer(twin, asked, **{member: wrong}).must_be_refused(f"a wrong one-time password ({name})")
        answer(twin, asked, **{member: code}).must_yield_tokens(f"the one-time password that was sent ({name})")
        answer(twin, asked, **{member: code}).must_be_refused(f"a one-time password that has been used ({name})")

    return case


def without_a_session(choice: Choice) -> None:
    """Every answer needs the Session of its challenge."""
    twin = choice.twin()
    begin(twin)
    password: dict[str, Any] = {"PASSWORD": twin.user.password}
    for session in (None, "A" * 40):
        what = "an answer without its Session"
        send(twin, "SELECT_CHALLENGE", session, ANSWER="PASSWORD", **password).must_be_refused(what)
        send(twin, "PASSWORD", session, **password).must_be_refused(what)
        attempt = twin.sign_in()
        parameters = {"PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": hex_of(attempt.client_public)}
        challenge = must_be(begin(twin, **parameters), "PASSWORD_VERIFIER")
        proof = attempt.prepare_answer(PasswordVerifier.read(challenge))["ChallengeResponses"]
        send(twin, "PASSWORD_VERIFIER", session, **proof).must_be_refused(what)
        send(twin, "PASSWORD_VERIFIER", challenge.session, **proof).must_yield_tokens("the same with its Session")


def what_was_not_offered(choice: Choice) -> None:
    """Only what was offered can be chosen."""
    twin = choice.twin(choice.pool("PASSWORD"))
    for name in ("EMAIL_OTP", "SMS_OTP", "SELECT_CHALLENGE", "CUSTOM_CHALLENGE", ""):
        outcome = answer(twin, must_be(begin(twin), "SELECT_CHALLENGE"), ANSWER=name)
        assert outcome.challenge_name is None, f"{name}, which was not offered, was begun"
        outcome.must_be_refused(f"the choice of {name or 'nothing'}, which was not offered")


@check(
    "STA-11",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, choice-based authentication; InitiateAuth USER_AUTH",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "user-auth"},
    killed_by={
        "pool.user-auth.offers-what-is-not-configured": "a pool that allows passwords only was offered",
        "pool.user-auth.offers-unverified-addresses": "a user whose address is not verified was offered",
        "pool.user-auth.ignores-the-preference": "was not honoured",
        "pool.user-auth.wants-allow-user-srp-auth": "the right password, PASSWORD_SRP chosen, did not sign in",
        "pool.user-auth.any-one-time-code": "tokens were issued for a wrong one-time password",
        "pool.user-auth.answers-without-session": "tokens were issued for an answer without its Session",
        "pool.user-auth.selects-what-was-not-offered": "which was not offered, was begun",
    },
)
@cases(
    "rule",
    {
        "what is offered": what_is_offered,
        "preference": the_preference,
        "passwords": passwords,
        "EMAIL_OTP": by_code("EMAIL_OTP", "mailbox"),
        "SMS_OTP": by_code("SMS_OTP", "sms"),
        "without a Session": without_a_session,
        "not offered": what_was_not_offered,
    },
)
def test_the_first_factor_is_chosen_among_those_configured(
    arrangements: Arrangements,
    target: Target,
    honest_of: HonestOf,
    require: Callable[[str | None], None],
    rule: Callable[[Choice], None],
) -> None:
    """USER_AUTH offers what the pool allows and the user has, honours the preference, and wants the Session each time.

    Whatever it offers is a way in: a code to an address that nobody verified, or a factor that was never
    switched on, lets in whoever holds it. An answer that needs no Session skips the choice altogether.
    """
    choice = Choice(arrangements, target, honest_of, require)
    honest = choice.twin()
    with between_honest(lambda: by_password(honest, honest.user.password)):
        rule(choice)
