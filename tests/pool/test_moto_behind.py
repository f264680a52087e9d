"""What moto serves behind the pool, through boto3, and that two pools of one process do not meet."""

from __future__ import annotations

import threading
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes.pool import EmbeddedPool, PoolDidNotStart, PoolOptions
from tests.pool.caller import PASSWORD, Client, SrpSignIn, UserPool, Wire, claims_of

REGION = "us-east-1"


def boto(service: EmbeddedPool, name: str, region: str = REGION) -> Any:
    """A boto3 client of a service behind the pool."""
    make: Any = boto3.client
    return make(
        name,
        endpoint_url=service.endpoint,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}),
    )


def test_boto3_manages_pools_groups_and_users(service: EmbeddedPool) -> None:
    cognito = boto(service, "cognito-idp")
    pool_id = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="web")["UserPoolClient"]["ClientId"]
    cognito.create_group(UserPoolId=pool_id, GroupName="staff")
    cognito.admin_create_user(UserPoolId=pool_id, Username="ann", UserAttributes=[{"Name": "name", "Value": "Ann"}])
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ann", Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool_id, Username="ann", GroupName="staff")
    groups = cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username="ann")["Groups"]
    assert [group["GroupName"] for group in groups] == ["staff"]
    assert [user["Username"] for user in cognito.list_users(UserPoolId=pool_id)["Users"]] == ["ann"]
    described = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"]
    assert described["ClientName"] == "web"
    with pytest.raises(ClientError) as unknown:
        cognito.admin_get_user(UserPoolId=pool_id, Username="bob")
    assert unknown.value.response["Error"] == {"Code": "UserNotFoundException", "Message": "User does not exist."}


def test_boto3_reads_our_errors(service: EmbeddedPool) -> None:
    cognito = boto(service, "cognito-idp")
    with pytest.raises(cognito.exceptions.ResourceNotFoundException, match="does not exist"):
        cognito.initiate_auth(AuthFlow="USER_SRP_AUTH", ClientId="nobody", AuthParameters={})


def test_the_other_services_answer(service: EmbeddedPool) -> None:
    dynamodb = boto(service, "dynamodb")
    dynamodb.create_table(
        TableName="secrets",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="secrets", Item={"pk": {"S": "a"}, "n": {"N": "1"}})
    assert dynamodb.get_item(TableName="secrets", Key={"pk": {"S": "a"}})["Item"]["n"] == {"N": "1"}
    kms = boto(service, "kms")
    key = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
    assert kms.sign(KeyId=key, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    ses = boto(service, "ses")
    ses.verify_email_identity(EmailAddress="a@example.org")
    assert ses.send_email(
        Source="a@example.org",
        Destination={"ToAddresses": ["b@example.org"]},
        Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}},
    )["MessageId"]
    assert boto(service, "sns").publish(PhoneNumber="+15555550100", Message="code")["MessageId"]
    with pytest.raises(ClientError) as missing:
        dynamodb.get_item(TableName="none", Key={"pk": {"S": "a"}})
    assert missing.value.response["Error"]["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "authorization",
    [
        "nonsense",
        "AWS4-HMAC-SHA256 Credential=a/b/c/nowhere/aws4_request",
        "AWS4-HMAC-SHA256 Credential=a/2/r/dynamodb/x",
    ],
)
def test_other_signed_requests_are_never_5xx(wire: Wire, authorization: str) -> None:
    for target in ({}, {"X-Amz-Target": "DynamoDB_20120810.GetItem"}, {"X-Amz-Target": "DynamoDB"}):
        answer = wire.send("POST", "/", b"{", {"Authorization": authorization} | target)
        assert 400 <= answer.status < 500


def test_motos_own_reset_cannot_be_reached(wire: Wire) -> None:
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/cognito-idp/aws4_request"}
    for headers in ({}, signed):
        assert wire.send("POST", "/moto-api/reset", b"", headers).error[0] == "UnknownOperationException"


def test_a_pool_in_another_region_keeps_that_region(service: EmbeddedPool, wire: Wire) -> None:
    pool_id = boto(service, "cognito-idp", "eu-west-1").create_user_pool(PoolName="p")["UserPool"]["Id"]
    assert pool_id.startswith("eu-west-1_")
    cognito = boto(service, "cognito-idp", "eu-west-1")
    client_id = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="web")["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="ann", TemporaryPassword="Temporary-1")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ann", Password=PASSWORD, Permanent=True)
    pool = UserPool(service, wire, pool_id)
    tokens = SrpSignIn(pool, Client(client_id, None), "ann").finish().tokens
    assert claims_of(tokens["IdToken"])["iss"] == f"https://cognito-idp.eu-west-1.amazonaws.com/{pool_id}"


def test_an_unsigned_request_is_served_in_the_pools_region() -> None:
    with EmbeddedPool.start(PoolOptions(region="ap-south-1")) as service:
        wire = Wire(service.endpoint)
        pool = UserPool.make(service, wire)
        assert pool.id.startswith("ap-south-1_")
        assert SrpSignIn(pool, pool.client(), pool.user()).finish().has_tokens
        wire.close()


def test_a_client_secret_has_the_form_of_the_service_model(pool: UserPool) -> None:
    client = pool.client(secret=True)
    assert client.secret is not None
    assert client.secret.isalnum()
    described = pool.wire.did("DescribeUserPoolClient", UserPoolId=pool.id, ClientId=client.id)["UserPoolClient"]
    assert described["ClientSecret"] == client.secret


def test_a_password_that_the_policy_refuses_is_refused_however_it_is_set(pool: UserPool) -> None:
    client, user = pool.client(), pool.user()
    for weak, complaint in {
        "Short-1": "not long enough",
        "no-upper-1": "uppercase",
        "NO-LOWER-1": "lowercase",
        "No-Number": "numeric",
        "NoSymbol1": "symbol",
        "Aa1!" + "x" * 253: "",
    }.items():
        for operation, members in {
            "AdminSetUserPassword": {"UserPoolId": pool.id, "Username": user, "Password": weak},
            "SignUp": {"ClientId": client.id, "Username": "new", "Password": weak},
            "AdminCreateUser": {"UserPoolId": pool.id, "Username": "new", "TemporaryPassword": weak},
        }.items():
            code, message = pool.wire.call(operation, **members).error
            assert code in {"InvalidPasswordException", "InvalidParameterException"}
            assert complaint in message


def test_sign_up_takes_a_password_of_256_characters(pool: UserPool) -> None:
    client, password = pool.client(), "Aa1!" + "x" * 252
    pool.wire.did("SignUp", ClientId=client.id, Username="long", Password=password)
    pool.wire.did("AdminConfirmSignUp", UserPoolId=pool.id, Username="long")
    assert SrpSignIn(pool, client, "long", password).finish().has_tokens


# Two pools


def test_two_pools_of_one_process_do_not_meet(service: EmbeddedPool, wire: Wire, pool: UserPool) -> None:
    user, client = pool.user(), pool.client()
    with EmbeddedPool.start(PoolOptions(seed=service.entropy.seed)) as other:
        elsewhere = Wire(other.endpoint)
        assert elsewhere.did("ListUserPools", MaxResults=60)["UserPools"] == []
        refused = SrpSignIn(UserPool(other, elsewhere, pool.id), client, user).initiate()
        assert refused.error[0] == "ResourceNotFoundException"
        made = UserPool.make(other, elsewhere)
        assert made.id not in {one["Id"] for one in wire.did("ListUserPools", MaxResults=60)["UserPools"]}
        other.faults.switch_on("pool.srp.accepts-any-signature")
        assert SrpSignIn(made, made.client(), made.user(), "Wrong-Word-1").finish().has_tokens
        assert not SrpSignIn(pool, client, user, "Wrong-Word-1").finish().has_tokens
        elsewhere.close()
    assert SrpSignIn(pool, client, user).finish().has_tokens


def test_two_pools_can_be_used_at_the_same_time(service: EmbeddedPool) -> None:
    failures: list[BaseException] = []

    def use(one: EmbeddedPool) -> None:
        try:
            wire = Wire(one.endpoint)
            pool = UserPool.make(one, wire)
            client = pool.client()
            for _ in range(8):
                assert SrpSignIn(pool, client, pool.user()).finish().has_tokens
            wire.close()
        except BaseException as failure:
            failures.append(failure)

    with EmbeddedPool.start() as other:
        threads = [threading.Thread(target=use, args=(one,)) for one in (service, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert other.crashes == ()
    assert failures == []


def test_a_seed_repeats_every_value_and_another_does_not() -> None:
    def seen(seed: int) -> dict[str, str]:
        with EmbeddedPool.start(PoolOptions(seed=seed)) as service:
            wire = Wire(service.endpoint)
            pool = UserPool.make(service, wire, PoolName="p")
            client = pool.client(secret=True)
            challenge = SrpSignIn(pool, client, pool.user(username="ann"), a=12345).start().challenge
            wire.close()
            timeless = {name: value for name, value in challenge.items() if name != "SECRET_BLOCK"}
            return timeless | {"pool": pool.id, "client": client.id, "secret": client.secret or ""}

    first, second, other = seen(7), seen(7), seen(8)
    assert first == second
    assert not {first[name] for name in ("SALT", "SRP_B", "pool", "client", "secret")} & set(other.values())


def test_a_stopped_pool_answers_no_more_and_can_be_stopped_again() -> None:
    service = EmbeddedPool.start()
    service.stop()
    service.stop()
    with pytest.raises(ConnectionRefusedError):
        Wire(service.endpoint).call("ListUserPools", MaxResults=1)


def test_a_port_that_is_taken_is_a_clear_error(service: EmbeddedPool) -> None:
    port = int(service.endpoint.rsplit(":", 1)[1])
    with pytest.raises(PoolDidNotStart, match="choose another"):
        EmbeddedPool.start(PoolOptions(port=port))


def test_many_requests_at_once_are_all_answered(pool: UserPool) -> None:
    client, user = pool.client(), pool.user()
    outcomes: list[bool] = []

    def sign_in() -> None:
        wire = Wire(pool.service.endpoint)
        outcomes.append(SrpSignIn(UserPool(pool.service, wire, pool.id), client, user).finish().has_tokens)
        wire.close()

    threads = [threading.Thread(target=sign_in) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 20
