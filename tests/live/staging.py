"""A staging pool to point live runs at: the embedded pool, over HTTP, with signatures demanded as AWS demands them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from fakes.pool import EmbeddedPool, PoolOptions
from harness.arrangement import Names, TestUser, UserPool
from harness.transcript import Transcript
from harness.wire import Wire
from tests.harness.conftest import ROOT, Finished, environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from reports.model import Record

ACCESS_KEY, SECRET_KEY = "AKIDSTAGINGCANARY", "canary-of-the-secret-access-key"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass
class Staging:
    """One pool, whose administrators also reach it by another door than the run does."""

    service: EmbeddedPool
    administrator: Wire
    user_pool_id: str
    folder: Path
    _names: Names = field(default_factory=lambda: Names(random.Random(7), canary="staging"))  # noqa: S311

    @classmethod
    def open(cls, folder: Path, **settings: Any) -> Self:
        """Start it, with a pool of these settings (members of CreateUserPool)."""
        service = EmbeddedPool.start(PoolOptions(seed=7))
        administrator = Wire(service.endpoint, transcript=Transcript(), timeout_seconds=60)
        made = administrator.ask("CreateUserPool", {"PoolName": "staging", **settings})["UserPool"]["Id"]
        service.callers.keys = {ACCESS_KEY: SECRET_KEY}
        return cls(service, administrator, made, folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.administrator.close()
        self.service.stop()

    def client(
        self, *, flows: tuple[str, ...] = ("ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"), **settings: Any
    ) -> str:
        """An app client of the team's; its id."""
        request = {"UserPoolId": self.user_pool_id, "ClientName": "app", "ExplicitAuthFlows": list(flows), **settings}
        made: str = self.administrator.ask("CreateUserPoolClient", request)["UserPoolClient"]["ClientId"]
        return made

    def user(self, username: str = "somebody-real", **members: Any) -> TestUser:
        """A user of the team's, whom no run made."""
        return UserPool(self.administrator, self._names, self.user_pool_id).new_user(username=username, **members)

    @property
    def usernames(self) -> list[str]:
        """Everybody in the pool."""
        users = self.administrator.ask("ListUsers", {"UserPoolId": self.user_pool_id})["Users"]
        return sorted(user["Username"] for user in users)

    @property
    def pools(self) -> list[str]:
        """The names of all pools at the endpoint."""
        pools = self.administrator.ask("ListUserPools", {"MaxResults": 60})["UserPools"]
        return sorted(pool["Name"] for pool in pools)

    def configuration(self, live: str = "", target: str = "") -> Path:
        """A conformance.toml for this pool with these further lines in [live] and [target]; its path."""
        path = self.folder / "conformance.toml"
        path.write_text(
            f'[target]\nkind = "live"\nregion = "us-east-1"\nendpoint = "{self.service.endpoint}"\n{target}\n'
            f'[live]\nuser_pool_id = "{self.user_pool_id}"\nrequests_per_second = 500\n{live}\n',
            encoding="utf-8",
        )
        return path

    def run(
        self, *words: str, live: str = "", target: str = "", env: Mapping[str, str] | None = None, seconds: float = 300
    ) -> Finished:
        """`cognito-conformance run --live` with this configuration; everything that it writes is below `folder`.

        While it runs, the pool demands signatures; the administrator's door is open before and after.
        """
        self.configuration(live, target)
        self.service.callers.requires_signature = True
        try:
            done = subprocess.run(
                [sys.executable, "-m", "cognito_conformance", "run", "--live", "--out", "results", *words],
                cwd=self.folder,
                env={**environment(), "PYTHONPATH": str(ROOT), **CREDENTIALS, **(env or {})},
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        finally:
            self.service.callers.requires_signature = False
        return Finished(done.returncode, done.stdout, done.stderr)

    def records(self) -> dict[str, Record]:
        """The records of the last run, by their ids."""
        from reports.reader import read_results

        return {record.id: record for record in read_results(self.folder / "results").records}

    def configured(self) -> dict[str, Any]:
        """The pool and its clients as they are set, to see that a run leaves them so."""
        pool = self.administrator.ask("DescribeUserPool", {"UserPoolId": self.user_pool_id})["UserPool"]
        clients = self.administrator.ask("ListUserPoolClients", {"UserPoolId": self.user_pool_id})["UserPoolClients"]
        told: dict[str, Any] = json.loads(json.dumps({"pool": pool, "clients": clients}))
        told["pool"].pop("EstimatedNumberOfUsers", None)
        return told
