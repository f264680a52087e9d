"""Cognito operations that moto performs, and what is put right on their way there and back.

- An access token is verified here, and lent to moto for the one call: moto's own check is a
  dictionary that knows neither expiry nor signature.
- A user is named to administrators' operations by name, alias or `sub`; moto knows fewer of these.
- A new password is held against the pool's policy here; moto stops at 98 characters and lets
  ConfirmForgotPassword set anything.
- A name or alias that is somebody's already is not given to a second user.
- An app client's secret is made to have the form that the service model gives it.
- UpdateUserPool leaves a pool's kinds of names as they were made; moto forgets them.
- SECRET_HASH is demanded in the self-service calls; moto passes over it.
- Whatever moto raises, or answers with HTTP 5xx or with an error that the operation does not model,
  is an InvalidParameterException.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from fakes.pool.access_tokens import AccessTokens
from fakes.pool.entropy import Entropy
from fakes.pool.errors import (
    InvalidParameter,
    ResourceNotFound,
    ServiceError,
    UnknownOperation,
    UsernameExists,
    user_does_not_exist,
)
from fakes.pool.input_validation import ServiceModelOfCognito
from fakes.pool.moto_directory import MotoDirectory, UserPool
from fakes.pool.moto_gateway import MotoAnswer, MotoFailed, MotoGateway
from fakes.pool.secret_hash import SecretHashes, Step
from fakes.pool.user_lookup import UserLookup
from fakes.pool.wire_format import JsonObject, render_answer

_NAMES_A_NEW_USER = frozenset({"AdminCreateUser", "SignUp"})
_NEW_PASSWORDS = {"SignUp": "Password", "ConfirmForgotPassword": "Password", "AdminCreateUser": "TemporaryPassword"}
_SECRET_ALPHABET = string.digits + string.ascii_lowercase
_SECRET_LENGTH = 52
_NOT_IMPLEMENTED = 501


@dataclass(frozen=True)
class HttpRequest:
    """A request as it came: `target` is path and query."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class ErrorOfMoto(ServiceError):
    """An error that moto answered, with the code that moto gave it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]  # this one class has a code an instance


class Forwarding:
    """Sends operations to moto."""

    def __init__(
        self,
        *,
        model: ServiceModelOfCognito,
        gateway: MotoGateway,
        entropy: Entropy,
        directory: MotoDirectory,
        lookup: UserLookup,
        secret_hashes: SecretHashes,
        access_tokens: AccessTokens,
    ) -> None:
        self._model = model
        self._gateway = gateway
        self._entropy = entropy
        self._directory = directory
        self._lookup = lookup
        self._secret_hashes = secret_hashes
        self._access_tokens = access_tokens

    def demand_performable(self, operation: str, request: JsonObject) -> JsonObject:
        """The request with the user's own name in it. Raises ServiceError for what is refused here already."""
        request = self._with_the_users_own_name(operation, request)
        self._demand_secret_hash(request)
        pool = self._pool_of(request)
        if pool is not None:
            _demand_policy(pool, operation, request)
            self._demand_free_name(pool, operation, request)
        return request

    def perform(self, operation: str, request: JsonObject, http: HttpRequest) -> JsonObject:
        """What moto answers to a Cognito operation. Raises ServiceError."""
        request = self.demand_performable(operation, request)
        pool = self._pool_of(request)
        if operation == "UpdateUserPool" and pool is not None:
            request = request | self._directory.settings_for_good(pool)
        self._directory.relax_password_length()
        with self._token_lent(request):
            try:
                answer = self._send(operation, replace(http, body=render_answer(request)))
            except ErrorOfMoto as error:
                if self._model.models_error(operation, error.code):
                    raise
                raise InvalidParameter(error.message) from error
        if operation == "CreateUserPoolClient":
            return self._with_a_proper_secret(answer)
        if operation == "AdminGetUser":
            return self._with_second_factors(request, answer)
        if operation == "ConfirmForgotPassword" and pool is not None:
            self._confirm_after_reset(pool, request)
        return answer

    def _with_the_users_own_name(self, operation: str, request: JsonObject) -> JsonObject:
        pool_id, typed = request.get("UserPoolId"), request.get("Username")
        if pool_id is None or typed is None or operation in _NAMES_A_NEW_USER:
            return request
        pool = self._directory.user_pool(pool_id)
        if pool is None:
            raise ResourceNotFound(f"User pool {pool_id} does not exist.")
        user = self._lookup.in_directory(pool, typed)
        if user is None:
            raise user_does_not_exist()
        return request | {"Username": user.username}

    def _demand_secret_hash(self, request: JsonObject) -> None:
        if "ClientId" in request and "Username" in request and "UserPoolId" not in request:
            client = self._directory.client(request["ClientId"])
            if client is None:
                raise ResourceNotFound(f"User pool client {request['ClientId']} does not exist.")
            self._secret_hashes.demand(
                client, request.get("SecretHash"), username=request["Username"], step=Step.SELF_SERVICE
            )

    def _pool_of(self, request: JsonObject) -> UserPool | None:
        if "UserPoolId" in request:
            return self._directory.user_pool(request["UserPoolId"])
        served = self._directory.client_and_pool(request.get("ClientId", ""))
        return None if served is None else served[1]

    def _demand_free_name(self, pool: UserPool, operation: str, request: JsonObject) -> None:
        if operation not in _NAMES_A_NEW_USER or request.get("MessageAction") == "RESEND":
            return
        if self._lookup.by_name_or_alias(pool, request["Username"]) is not None:
            raise UsernameExists("User already exists" if operation == "SignUp" else "User account already exists")

    def _with_a_proper_secret(self, answer: JsonObject) -> JsonObject:
        described = answer["UserPoolClient"]
        client = self._directory.client(described["ClientId"])
        if client is None or "ClientSecret" not in described:
            return answer
        digits = self._entropy.octets(_SECRET_LENGTH)
        secret = "".join(_SECRET_ALPHABET[octet % len(_SECRET_ALPHABET)] for octet in digits)
        self._directory.set_client_secret(client, secret)
        return answer | {"UserPoolClient": described | {"ClientSecret": secret}}

    def _with_second_factors(self, request: JsonObject, answer: JsonObject) -> JsonObject:
        user = self._directory.user(request["UserPoolId"], request["Username"])
        shown = {
            name: value
            for name, value in answer.items()
            if name not in {"MFAOptions", "PreferredMfaSetting", "UserMFASettingList"}
        }
        return shown if user is None else shown | self._directory.described_second_factors(user)

    def _confirm_after_reset(self, pool: UserPool, request: JsonObject) -> None:
        user = self._lookup.by_name_or_alias(pool, request["Username"])
        if user is not None and user.status == "RESET_REQUIRED":
            self._directory.set_password(user, request["Password"], status="CONFIRMED")

    @contextmanager
    def _token_lent(self, request: JsonObject) -> Iterator[None]:
        token = request.get("AccessToken")
        if token is None:
            yield
            return
        bearer = self._access_tokens.bearer(token)
        self._directory.lend_token(bearer.user, bearer.client.id, token)
        try:
            yield
        finally:
            self._directory.take_token_back(bearer.user, token)

    def _send(self, operation: str, http: HttpRequest) -> JsonObject:
        try:
            answer = self._gateway.send(method="POST", target="/", headers=http.headers, body=http.body)
        except MotoFailed as failure:
            if "NotImplementedError" in str(failure):
                raise UnknownOperation(f"{operation} is not served by this pool") from failure
            raise InvalidParameter("The request cannot be performed with these parameters.") from failure
        return _read(operation, answer)


def _demand_policy(pool: UserPool, operation: str, request: JsonObject) -> None:
    password = request.get(_NEW_PASSWORDS.get(operation, ""))
    if password is not None:
        pool.policy.demand(password)


def _read(operation: str, answer: MotoAnswer) -> JsonObject:
    if answer.status == _NOT_IMPLEMENTED:
        raise UnknownOperation(f"{operation} is not served by this pool")
    try:
        content: Any = json.loads(answer.body or b"{}")
    except ValueError:
        content = None
    if answer.status < 300 and isinstance(content, dict):
        return content
    if answer.status < 500 and isinstance(content, dict) and "__type" in content:
        raise ErrorOfMoto(content["__type"].rpartition("#")[2], content.get("message") or content.get("Message") or "")
    raise InvalidParameter("The request cannot be performed with these parameters.")
