"""Each profile under adapters/triggers/ runs somebody else's handlers, as released, through whole honest sign-ins."""

from __future__ import annotations

from tests.hosts.deployment import EMAIL, NUMBER, Deployment


def test_a_link_is_mailed_and_redeemed_for_tokens_that_verify(deployed: Deployment) -> None:
    tokens = deployed.sign_in_by_link()
    claims = deployed.verified(tokens["IdToken"])
    assert claims["email"] == EMAIL
    assert deployed.dialect.method_claim is None or claims[deployed.dialect.method_claim]
    assert deployed.verified(tokens["AccessToken"])["token_use"] == "access"


def test_a_link_is_redeemed_in_another_session(deployed: Deployment) -> None:
    links = deployed.dialect.links
    assert links is not None
    _, secret = deployed.ask_for_a_link()
    back = links.come_back(deployed.redirect_uri)
    assert back is not None
    answer = deployed.respond(deployed.begin(*back), links.redeem(secret, deployed.redirect_uri, elsewhere=True))
    assert deployed.verified(answer["AuthenticationResult"]["AccessToken"])["client_id"] == deployed.client_id


def test_a_code_steps_a_signed_in_user_up(deployed: Deployment) -> None:
    codes = deployed.dialect.codes
    assert codes is not None
    access_token = deployed.sign_in_by_link()["AccessToken"]
    challenge = deployed.begin(*codes.ask(access_token))
    code = codes.code_in(deployed.pool.phone.to(NUMBER)[-1].text)
    assert code is not None
    tokens = deployed.respond(challenge, codes.answer(code, access_token))["AuthenticationResult"]
    assert deployed.verified(tokens["IdToken"])["email"] == EMAIL
