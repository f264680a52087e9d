"""The section `[triggers]` of the configuration: whose triggers are tested, and what stands around them."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from harness.webauthn_cases.identity import EXAMPLE, RelyingParty

FUNCTIONS = (
    "define_auth_challenge",
    "create_auth_challenge",
    "verify_auth_challenge_response",
    "pre_sign_up",
    "pre_authentication",
    "post_authentication",
    "pre_token_generation",
    "user_migration",
    "fido2_credentials_api",
    "fido2_challenge_api",
)
"""The functions that a team may bring: Cognito's triggers, and the HTTP APIs beside them."""

HostKind = Literal["reference", "python", "node", "command", "lambda", "runtime", "pool"]
_WANT_HANDLERS = {
    "python": "path/to/file.py:handler",
    "node": "path/to/file.mjs:handler",
    "lambda": "name or ARN of a deployed function",
    "runtime": "http://localhost:9000, where its runtime endpoint listens",
}

SET_WHERE_DEPLOYED = (
    "command", "environment", "environment_of", "handlers", "interpreter", "passkeys_table", "redirect", "senders",
    "signing_keys", "tables", "variants",
)  # fmt: skip
"""What nobody sets for functions that a live pool calls: they are deployed with it already."""


def _is_a_function(name: str) -> str:
    if name not in FUNCTIONS:
        near = difflib.get_close_matches(name, FUNCTIONS, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise ValueError(f"no function is called {name!r}; {hint}known: {', '.join(FUNCTIONS)}")
    return name


def _is_an_attribute(text: str) -> str:
    name, colon, kind = text.partition(":")
    if not (name and colon and kind in {"S", "N", "B"}):
        raise ValueError(f"{text!r} is no key attribute; write its name and its type (S, N or B): userNameHash:B")
    return text


_HTTPS_ORIGIN = re.compile(r"https://([a-z0-9.-]+)(?::\d{1,5})?")
_BASE_URL = re.compile(r"https?://[^/?#@\s]+(/[^?#\s]*)?")
FunctionName = Annotated[str, AfterValidator(_is_a_function)]
VariantName = Literal["verification-preferred"]
"""The second policies that a team may bring."""

KeyAttribute = Annotated[str, AfterValidator(_is_an_attribute)]
ApiName = Literal["fido2_credentials_api", "fido2_challenge_api"]
"""The functions that browsers ask, by way of an HTTP API."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IndexSettings(_Section):
    """A global secondary index of a table."""

    name: str
    partition_key: KeyAttribute
    sort_key: KeyAttribute | None = None
    projection: Literal["ALL", "KEYS_ONLY"] | list[str] = Field(
        default="ALL", description="ALL, KEYS_ONLY, or the names of the attributes that it carries"
    )


class TableSettings(_Section):
    """A DynamoDB table that the triggers use; `{table:NAME}` in an environment is the name it got."""

    name: str = Field(pattern=r"^[a-zA-Z0-9_.-]{3,200}$")
    partition_key: KeyAttribute
    sort_key: KeyAttribute | None = None
    expires_attribute: str | None = Field(default=None, description="the attribute of DynamoDB's time to live")
    indexes: list[IndexSettings] = Field(default_factory=list)


class SigningKeySettings(_Section):
    """An asymmetric KMS key to sign and verify with; `{key:NAME}` is its id, `{key_alias:NAME}` is `alias/…`."""

    name: str = Field(pattern=r"^[a-zA-Z0-9/_-]{1,200}$")
    spec: Literal["RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"] = "RSA_2048"


class RelyingPartySettings(_Section):
    """Whose passkeys the triggers register and sign in with."""

    id: str = Field(
        pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$",
        description="the RP ID: a domain in small letters, as staging.example.net",
    )
    origins: list[str] = Field(
        min_length=1,
        description="the https origins that the triggers take at this RP ID; the first is where ceremonies are held",
    )

    @model_validator(mode="after")
    def _has_pages_of_its_own(self) -> RelyingPartySettings:
        for origin in self.origins:
            host = _HTTPS_ORIGIN.fullmatch(origin)
            if host is None or not f".{host[1]}".endswith(f".{self.id}"):
                raise ValueError(
                    f"{origin!r} is no origin that may use passkeys of {self.id}; write https://{self.id}, or a "
                    "sub-domain of it, in small letters, with a port where there is one and without a path"
                )
        return self


class TriggersSettings(_Section):
    """The triggers that are judged."""

    host: HostKind = Field(
        default="reference",
        description="what runs them; `reference`: the ones that ship; `pool`: the live pool, which calls them itself",
    )
    handlers: dict[FunctionName, str] = Field(
        default_factory=dict, description="where each function is found; how that is written depends on the host"
    )
    apis: dict[ApiName, str] = Field(
        default_factory=dict,
        description="HTTP APIs that run already: for each the base URL, stage included, before its paths; they are "
        "asked over HTTP with a user's ID token, and no handler is",
    )
    command: list[str] = Field(default_factory=list, description="for host = command: a program that is a host itself")
    interpreter: str | None = Field(
        default=None,
        description="python or node to run the handlers with; absent: this Python, or `node` on the PATH",
    )
    environments: int = Field(
        default=4,
        ge=1,
        le=64,
        description="for host = python: how many execution environments a function may have; each takes one event at a "
        "time, as in Lambda",
    )
    timeout_seconds: float = Field(default=5, gt=0, le=900, description="a function that runs longer is cut off")
    start_seconds: float = Field(default=30, gt=0, le=300, description="for a host to come up, and for a cold start")
    environment: dict[str, str] = Field(default_factory=dict, description="variables of every function")
    environment_of: dict[FunctionName, dict[str, str]] = Field(
        default_factory=dict, description="variables of one function; they win"
    )
    variants: dict[VariantName, dict[str, str]] = Field(
        default_factory=dict,
        description="the same functions under a second policy: the variables that say so, which win over all others; "
        "verification-preferred: passkeys that prefer user verification and do not require it",
    )
    redirect: dict[str, str] = Field(
        default_factory=dict,
        description="origins that the handlers call, and the origin to call in the place of each; placeholders allowed",
    )
    dialect: str = Field(default="passwordless", description="how the flow is spoken: a name, or path/to/file.py:Class")
    tables: list[TableSettings] = Field(default_factory=list)
    signing_keys: list[SigningKeySettings] = Field(default_factory=list)
    passkeys_table: str | None = Field(
        default=None, description="the one of `tables` with users' passkeys, where who has one may sign in with it only"
    )
    senders: list[str] = Field(default_factory=list, description="addresses or domains that SES may send from")
    link_origins: list[str] = Field(default_factory=list, description="origins that a link in a mail may lead to")
    link_path: str = Field(
        default="/sign-in", pattern=r"^/[^?#]*$", description="the page at those origins that an honest client asks for"
    )
    link_seconds: int | None = Field(default=None, gt=0, description="how long a link is good, as documented to users")
    relying_party: RelyingPartySettings | None = Field(
        default=None,
        description="the RP ID and the origins that passkeys are judged with; absent: example.org, which the functions "
        "then have to be configured for",
    )
    app_origins: list[str] = Field(
        default_factory=list,
        description="origins of apps that passkeys are for, beside the pages: android:apk-key-hash:…, myapp://…",
    )
    related_origins: list[str] = Field(
        default_factory=list,
        description="origins on other domains that use the passkeys of the RP ID (WebAuthn's related origin requests)",
    )
    mails_per_minute: int | None = Field(
        default=None,
        gt=0,
        description="the most sign-in mails that one app client can cause in a minute, as documented",
    )
    folder: Path = Field(
        default=Path(),
        description="what relative paths start from, itself relative to the configuration file's folder",
    )

    @model_validator(mode="after")
    def _fits_its_host(self) -> TriggersSettings:
        if (how := _WANT_HANDLERS.get(self.host)) and not self.handlers:
            raise ValueError(f'host = "{self.host}" wants handlers: for each function, {how}')
        if self.host == "command" and not self.command:
            raise ValueError('host = "command" wants command, the program that speaks the host protocol')
        if self.host in {"reference", "command"} and self.handlers:
            raise ValueError(f'handlers are given but host is "{self.host}"; set host to what runs them')
        if self.host in {"python", "node"}:
            for function, handler in self.handlers.items():
                if not all(handler.rpartition(":")[::2]):
                    raise ValueError(f"handlers.{function} is {handler!r}; write {_WANT_HANDLERS[self.host]}")
        self._demand_apis()
        if self.host in {"lambda", "runtime"} and self.variants:
            raise ValueError(f'variants are variables that the run sets, and host = "{self.host}" has them set already')
        if self.host == "runtime":
            for function, url in self.handlers.items():
                if not url.startswith(("http://", "https://")):
                    raise ValueError(f"handlers.{function} is {url!r}; write {_WANT_HANDLERS['runtime']}")
        for origin in (*self.redirect, *self.link_origins, *self.related_origins):
            if "://" not in origin or origin.count("/") != 2:
                raise ValueError(f"{origin!r} is no origin; write https://host or http://host:port, without a path")
        return self

    @model_validator(mode="after")
    def _leaves_to_the_pool_what_is_its_own(self) -> TriggersSettings:
        if self.host == "pool" and (wrong := [name for name in SET_WHERE_DEPLOYED if getattr(self, name)]):
            raise ValueError(
                f'{", ".join(wrong)}: not for host = "pool", whose functions are deployed and configured already; '
                "leave it out"
            )
        return self

    def _demand_apis(self) -> None:
        """Raise ValueError for APIs that cannot be asked over HTTP."""
        if self.apis and self.host == "reference":
            raise ValueError('apis run already, and host is "reference", whose own they are not; set host to theirs')
        if self.apis and self.variants:
            raise ValueError("variants are variables that the run sets, and APIs that run already have them set")
        for function, url in self.apis.items():
            if function in self.handlers:
                raise ValueError(f"{function} stands under handlers and under apis; leave one of them out")
            if not _BASE_URL.fullmatch(url):
                raise ValueError(f"apis.{function} is {url!r}; write https://host/stage, without query and user name")

    @property
    def passkeys_are_of(self) -> RelyingParty:
        """The relying party that ceremonies are held with."""
        named = self.relying_party
        return RelyingParty(named.id, tuple(named.origins)) if named else EXAMPLE

    def completed(self) -> TriggersSettings:
        """With what the reference triggers need on their stage, wherever the configuration says nothing of it."""
        if self.host != "reference":
            return self
        unsaid = {name: value for name, value in _OF_THE_REFERENCE.items() if not getattr(self, name)}
        return self.model_copy(update=unsaid)

    def varied(self, variant: VariantName) -> TriggersSettings:
        """With the variables of a second policy in place of what they were."""
        told = self.variants[variant]
        own = {function: {**variables, **told} for function, variables in self.environment_of.items()}
        return self.model_copy(update={"environment": {**self.environment, **told}, "environment_of": own})

    def path_of(self, written: str) -> Path:
        """A path as the configuration writes it, made absolute."""
        return (self.folder / written).resolve()


_OF_THE_REFERENCE: dict[str, object] = {
    "environment": {
        "SIGN_IN_TABLE": "{table:sign-ins}",
        "SIGNING_KEY_ID": "{key_alias:links}",
        "HASHING_SECRET": "of the reference triggers only",
        "MAIL_SENDER": "no-reply@example.com",
        "LINK_ORIGINS": "https://app.example.com",
        "MAILS_PER_CLIENT_AND_MINUTE": "30",
        "LINKS_YIELD_TO_SECOND_FACTORS": "yes",
        "PASSKEYS_TABLE": "{table:passkeys}",
        "RELYING_PARTY_IDS": "example.org,accounts.example.com",
        "PASSKEY_ORIGINS": "https://example.org,https://app.example.org:8443,https://accounts.example.com,"
        "https://example.co.uk,"
        "android:apk-key-hash:hCMyW6Xj9bdN2S0pYQ5jqV3aKkzTn4uB7cD1eF8gH9I,exampleapp://sign-in",
    },
    "tables": [
        TableSettings(name="sign-ins", partition_key="id:S", expires_attribute="expires_at"),
        TableSettings(name="passkeys", partition_key="pk:S", sort_key="sk:S", expires_attribute="expires_at"),
    ],
    "passkeys_table": "passkeys",
    "signing_keys": [SigningKeySettings(name="links", spec="RSA_3072")],
    "senders": ["no-reply@example.com"],
    "link_origins": ["https://app.example.com"],
    "link_seconds": 600,
    "mails_per_minute": 30,
    "related_origins": ["https://example.co.uk"],
    "variants": {"verification-preferred": {"USER_VERIFICATION": "preferred"}},
    "app_origins": [
        "android:apk-key-hash:hCMyW6Xj9bdN2S0pYQ5jqV3aKkzTn4uB7cD1eF8gH9I",
        "exampleapp://sign-in",
    ],
}
