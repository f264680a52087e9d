"""A web application in a browser: pages with the client that a profile brings, and the profile's APIs under /api."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fakes.pool import EmbeddedPool
from harness.chromium_authenticator import ChromiumAuthenticator
from harness.credential_api import proxy_event
from harness.dialects import ApiCall
from harness.loopback_site import Answered, Asked, loopback_site
from tests.hosts.deployment import PROFILES, Deployment

PAGE, SETTINGS = "browser_page.mjs", "browser_page.toml"
PROFILES_WITH_A_PAGE = [profile for profile in PROFILES if (profile.parent / PAGE).exists()]
RP_ID = "localhost"
USERNAME = "3f2b8c1e-5d4a-4e6f-9a7b-0c1d2e3f4a5b"
"""One that tells nothing: who signs in without a user name is found by it."""

_HTML = f'<!doctype html><link rel="icon" href="data:,"><script type="module" src="/{PAGE}"></script>'.encode()
_CALL = """
const [operation, members, done] = arguments;
(async () => application[operation](members))()
    .then(found => done({found: JSON.parse(JSON.stringify(found ?? null))}))
    .catch(error => done({failed: `${error.name}: ${error.message}`}));
"""


@dataclass
class WebApplication:
    """What stands at the origin: files, and APIs behind an authorizer that verifies ID tokens."""

    files: Mapping[str, Path]
    deployment: Deployment | None = None
    api_calls: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answered:
        """Answer a request."""
        path = urlsplit(asked.target).path
        if path == "/":
            return Answered(_HTML)
        if path.startswith("/api/"):
            return self._api(asked, path.removeprefix("/api"))
        folder, _, name = path.rpartition("/")
        file = self.files[folder] / name
        return Answered(file.read_bytes(), "text/javascript") if file.is_file() else Answered(b"", status=404)

    def _api(self, asked: Asked, path: str) -> Answered:
        assert self.deployment is not None
        claims = None
        if path != "/sign-in-challenge":
            token = asked.headers.get("authorization", "").removeprefix("Bearer ")
            claims = {name: str(value) for name, value in self.deployment.verified(token).items()}
        function = "fido2_credentials_api" if claims else "fido2_challenge_api"
        body = json.loads(asked.body) if asked.body else None
        call = ApiCall(function, path, dict(parse_qsl(urlsplit(asked.target).query)), body)
        answer: Any = self.deployment.host.invoke(function, proxy_event(call, claims))
        self.api_calls.append(path)
        return Answered((answer.get("body") or "").encode(), "application/json", answer["statusCode"])


@dataclass(frozen=True)
class Page:
    """The page, open in Chromium."""

    application: WebApplication
    deployment: Deployment
    chromium: ChromiumAuthenticator
    origin: str

    def do(self, operation: str, **members: Any) -> Any:
        """What one of the page's functions comes to. Raises AssertionError with what it threw."""
        answer = self.chromium.window.execute_async_script(_CALL, operation, members)
        console = [entry["message"] for entry in self.chromium.console()]
        assert "failed" not in answer, f"{operation}: {answer['failed']}; console: {console}"
        return answer["found"]


@contextmanager
def open_page(profile: Path, pool: EmbeddedPool, chromium: ChromiumAuthenticator) -> Iterator[Page]:
    """A profile's triggers at a pool, its client in a page, and a user who signed in by link."""
    client = next((profile.parent / "node_modules").glob("*/dist/client/fido2.js")).parent
    application = WebApplication({"": profile.parent, "/client": client})
    with loopback_site(application) as site:
        written = (profile.parent / SETTINGS).read_text(encoding="utf-8")
        written = written.replace("{origin}", site.plain_origin).replace("{rp_id}", RP_ID)
        deployment = Deployment(profile, pool, username=USERNAME, otherwise=tomllib.loads(written))
        application.deployment = deployment
        try:
            chromium.window.get(site.plain_origin)
            page = Page(application, deployment, chromium, site.plain_origin)
            page.do(
                "open",
                endpoint=pool.endpoint,
                user_pool_id=deployment.user_pool_id,
                client_id=deployment.client_id,
            )
            yield page
        finally:
            deployment.host.close()
