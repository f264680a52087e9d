"""Magic links: the honest way, what comes twice, and what comes at once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from fakes.triggers.link_message import from_fragment
from fakes.triggers.refusals import SignInRefused
from fakes.triggers.throttle import Throttle
from tests.triggers.cognito import (
    ASKS_FOR_A_CODE,
    ASKS_FOR_A_LINK,
    CONFIRMED_ELSEWHERE,
    HAS_A_LINK,
    PASSKEYS,
    Deployment,
    SignIn,
    new_user,
)


def test_a_link_signs_in_once(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    assert sign_in.answer(link, HAS_A_LINK) == "tokens"
    assert not sign_in.verify(link, HAS_A_LINK)


def test_a_wrong_answer_leaves_the_link_good_in_the_same_session(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    assert sign_in.answer(link[:-1], HAS_A_LINK) == "challenged"
    assert sign_in.answer(link, HAS_A_LINK) == "tokens"
    assert len(at.mails_to(user)) == 1


def test_a_link_is_good_until_the_second_before_its_expiry(at: Deployment) -> None:
    for late, outcome in ((599, "tokens"), (600, "challenged")):
        user = new_user()
        sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
        at.clock.advance(late)
        assert sign_in.answer(at.mails_to(user)[0], HAS_A_LINK) == outcome


def test_another_session_redeems_only_what_its_user_has_confirmed(at: Deployment) -> None:
    user = new_user()
    SignIn(at, user).ask(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    assert SignIn(at, user).start().answer(link, HAS_A_LINK) == "failed"
    assert SignIn(at, user).start().answer(link, CONFIRMED_ELSEWHERE) == "tokens"


def test_the_first_challenge_takes_a_link_and_nothing_else(at: Deployment) -> None:
    user = new_user()
    SignIn(at, user).ask(ASKS_FOR_A_LINK)
    code = SignIn(at, user).ask(ASKS_FOR_A_CODE)
    (link,) = at.mails_to(user)
    (digits,) = at.codes_to(user)
    confirmed = {"crossDevice": "confirmed"}
    for answer in ("__dummy__", "", digits, json.dumps({"secretCode": digits, "jwt": "e30"})):
        assert SignIn(at, user).start().answer(answer, CONFIRMED_ELSEWHERE) == "failed"
        assert not SignIn(at, user).start().verify(answer, ASKS_FOR_A_CODE)
    for metadata in (ASKS_FOR_A_LINK, ASKS_FOR_A_CODE, ASKS_FOR_A_CODE | {"alreadyHaveMagicLink": "yes"}, {}):
        assert not SignIn(at, user).start().verify(link, metadata | confirmed)
    assert not code.verify(link, CONFIRMED_ELSEWHERE)
    assert SignIn(at, user).start().answer(link, CONFIRMED_ELSEWHERE) == "tokens"


def test_a_late_answer_to_the_first_challenge_does_not_cost_the_link(at: Deployment) -> None:
    user = new_user()
    SignIn(at, user).ask(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    elsewhere, another = SignIn(at, user).start(), SignIn(at, user).start()
    for _ in range(3):
        assert elsewhere.verify(link, CONFIRMED_ELSEWHERE)
        assert not another.verify(link, CONFIRMED_ELSEWHERE)
        at.clock.advance(5)


def test_a_session_that_asked_for_itself_takes_no_other_link(at: Deployment) -> None:
    user = new_user()
    SignIn(at, user).ask(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    other = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    assert other.answer(link, CONFIRMED_ELSEWHERE) == "challenged"


def test_a_new_link_ends_the_older_one(at: Deployment) -> None:
    user = new_user()
    first = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    at.clock.advance(60)
    second = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    older, newer = at.mails_to(user)
    assert first.answer(older, HAS_A_LINK) == "challenged"
    assert second.answer(newer, HAS_A_LINK) == "tokens"


def test_whoever_asks_for_anothers_links_does_not_lock_them_out(at: Deployment) -> None:
    user = new_user()
    for _ in range(5):
        SignIn(at, user).ask(ASKS_FOR_A_LINK)
        at.clock.advance(60)
    SignIn(at, user).ask(ASKS_FOR_A_LINK)
    owner = SignIn(at, user).start()
    assert owner.answer(at.mails_to(user)[-1], CONFIRMED_ELSEWHERE) == "tokens"


def test_the_same_event_three_times_sends_one_mail_whose_link_is_good(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    for _ in range(2):
        at.clock.advance(5)
        sign_in.create(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    assert sign_in.answer(link, HAS_A_LINK) == "tokens"


def test_a_late_answer_does_not_cost_the_link(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    for _ in range(3):
        assert sign_in.verify(link, HAS_A_LINK)
        at.clock.advance(5)
    at.clock.advance(6)
    assert not sign_in.verify(link, HAS_A_LINK)


def test_a_mail_that_could_not_be_sent_costs_no_wait(at: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    user = new_user()
    sign_in = SignIn(at, user).start()

    def fail(*_: object, **__: object) -> None:
        raise OSError("SES is away")

    with monkeypatch.context() as patched:
        patched.setattr(at.services.mails, "send", fail)
        with pytest.raises(Exception, match="could not be continued"):
            sign_in.answer("__dummy__", ASKS_FOR_A_LINK)
    sign_in.create(ASKS_FOR_A_LINK)
    assert sign_in.answer(at.mails_to(user)[0], HAS_A_LINK) == "tokens"


@pytest.mark.parametrize("at_once", [20, 50])
def test_of_parallel_redemptions_one_wins(at: Deployment, at_once: int) -> None:
    user = new_user()
    SignIn(at, user).ask(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    sessions = [SignIn(at, user).start() for _ in range(at_once)]
    barrier = threading.Barrier(at_once)

    def redeem(sign_in: SignIn) -> bool:
        barrier.wait()
        return sign_in.verify(link, CONFIRMED_ELSEWHERE)

    with ThreadPoolExecutor(at_once) as threads:
        assert sum(threads.map(redeem, sessions)) == 1


def test_of_parallel_redemptions_of_one_session_one_wins(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(lambda _: sign_in.verify(link, HAS_A_LINK), range(20))) == 1


def test_of_parallel_requests_one_sends(at: Deployment) -> None:
    user = new_user()
    sessions = [SignIn(at, user).start() for _ in range(20)]
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda sign_in: sign_in.answer("__dummy__", ASKS_FOR_A_LINK), sessions))
    assert len(at.mails_to(user)) == 1


def test_the_wait_for_the_next_link_outlives_the_use_of_the_last(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    assert sign_in.answer(at.mails_to(user)[0], HAS_A_LINK) == "tokens"
    SignIn(at, user).ask(ASKS_FOR_A_LINK)
    assert len(at.mails_to(user)) == 1
    at.clock.advance(60)
    SignIn(at, user).ask(ASKS_FOR_A_LINK)
    assert len(at.mails_to(user)) == 2


def test_a_minutes_mails_are_counted_an_app_client(at: Deployment) -> None:
    throttle = Throttle(at.services.table("sign-in"), at.clock, at.faults)
    assert [throttle.may_mail("a client", 5, 1000) for _ in range(7)].count(True) == 5
    assert throttle.may_mail("another client", 5, 1000)
    at.clock.advance(60)
    assert throttle.may_mail("a client", 5, 1000)


def test_an_unknown_user_looks_like_a_known_one_and_leaves_nothing(at: Deployment) -> None:
    known, rows = SignIn(at, new_user()).ask(ASKS_FOR_A_LINK), len(at.rows())
    mails = len(at.service.mailbox.messages)
    unknown = SignIn(at, None, name="nobody@users.example.com").ask(ASKS_FOR_A_LINK)
    assert unknown.challenge["publicChallengeParameters"] == known.challenge["publicChallengeParameters"]
    assert len(at.rows()) == rows
    assert len(at.service.mailbox.messages) == mails
    assert unknown.answer("AAAA.AAAA", HAS_A_LINK) == "challenged"


@pytest.mark.parametrize(
    "attributes",
    [
        {"email_verified": "false"},
        {"email": "a@users.example.com, b@users.example.com"},
        {"email": '"a@evil.example"@users.example.com'},
        {"email": "a\uff20evil.example@users.example.com"},
        {"email": "a@users.example.com\r\nBcc: b@evil.example"},
        {"email": "a@users.example.com\n"},
        {"cognito:user_status": "FORCE_CHANGE_PASSWORD"},
    ],
    ids=lambda attributes: next(iter(attributes)),
)
def test_nothing_is_mailed_but_to_one_verified_plain_address(at: Deployment, attributes: dict[str, str]) -> None:
    mails = len(at.service.mailbox.messages)
    SignIn(at, new_user(**attributes)).ask(ASKS_FOR_A_LINK)
    assert len(at.service.mailbox.messages) == mails


def test_a_link_to_a_former_address_is_not_good(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    sign_in.user = user | {"email": "other@users.example.com"}
    assert sign_in.answer(link, HAS_A_LINK) == "challenged"


def test_who_has_a_passkey_redeems_no_link(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    at.services.database.put_item(TableName=PASSKEYS, Item={"pk": {"S": f"USER#{user['sub']}"}})
    assert sign_in.answer(link, HAS_A_LINK) == "challenged"


@pytest.mark.parametrize(
    "redirect",
    [
        "https://app.example.com.evil.example/sign-in",
        "https://evilapp.example.com/sign-in",
        "https://app.example.com@evil.example/sign-in",
        "https://user@app.example.com/sign-in",
        "https://app.example.com:444/sign-in",
        "http://app.example.com/sign-in",
        "//app.example.com/sign-in",
        "https:\\\\app.example.com/sign-in",
        "https://app.example.com/redirect?to=https://evil.example",
        "https://app.example.com/sign-in/../redirect",
        "https://app.example.com/sign-in#mine",
        "https://app.example.com/sign-in\n",
        "https://app.example.com:port/sign-in",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_page_that_is_not_listed_is_refused(at: Deployment, redirect: str) -> None:
    with pytest.raises(SignInRefused, match="redirectUri"):
        SignIn(at, new_user()).ask(ASKS_FOR_A_LINK | {"redirectUri": redirect})


def test_markup_in_the_query_stays_text(at: Deployment) -> None:
    user = new_user()
    SignIn(at, user).ask(
        ASKS_FOR_A_LINK | {"redirectUri": 'https://APP.example.com:443/sign-in?a=b&c="><a/href=//e.x>'}
    )
    (mail,) = at.service.mailbox.to(user["email"])
    assert mail.html.count("<a ") == 1
    assert 'href="https://app.example.com/sign-in?a=b&amp;c=%22%3E%3Ca%2Fhref%3D%2F%2Fe.x%3E#' in mail.html


def test_the_key_may_change_behind_its_alias(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    kms = at.services.signing.client
    before = kms.describe_key(KeyId="alias/links")["KeyMetadata"]["KeyId"]
    made = kms.create_key(KeySpec="RSA_3072", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName="alias/links", TargetKeyId=made)
    try:
        at.cold_start()
        assert sign_in.answer(at.mails_to(user)[0], HAS_A_LINK) == "tokens"
    finally:
        kms.update_alias(AliasName="alias/links", TargetKeyId=before)


def test_neither_table_nor_logs_nor_link_tell_what_they_should_not(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    (link,) = at.mails_to(user)
    message, signature = from_fragment(link, at.faults) or (b"", b"")
    written = f"{at.rows()} {at.logged} {sign_in.challenge}"
    for secret in (link, link.split(".")[1], signature.hex(), json.loads(message)["nonce"], user["email"], user["sub"]):
        assert secret not in written
    for personal in (user["email"], user["sub"]):
        assert personal.encode() not in message
