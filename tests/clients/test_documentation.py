"""The drivers that docs/testing-clients.md shows work as they stand there."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from tests.clients.driver import ADAPTERS, Driver, driving
from tests.clients.served_pool import AppClient, ServedPool, User
from tests.clients.test_real_clients_sign_in import assert_refused, assert_signed_in

PAGE = (ADAPTERS.parents[1] / "docs" / "testing-clients.md").read_text(encoding="utf-8")

PYTHON_CLIENT = """
import boto3
from pycognito.aws_srp import AWSSRP

def sign_in(username, password, *, endpoint, region, user_pool_id, client_id):
    print("signing in")
    client = boto3.client("cognito-idp", endpoint_url=endpoint, region_name=region)
    user = AWSSRP(username=username, password=password, pool_id=user_pool_id, client_id=client_id, client=client)
    return user.authenticate_user()["AuthenticationResult"]
"""

JAVASCRIPT_CLIENT = """
import { CognitoIdentityProvider } from "@aws-sdk/client-cognito-identity-provider";
import { createSrpSession, signSrpSession, wrapAuthChallenge, wrapInitiateAuth } from "cognito-srp-helper";

export async function signIn({ endpoint, region, user_pool_id, client_id: ClientId }, USERNAME, password) {
  console.error("signing in");
  const cognito = new CognitoIdentityProvider({ endpoint, region });
  const session = createSrpSession(USERNAME, password, user_pool_id, false);
  const asked = { ClientId, AuthFlow: "USER_SRP_AUTH", AuthParameters: { USERNAME } };
  const challenge = await cognito.initiateAuth(wrapInitiateAuth(session, asked));
  const answer = { ClientId, ChallengeName: "PASSWORD_VERIFIER", ChallengeResponses: { USERNAME } };
  const signed = wrapAuthChallenge(signSrpSession(session, challenge), answer);
  return (await cognito.respondToAuthChallenge(signed)).AuthenticationResult;
}
"""


def shown(language: str) -> str:
    """The program in that language."""
    [program] = re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
    return str(program)


def drives_its_client(driver: Driver, pool: ServedPool, client: AppClient, user: User) -> None:
    assert driver.ask("hello")["capabilities"] == ["srp", "alias"]
    for password, username in ((user.password, user.name), (user.password, user.email)):
        assert_signed_in(driver.sign_in(pool, client, username=username, password=password), pool, user)
    assert_refused(driver.sign_in(pool, client, username=user.name, password="Wrong-Horse-7"))


def test_the_python_driver_drives_its_client(
    pool: ServedPool, public_client: AppClient, user: User, tmp_path: Path
) -> None:
    (tmp_path / "my_client.py").write_text(PYTHON_CLIENT)
    (tmp_path / "my_driver.py").write_text(shown("python"))
    with driving([sys.executable, "my_driver.py"], folder=tmp_path) as driver:
        drives_its_client(driver, pool, public_client, user)


def test_the_javascript_driver_drives_its_client(
    pool: ServedPool, public_client: AppClient, user: User, tmp_path: Path
) -> None:
    node = shutil.which("node")
    assert node is not None, "Node.js is needed for this test: install version 20 or newer"
    assert (ADAPTERS / "node_modules").is_dir(), f"run `python {ADAPTERS.parent / 'install_node_modules.py'}` first"
    (tmp_path / "node_modules").symlink_to(ADAPTERS / "node_modules")
    (tmp_path / "my_client.mjs").write_text(JAVASCRIPT_CLIENT)
    (tmp_path / "my_driver.mjs").write_text(shown("javascript"))
    with driving([node, "my_driver.mjs"], folder=tmp_path) as driver:
        drives_its_client(driver, pool, public_client, user)


def test_what_it_says_of_the_adapters_that_ship_is_so(drivers: dict[str, Driver]) -> None:
    told = set(re.findall(r"^\| `(\w+)` \| (?!\()", PAGE, flags=re.MULTILINE))
    for name, driver in drivers.items():
        assert set(driver.ask("hello")["capabilities"]) <= told, name
    for adapter in re.findall(r"adapters/clients/(\w+\.\w+)", PAGE):
        assert (ADAPTERS / adapter).is_file(), adapter
