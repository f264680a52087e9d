"""No request, in any state, yields tokens that the state forbids: random walks beside a small model.

The model knows of each user what decides (password, status, software token, lock), of each Session
what it is bound to, and nothing of how the pool does it. It predicts every answer of a sign-in
exactly, so that a pool which refused everybody would fail too.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from fakes.pool import EmbeddedPool
from protocol.totp import totp
from tests.pool.caller import Answer, Client, SrpSignIn, UserPool, Wire
from tests.pool.conftest import EVERY_FLOW

START = datetime(2026, 11, 5, 12, tzinfo=UTC)
VALIDITY = timedelta(minutes=3)
FLOWS = ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH")
PASSWORDS = ("First-Word-1", "Second-Word-2", "Third-Word-3")
NEW_PASSWORD, TOKEN = "NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"


@dataclass
class Person:
    """What the model knows of a user. `life` tells a user from one made anew under the same name."""

    name: str
    password: str
    status: str = "CONFIRMED"
    enabled: bool = True
    life: int = 0
    secret: bytes | None = None
    asks_for_token: bool = False
    used_steps: set[int] = field(default_factory=set)
    failures: int = 0
    last_failure: datetime = START
    locked_until: datetime = START

    def may_start(self) -> bool:
        return self.enabled and self.status != "UNCONFIRMED"

    def fail(self, now: datetime) -> None:
        quiet = now - max(self.last_failure, self.locked_until) >= timedelta(minutes=15)
        self.failures = 1 if quiet else self.failures + 1
        seconds = min(900, 2 ** (self.failures - 5)) if self.failures >= 5 else 0
        self.last_failure, self.locked_until = now, now + timedelta(seconds=seconds)


@dataclass
class Pending:
    """A Session that was given out."""

    text: str
    name: str
    life: int
    client: int
    challenge: str
    opened: datetime
    answered: bool = False


@dataclass(frozen=True)
class Renewal:
    """A refresh token that was given out."""

    text: str
    name: str
    life: int
    client: int


class Walk(RuleBasedStateMachine):
    """Users, clients, Sessions and the clock."""

    def __init__(self, service: EmbeddedPool, pool: UserPool, clients: list[Client]) -> None:
        super().__init__()
        self.service, self.pool, self.clients = service, pool, clients
        self.wire = pool.wire
        self.people: dict[str, Person] = {}
        self.pending: list[Pending] = []
        self.renewals: list[Renewal] = []
        self.now = START

    @initialize()
    def begin(self) -> None:
        self.service.clock.set(START)
        for _ in range(2):
            name = self.pool.user(PASSWORDS[0], email="somebody@example.com", email_verified="true")
            self.people[name] = Person(name, PASSWORDS[0])
            self.the_second_factor_is_turned_on_or_off(len(self.people) - 1, on=True)
        self.time_passes(30)

    people_drawn = st.integers(0, 1)
    clients_drawn = st.integers(0, 1)
    flows_drawn = st.sampled_from(FLOWS)
    wrong_drawn = st.sampled_from([*["nothing"] * 4, "user", "client", "challenge", "code", "000000", "weak"])
    steps_drawn = st.sampled_from([0, 0, 0, -1, 1, -2])
    later_drawn = st.sampled_from([0, 0, 0, 30, 190])

    def person(self, number: int) -> Person:
        return list(self.people.values())[number]

    def administer(self, operation: str, person: Person, **members: Any) -> None:
        self.wire.did(operation, UserPoolId=self.pool.id, Username=person.name, **members)

    # What administrators and time do

    @rule(who=people_drawn, action=st.sampled_from(["temporary"] * 4 + ["permanent", "disable", "reset", "anew"]))
    def administrators_act(self, who: int, action: str) -> None:
        person = self.person(who)
        if action == "disable":
            self.administer("AdminDisableUser", person)
            person.enabled = False
            self.renewals = [renewal for renewal in self.renewals if renewal.name != person.name]
        elif action == "reset" and person.status == "CONFIRMED" and person.enabled:
            self.administer("AdminResetUserPassword", person)
            person.status = "RESET_REQUIRED"
        elif action in {"temporary", "permanent"}:
            person.password = PASSWORDS[(PASSWORDS.index(person.password) + 1) % len(PASSWORDS)]
            self.pool.set_password(person.name, person.password, permanent=action == "permanent")
            person.status = "CONFIRMED" if action == "permanent" else "FORCE_CHANGE_PASSWORD"
        elif action == "anew":
            self.make_anew(person)

    def make_anew(self, person: Person) -> None:
        """Deleted, and signed up again under the same name."""
        self.administer("AdminDeleteUser", person)
        fresh = self.people[person.name] = Person(person.name, PASSWORDS[1], "UNCONFIRMED", life=person.life + 1)
        self.wire.did("SignUp", ClientId=self.clients[0].id, Username=person.name, Password=PASSWORDS[1])
        verified = [{"Name": "email", "Value": "x@example.com"}, {"Name": "email_verified", "Value": "true"}]
        self.administer("AdminUpdateUserAttributes", fresh, UserAttributes=verified)

    @rule(who=people_drawn)
    def administrators_mend(self, who: int) -> None:
        person = self.person(who)
        self.administer("AdminEnableUser", person)
        person.enabled = True
        if person.status in {"UNCONFIRMED", "RESET_REQUIRED"}:
            self.pool.set_password(person.name, person.password)
            person.status = "CONFIRMED"

    @rule(by=st.sampled_from([1, 4, 30, 30, 170, 1000]))
    def time_passes(self, by: int) -> None:
        self.service.clock.advance(timedelta(seconds=by))
        self.now += timedelta(seconds=by)

    @rule(who=people_drawn, on=st.sampled_from([True, True, True, False]))
    def the_second_factor_is_turned_on_or_off(self, who: int, on: bool) -> None:
        person = self.person(who)
        if person.secret is None and self.expects_tokens(person, person.password):
            self.set_up_a_software_token(person)
        if person.secret is not None:
            settings = {"Enabled": on, "PreferredMfa": on}
            self.administer("AdminSetUserMFAPreference", person, SoftwareTokenMfaSettings=settings)
            person.asks_for_token = on

    def set_up_a_software_token(self, person: Person) -> None:
        access = self.password_sign_in(person, self.clients[0], person.password).tokens["AccessToken"]
        person.failures = 0
        person.secret = base64.b32decode(self.wire.did("AssociateSoftwareToken", AccessToken=access)["SecretCode"])
        self.wire.did("VerifySoftwareToken", AccessToken=access, UserCode=totp(person.secret, self.now))
        person.used_steps = {self.step()}

    # What users and attackers do

    @rule(who=people_drawn, client=clients_drawn, flow=flows_drawn, right=st.sampled_from([True, True, True, False]))
    def sign_in(self, who: int, client: int, flow: str, right: bool) -> None:
        person = self.person(who)
        answer = self.started(flow, person, self.clients[client], person.password if right else "Wrong-Word-9")
        if not person.may_start() or self.now < person.locked_until:
            assert answer.error
        elif not right:
            assert answer.error
            person.fail(self.now)
        elif person.status == "RESET_REQUIRED":
            assert answer.error[0] == "PasswordResetRequiredException"
        else:
            self.goes_on(person, client, answer)

    @rule(who=people_drawn, flow=flows_drawn, times=st.integers(4, 7))
    def guess(self, who: int, flow: str, times: int) -> None:
        for _ in range(times):
            self.sign_in(who, 0, flow, right=False)
        self.sign_in(who, 0, flow, right=True)

    @rule(
        who=people_drawn,
        client=clients_drawn,
        flow=flows_drawn,
        wrong=wrong_drawn,
        steps=steps_drawn,
        later=later_drawn,
    )
    def sign_in_and_answer(self, who: int, client: int, flow: str, wrong: str, steps: int, later: int) -> None:
        known = len(self.pending)
        self.sign_in(who, client, flow, right=True)
        if len(self.pending) > known:
            self.time_passes(later)
            self.answer(0, wrong, steps, PASSWORDS[0])
            self.answer(0, "nothing", steps, PASSWORDS[0])

    @precondition(lambda self: self.pending)
    @rule(
        which=st.sampled_from([0, 0, 0, 1, 2, 7]),
        wrong=wrong_drawn,
        steps=steps_drawn,
        password=st.sampled_from(PASSWORDS),
    )
    def answer(self, which: int, wrong: str, steps: int, password: str) -> None:
        """The right answer to a recent Session, with at most one thing wrong about it."""
        pending = self.pending[-1 - which % len(self.pending)]
        person = self.people[pending.name]
        named = next(name for name in self.people if (name == person.name) != (wrong == "user"))
        client = 1 - pending.client if wrong == "client" else pending.client
        challenge = {NEW_PASSWORD: TOKEN, TOKEN: NEW_PASSWORD}[pending.challenge]
        challenge = challenge if wrong == "challenge" else pending.challenge
        code = "000000"
        if person.secret is not None and wrong != "000000":
            code = totp(person.secret, self.now + timedelta(seconds=30 * (steps + (9 if wrong == "code" else 0))))
        answer = self.wire.call(
            "RespondToAuthChallenge",
            ClientId=self.clients[client].id,
            ChallengeName=challenge,
            Session=pending.text,
            ChallengeResponses={
                "USERNAME": named,
                "NEW_PASSWORD": "weak" if wrong == "weak" else password,
                "SOFTWARE_TOKEN_MFA_CODE": code,
            },
        )
        bound = wrong not in {"user", "client", "challenge"} and pending.life == person.life
        in_time = self.now - pending.opened < VALIDITY and not pending.answered
        if not (bound and in_time and person.may_start()):
            assert answer.error
        elif challenge == NEW_PASSWORD:
            if person.status != "FORCE_CHANGE_PASSWORD" or wrong == "weak":
                assert answer.error
                return
            pending.answered = True
            person.password, person.status = password, "CONFIRMED"
            self.goes_on(person, client, answer)
        else:
            self.answer_with_code(person, pending, answer, steps, right=wrong not in {"code", "000000"})

    def answer_with_code(self, person: Person, pending: Pending, answer: Answer, steps: int, *, right: bool) -> None:
        step = self.step() + steps
        if not right or person.secret is None or abs(steps) > 1 or step in person.used_steps:
            assert answer.error
            return
        person.used_steps.add(step)
        pending.answered = True
        if person.status == "CONFIRMED":
            self.signed_in(person, pending.client, answer)
        else:
            assert answer.error

    @precondition(lambda self: self.renewals)
    @rule(which=st.sampled_from([0, 0, 1, 4]), with_client=clients_drawn)
    def refresh(self, which: int, with_client: int) -> None:
        renewal = self.renewals[-1 - which % len(self.renewals)]
        person = self.people[renewal.name]
        answer = self.wire.call(
            "InitiateAuth",
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=self.clients[with_client].id,
            AuthParameters={"REFRESH_TOKEN": renewal.text},
        )
        if renewal.life != person.life or renewal.client != with_client or not person.enabled:
            assert answer.error
        else:
            assert answer.has_tokens

    def teardown(self) -> None:
        assert self.service.crashes == ()
        self.service.clock.follow_real_time()

    # The model

    def step(self) -> int:
        return int(self.now.timestamp()) // 30

    def expects_tokens(self, person: Person, password: str) -> bool:
        open_to_all = person.may_start() and self.now >= person.locked_until and person.status == "CONFIRMED"
        return open_to_all and password == person.password and not person.asks_for_token

    def goes_on(self, person: Person, client: int, answer: Answer) -> None:
        """The first factor was proved, or a temporary password replaced."""
        if person.status == "FORCE_CHANGE_PASSWORD" or person.asks_for_token:
            owed = NEW_PASSWORD if person.status == "FORCE_CHANGE_PASSWORD" else TOKEN
            assert not answer.has_tokens
            assert answer.json["ChallengeName"] == owed
            self.pending.append(Pending(answer.json["Session"], person.name, person.life, client, owed, self.now))
        else:
            self.signed_in(person, client, answer)

    def signed_in(self, person: Person, client: int, answer: Answer) -> None:
        refresh = answer.tokens["RefreshToken"]
        person.failures = 0
        person.locked_until = min(person.locked_until, self.now)
        self.renewals.append(Renewal(refresh, person.name, person.life, client))

    # The wire

    def started(self, flow: str, person: Person, client: Client, password: str) -> Answer:
        if flow == "USER_SRP_AUTH":
            attempt = SrpSignIn(self.pool, client, person.name, password)
            begun = attempt.initiate()
            if begun.status != 200:
                return begun
            attempt.challenge = begun.json["ChallengeParameters"]
            return attempt.answer()
        if flow == "USER_PASSWORD_AUTH":
            return self.password_sign_in(person, client, password)
        parameters = {"USERNAME": person.name, "PASSWORD": password}
        if flow == "USER_AUTH":
            parameters["PREFERRED_CHALLENGE"] = "PASSWORD"
            return self.wire.call("InitiateAuth", AuthFlow=flow, ClientId=client.id, AuthParameters=parameters)
        return self.wire.call(
            "AdminInitiateAuth", UserPoolId=self.pool.id, AuthFlow=flow, ClientId=client.id, AuthParameters=parameters
        )

    def password_sign_in(self, person: Person, client: Client, password: str) -> Answer:
        return self.wire.call(
            "InitiateAuth",
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client.id,
            AuthParameters={"USERNAME": person.name, "PASSWORD": password},
        )


def test_no_walk_leads_to_tokens_that_the_state_forbids(service: EmbeddedPool, wire: Wire) -> None:
    pool = UserPool.make(service, wire)
    wire.did(
        "SetUserPoolMfaConfig",
        UserPoolId=pool.id,
        MfaConfiguration="OPTIONAL",
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )
    clients = [pool.client(*EVERY_FLOW, "ALLOW_USER_AUTH") for _ in range(2)]

    class WalkHere(Walk):
        def __init__(self) -> None:
            super().__init__(service, pool, clients)

    run_state_machine_as_test(
        WalkHere,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
