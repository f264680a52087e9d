"""Credentials of a live run, through boto3's own chain: signed requests, and clients of the services beside Cognito."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.findings import TargetUnreachable
from harness.live.description import without_request
from harness.service_model import service_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    import boto3

    from harness.live.settings import LiveSettings
    from harness.settings import TargetSettings

SERVICE = "cognito-idp"


class Access:
    """What the configured credentials open. Nothing is asked of AWS before the first use.

    Args:
        target: region, and an endpoint where the run is a rehearsal against something else than AWS.
        live: profile and role.
    """

    def __init__(self, target: TargetSettings, live: LiveSettings) -> None:
        self.region = target.region
        self.endpoint = target.endpoint or f"https://{SERVICE}.{target.region}.{_domain(target.region)}"
        """Where Cognito answers."""
        self._rehearsal = target.endpoint
        self._profile, self._role_arn = live.profile, live.role_arn

    @cached_property
    def session(self) -> boto3.Session:
        """The boto3 session, of the profile and in the role. Raises TargetUnreachable when there is none."""
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            own = boto3.Session(profile_name=self._profile, region_name=self.region)
            return own if self._role_arn is None else self._in_role(own, self._role_arn)
        except (BotoCoreError, ClientError) as problem:
            raise TargetUnreachable(f"no access to AWS: {problem}; look at live.profile and live.role_arn") from problem

    def client(self, service: str) -> Any:
        """A boto3 client of a service, pointed at the rehearsal's endpoint where there is one."""
        return self._client(self.session, service)

    def caller(self) -> str:
        """The ARN that the credentials belong to. Raises TargetUnreachable."""
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            arn: str = self.client("sts").get_caller_identity()["Arn"]
        except (BotoCoreError, ClientError, ResponseParserError) as problem:
            raise TargetUnreachable(f"AWS does not know these credentials: {without_request(str(problem))}") from None
        return arn

    def sign(self, operation: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """The headers, with a SigV4 signature where the service model wants one.

        What a user's own client calls (InitiateAuth, SignUp, …) goes out unsigned, as such a client sends it.

        Raises TargetUnreachable when there are no credentials.
        """
        if not wants_signature(operation):
            return dict(headers)
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest("POST", url, headers=dict(headers), data=body)
        SigV4Auth(self._credentials(), SERVICE, self.region).add_auth(request)
        return dict(request.headers.items())

    def _credentials(self) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            credentials = self.session.get_credentials()
            frozen = credentials.get_frozen_credentials() if credentials is not None else None
        except (BotoCoreError, ClientError) as problem:
            raise TargetUnreachable(f"the AWS credentials cannot be used: {problem}") from problem
        if frozen is None:
            raise TargetUnreachable(
                "there are no AWS credentials; log in, name a profile (live.profile), or set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY"
            )
        return frozen

    def _client(self, session: boto3.Session, service: str) -> Any:
        from botocore.config import Config

        make: Any = session.client  # its stubs know a service by its literal name only
        config = Config(retries={"mode": "standard"}, connect_timeout=10, read_timeout=30)
        return make(service, endpoint_url=self._rehearsal, config=config)

    def _in_role(self, own: boto3.Session, role_arn: str) -> boto3.Session:
        """A session in the role, whose credentials are fetched anew before they run out."""
        import boto3
        import botocore.session
        from botocore.credentials import RefreshableCredentials

        def assume() -> dict[str, str]:
            given = self._client(own, "sts").assume_role(RoleArn=role_arn, RoleSessionName="cognito-conformance")
            found = given["Credentials"]
            return {
                "access_key": found["AccessKeyId"],
                "secret_key": found["SecretAccessKey"],
                "token": found["SessionToken"],
                "expiry_time": found["Expiration"].isoformat(),
            }

        inner: Any = botocore.session.Session()
        inner._credentials = RefreshableCredentials.create_from_metadata(assume(), assume, "sts-assume-role")
        return boto3.Session(botocore_session=inner, region_name=self.region)


def wants_signature(operation: str) -> bool:
    """Whether the service model wants an operation signed (`authtype` is not `none`); an unknown one is signed."""
    model = service_model()
    if operation not in model.operation_names:
        return True
    return bool(model.operation_model(operation).auth_type != "none")


def _domain(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
