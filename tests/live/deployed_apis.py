"""The credential API and the challenge API beside a staging pool, over HTTP, with an authorizer before them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.trigger_settings import TriggersSettings
from tests.hosts.api_over_http import Deployment, server_of
from tests.live.deployed import Deployed, deployed


@dataclass
class WithPasskeys:
    """A staging pool, and where its APIs answer."""

    staging: Deployed
    rp_id: str
    base: str

    @property
    def relying_party(self) -> str:
        """What `[triggers]` says of it."""
        return (
            f'relying_party = {{ id = "{self.rp_id}", '
            f'origins = ["https://{self.rp_id}", "https://app.{self.rp_id}:8443"] }}\n'
        )

    @property
    def apis(self) -> str:
        """What `[triggers]` says of the APIs."""
        return f'apis = {{ fido2_credentials_api = "{self.base}", fido2_challenge_api = "{self.base}" }}\n'

    @property
    def judged(self) -> str:
        """All that `[triggers]` has to say."""
        return f'host = "pool"\n{self.relying_party}{self.apis}'


@contextmanager
def deployed_with_passkeys(
    folder: Path, *options: str, rp_id: str = "staging.example.net", faults: tuple[str, ...] = ()
) -> Iterator[WithPasskeys]:
    """Serve the reference triggers and their APIs, with these faults in both, for passkeys of an RP ID."""
    words = [word for fault in faults for word in ("--fault", fault)]
    with deployed(folder, *words, *options, rp_id=rp_id) as staging, apis_of(staging, rp_id, faults) as base:
        yield WithPasskeys(staging, rp_id, base)


@contextmanager
def apis_of(staging: Deployed, rp_id: str, faults: tuple[str, ...] = (), user_pool_id: str = "") -> Iterator[str]:
    """Serve the APIs of a pool; their base URL."""
    tables = staging.ready["tables"]
    environment = {
        **TriggersSettings().completed().environment,
        "AWS_ENDPOINT_URL": staging.ready["endpoint"],
        "AWS_REGION": "us-east-1",
        "USER_POOL_ID": user_pool_id or staging.ready["user_pool_id"],
        "SIGN_IN_TABLE": tables["sign-ins"],
        "PASSKEYS_TABLE": tables["passkeys"],
        "HASHING_SECRET": "of the served triggers only",
        "RELYING_PARTY_IDS": rp_id,
        "PASSKEY_ORIGINS": f"https://{rp_id},https://app.{rp_id}:8443",
        "FAULTS": " ".join(faults),
    }
    with server_of(Deployment(environment), 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()
