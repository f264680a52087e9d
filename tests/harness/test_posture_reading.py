"""Reading a pool's configuration: in pages, once, without secrets, and with the missing permission named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from harness.findings import Inconclusive, NotApplicable
from harness.posture import PoolPosture
from harness.posture_reading import PostureReader
from harness.transcript import Transcript
from harness.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.wire import Wire
    from tests.harness.conftest import Finished

POOL = "eu-west-1_AbCdEfGhI"
SECRET = "1bcd2secret3of4the5client6that7nobody8should9see0"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:define"


class Scripted:
    """A wire with an answer for each operation, which keeps what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.transcript = Transcript()
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = answers

    def call(self, operation: str, request: Mapping[str, Any]) -> Answer:
        self.asked.append((operation, dict(request)))
        given = self._answers.get(operation, "AccessDeniedException")
        if callable(given):
            given = given(request)
        if isinstance(given, str):
            given, status = {"__type": given, "message": "no"}, 400
        else:
            status = 200
        return Answer(operation, status, {}, json.dumps(given).encode(), 0.01)


class Functions:
    """Lambda, as boto3 shows it."""

    def __init__(self, told: Mapping[str, Any] | None = None, error: str = "") -> None:
        self._told, self._error = told, error

    def get_function_configuration(self, *, FunctionName: str) -> dict[str, Any]:  # noqa: N803 - boto3's own name
        if self._error:
            raise ClientError({"Error": {"Code": self._error, "Message": FunctionName}}, "GetFunctionConfiguration")
        return dict(self._told or {})


def reader_of(wire: Scripted, functions: Functions | None = None) -> PostureReader:
    return PostureReader(cast("Wire", wire), POOL, lambda: functions or Functions(error="AccessDeniedException"))


def pages_of(count: int) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def page(request: Mapping[str, Any]) -> dict[str, Any]:
        start = int(request.get("NextToken", 0))
        end = min(start + request["MaxResults"], count)
        listed = {"UserPoolClients": [{"ClientId": f"c{number}"} for number in range(start, end)]}
        return listed | ({"NextToken": str(end)} if end < count else {})

    return page


def described(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"UserPoolClient": {"ClientId": request["ClientId"], "ClientSecret": SECRET}}


def test_the_clients_of_every_page_are_read_and_each_once() -> None:
    wire = Scripted(ListUserPoolClients=pages_of(130), DescribeUserPoolClient=described)
    posture = PoolPosture(reader_of(wire))
    assert [client.client_id for client in posture.clients] == [f"c{number}" for number in range(130)]
    assert len(posture.clients) == 130
    assert [operation for operation, _ in wire.asked].count("ListUserPoolClients") == 3
    assert len(wire.asked) == 133


def test_more_clients_than_are_reviewed_leave_the_question_open() -> None:
    wire = Scripted(ListUserPoolClients=pages_of(100_000), DescribeUserPoolClient=described)
    with pytest.raises(Inconclusive, match="more than 1000 app clients"):
        reader_of(wire).clients()
    assert len(wire.asked) < 20


def test_pages_that_never_end_do() -> None:
    wire = Scripted(ListUserPoolClients={"UserPoolClients": [], "NextToken": "again"})
    with pytest.raises(Inconclusive, match="no end"):
        reader_of(wire).clients()


def test_a_clients_secret_is_forgotten_at_once() -> None:
    wire = Scripted(DescribeUserPoolClient=described)
    client = reader_of(wire).client("c1")
    assert client == {"ClientId": "c1", "HasSecret": True}
    assert SECRET not in wire.transcript.redactor.text(f"the secret is {SECRET}")


@pytest.mark.parametrize("refusal", ["AccessDeniedException", "NotAuthorizedException"])
def test_a_missing_permission_is_named_and_asked_for_once(refusal: str) -> None:
    wire = Scripted(DescribeUserPool={"UserPool": {"Id": POOL}}, GetUserPoolMfaConfig=refusal)
    reader = reader_of(wire)
    for _ in range(2):
        with pytest.raises(NotApplicable) as missing:
            reader.mfa()
        assert (missing.value.need, "cognito-idp:GetUserPoolMfaConfig" in missing.value.why) == ("permissions", True)
    assert reader.user_pool() == {"Id": POOL}
    assert [operation for operation, _ in wire.asked] == ["GetUserPoolMfaConfig", "DescribeUserPool"]


def test_only_what_needs_a_refused_document_is_left_out() -> None:
    posture = PoolPosture(reader_of(Scripted(DescribeUserPool={"UserPool": {"LambdaConfig": {"PreSignUp": ARN}}})))
    assert posture.triggers == {"PreSignUp": ARN}
    with pytest.raises(NotApplicable, match="cognito-idp:ListUserPoolClients"):
        _ = posture.clients
    with pytest.raises(NotApplicable, match=f"lambda:GetFunctionConfiguration on {ARN}"):
        _ = posture.functions


def test_a_pool_that_is_not_there_leaves_the_question_open() -> None:
    with pytest.raises(Inconclusive, match=r"live\.user_pool_id"):
        reader_of(Scripted(DescribeUserPool="ResourceNotFoundException")).user_pool()


def test_no_risk_configuration_is_none() -> None:
    assert reader_of(Scripted(DescribeRiskConfiguration="UserPoolAddOnNotEnabledException")).risk() == {}
    assert reader_of(Scripted(DescribeRiskConfiguration="ResourceNotFoundException")).risk("c1") == {}


def test_of_a_functions_environment_only_the_names_are_kept() -> None:
    told = {"Timeout": 3, "Environment": {"Variables": {"SIGNING_SECRET": SECRET, "A": "b"}}}
    function = reader_of(Scripted(), Functions(told)).function(ARN)
    assert function == {"Timeout": 3, "VariableNames": ["A", "SIGNING_SECRET"]}


def test_a_function_that_is_gone_is_empty() -> None:
    assert reader_of(Scripted(), Functions(error="ResourceNotFoundException")).function(ARN) == {}


def test_what_cannot_be_reviewed_says_which_setting_would_let_it(
    command: Callable[..., Finished], moto_endpoint: str, tmp_path: Path
) -> None:
    (tmp_path / "conformance.toml").write_text(
        f'[target]\nkind = "endpoint"\nendpoint = "{moto_endpoint}"\ncapabilities = ["posture"]\n'
    )
    done = command("run", "--only", "POS-38", "--out", str(tmp_path / "out"))
    record = json.loads((tmp_path / "out" / "results.json").read_text())["records"][0]
    assert record["verdict"] == "not applicable", done.output
    assert "live.user_pool_id" in record["message"]


def test_the_embedded_pool_is_reviewed_without_a_word_of_its_secrets(
    command: Callable[..., Finished], tmp_path: Path
) -> None:
    done = command("run", "--only", "POS", "--out", str(tmp_path / "out"))
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert done.exit_code == 0, done.output
    assert {record["verdict"] for record in results["records"]} == {"pass", "info"}
    assert not [record["id"] for record in results["records"] if record["model_violations"]]
