"""A staging pool with triggers deployed behind it: `serve`, whose mails go to a bucket and whose texts to a folder."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.harness.conftest import ROOT, Finished, environment

if TYPE_CHECKING:
    from reports.model import Record

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "conformance",
    "AWS_SECRET_ACCESS_KEY": "conformance",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_TRIGGERS = """
[triggers]
host = "reference"

[triggers.environment]
SIGN_IN_TABLE = "{table:sign-ins}"
SIGNING_KEY_ID = "{key_alias:links}"
HASHING_SECRET = "of the served triggers only"
MAIL_SENDER = "no-reply@example.com"
LINK_ORIGINS = "https://app.example.com"
MAILS_PER_CLIENT_AND_MINUTE = "6000"
LINKS_YIELD_TO_SECOND_FACTORS = "yes"
PASSKEYS_TABLE = "{table:passkeys}"
RELYING_PARTY_IDS = "example.org"
PASSKEY_ORIGINS = "https://example.org,https://app.example.org:8443"
"""
_TEXTS = """
import json, pathlib, sys
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    line = file.read_text()
    if json.loads(line)["to"] == sys.argv[2]:
        print(line)
"""


@dataclass
class Deployed:
    """The served pool, and live runs at it."""

    folder: Path
    ready: dict[str, Any] = field(default_factory=dict)

    @property
    def outbox(self) -> Path:
        """Where everything that it sends is written."""
        return self.folder / "outbox"

    @property
    def mailbox(self) -> str:
        """The section of a mailbox that holds all mails of the run's users."""
        return (
            f'[live.mailbox]\nkind = "s3"\nbucket = "mails"\nendpoint = "{self.ready["endpoint"]}"\n'
            'region = "us-east-1"\naddress = "conformance+{name}@staging.example.com"\n'
            "timeout_seconds = 30\npoll_seconds = 0.1\n"
        )

    @property
    def phone(self) -> str:
        """The section of a phone that holds all texts to the run's users."""
        command = json.dumps([sys.executable, "-S", "-E", str(self.folder / "texts.py"), str(self.outbox)])
        return (
            f'[live.phone]\nkind = "command"\nnumber = "+1555#######"\ncommand = {command}\n'
            "timeout_seconds = 30\npoll_seconds = 0.1\n"
        )

    def run(
        self,
        *words: str,
        live: str = "make_clients = true",
        sections: str = "",
        triggers: str = 'host = "pool"',
        quiet_seconds: int = 1,
    ) -> Finished:
        """`cognito-conformance run --live` with these further lines in [live], and further sections."""
        (self.folder / "conformance.toml").write_text(
            f'[target]\nkind = "live"\nregion = "us-east-1"\nendpoint = "{self.ready["endpoint"]}"\n'
            f'[triggers]\nlink_origins = ["https://app.example.com"]\nmails_per_minute = 6000\n{triggers}\n'
            f'[live]\nuser_pool_id = "{self.ready["user_pool_id"]}"\nrequests_per_second = 500\n'
            f"quiet_seconds = {quiet_seconds}\n{live}\n{sections}",
            encoding="utf-8",
        )
        return self._command("run", "--live", "--out", "results", *words)

    def records(self) -> dict[str, Record]:
        """The records of the last live run, by their ids."""
        from reports.reader import read_results

        return {record.id: record for record in read_results(self.folder / "results").records}

    def usernames(self) -> list[str]:
        """Everybody in the pool."""
        from harness.stage import aws_clients

        client = aws_clients(self.ready["endpoint"], "us-east-1")("cognito-idp")
        return [user["Username"] for user in client.list_users(UserPoolId=self.ready["user_pool_id"])["Users"]]

    def sent_to(self) -> set[str]:
        """Every address and number that something was sent to."""
        mails = (message_from_bytes(file.read_bytes())["Delivered-To"] for file in self.outbox.glob("*.eml"))
        texts = (json.loads(file.read_bytes())["to"] for file in self.outbox.glob("*.json"))
        return {*mails, *texts}

    def secrets_sent(self) -> tuple[set[str], set[str]]:
        """The secret parts of the links, and the codes, that the pool has sent so far."""
        mails = [message_from_bytes(file.read_bytes(), policy=default) for file in self.outbox.glob("*.eml")]
        bodies = [str(part.get_content()) for mail in mails for part in mail.walk() if not part.is_multipart()]
        texts = [json.loads(file.read_bytes())["text"] for file in self.outbox.glob("*.json")]
        links = {
            found
            for body in bodies
            for found in re.findall(r"https://app\.example\.com/[^\s\"'<>]*#([\w.%-]{20,})", body)
        }
        return links, {found for text in texts for found in re.findall(r"\b\d{6}\b", text)}

    def written_by_runs(self) -> list[Path]:
        """Every file below the folder that a run wrote; what the pool sent stands in another one."""
        return [path for path in self.folder.rglob("*") if path.is_file() and self.outbox not in path.parents]

    def _command(self, *words: str) -> Finished:
        done = subprocess.run(
            [sys.executable, "-m", "cognito_conformance", *words],
            cwd=self.folder,
            env={**environment(), "PYTHONPATH": str(ROOT), **CREDENTIALS},
            capture_output=True,
            text=True,
            timeout=580,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)


@contextmanager
def deployed(folder: Path, *options: str, rp_id: str = "example.org") -> Iterator[Deployed]:
    """Serve the reference triggers behind a pool named staging, with these further options of `serve`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "triggers.toml").write_text(_TRIGGERS.replace("example.org", rp_id), encoding="utf-8")
    (folder / "texts.py").write_text(_TEXTS, encoding="utf-8")
    words = ["--port", "0", "--pool-name", "staging", "--triggers", "triggers.toml", "--outbox", "outbox"]
    serving = subprocess.Popen(
        [sys.executable, "-m", "cognito_conformance", "serve", *words, "--mail-bucket", "mails", *options],
        cwd=folder,
        env={**environment(), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert serving.stdout is not None
        yield Deployed(folder, json.loads(serving.stdout.readline()))
    finally:
        serving.terminate()
        serving.wait(30)
        if serving.stdout is not None:
            serving.stdout.close()
