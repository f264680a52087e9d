"""DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER: a remembered device proves its own password.

It is the user's SRP with DeviceGroupKey for the pool's name and DeviceKey for the user. It follows
a first factor and never stands alone: DEVICE_SRP_AUTH has a Session. A released client leaves that
out of its answer, so without one the user's newest open challenge at this client is meant.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.clock import Clock
from fakes.pool.devices import Device, Devices
from fakes.pool.entropy import Entropy
from fakes.pool.errors import NotAuthorized, incorrect_username_or_password, missing_parameter
from fakes.pool.moto_directory import MotoDirectory, User, UserPool
from fakes.pool.secret_block import InvalidSecretBlock, SecretBlocks
from fakes.pool.secret_hash import SecretHashes, Step
from fakes.pool.sessions import PendingChallenge, Sessions
from fakes.pool.sign_in import DEVICE_SRP_AUTH, Answer, Caller, FirstFactor, SignIn
from fakes.pool.srp_flow import Claim
from fakes.pool.srp_server import ServerEphemeral, SrpServer
from fakes.pool.user_lookup import UserLookup
from fakes.pool.user_states import demand_may_start, demand_no_reset, must_choose_new_password
from protocol.claims import claim_signature
from protocol.numbers import hex_of

PROOF_NOT_VERIFIED = declare_fault(
    "pool.devices.proof-not-verified", "a device's signature is not compared with anything"
)
ACCEPTS_ZERO_A = declare_fault("pool.devices.accepts-zero-a", "a device's A is not checked to be other than 0 modulo N")
KEY_OF_ANOTHER_DEVICE = declare_fault(
    "pool.devices.key-of-another-device", "a sign-in that named one device goes on with another of the user"
)
WITHOUT_FIRST_FACTOR = declare_fault(
    "pool.devices.without-the-first-factor", "DEVICE_SRP_AUTH may be answered without having been asked"
)
NEGATIVE_SALT = declare_fault("pool.devices.negative-salt", "a salt with a high bit comes back with a minus sign")

DEVICE_PASSWORD_VERIFIER = "DEVICE_PASSWORD_VERIFIER"  # noqa: S105 - the name of a challenge


@dataclass(frozen=True)
class DeviceChallenge:
    """A DEVICE_PASSWORD_VERIFIER challenge as it was sent, sealed in its SECRET_BLOCK.

    Numbers are hexadecimal text, `issued_at` is in seconds since the epoch by the pool's clock.
    """

    user_pool_id: str
    client_id: str
    username: str
    sub: str
    typed_username: str
    device_key: str
    srp_a: str
    b: str
    srp_b: str
    issued_at: float


class DeviceFlow:
    """Sends the device's challenge and judges its answer."""

    def __init__(
        self,
        *,
        clock: Clock,
        entropy: Entropy,
        faults: FaultSwitches,
        directory: MotoDirectory,
        lookup: UserLookup,
        devices: Devices,
        sessions: Sessions,
        secret_hashes: SecretHashes,
        sign_in: SignIn,
        read_claim: Callable[[Mapping[str, str]], Claim],
    ) -> None:
        self._clock = clock
        self._faults = faults
        self._directory = directory
        self._lookup = lookup
        self._devices = devices
        self._sessions = sessions
        self._secret_hashes = secret_hashes
        self._sign_in = sign_in
        self._read_claim = read_claim
        self._server = SrpServer(entropy, faults, accepts_zero_a=ACCEPTS_ZERO_A)
        self._blocks = SecretBlocks(entropy, DeviceChallenge)

    async def begin(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """Take the answer to DEVICE_SRP_AUTH, and send DEVICE_PASSWORD_VERIFIER.

        Raises InvalidParameter for what is missing and for A ≡ 0, NotAuthorized for a device or a
        Session that is not this sign-in's, ResourceNotFound for a device that was forgotten since.
        """
        for name in ("USERNAME", "DEVICE_KEY", "SRP_A"):
            if not responses.get(name):
                raise missing_parameter(name)
        srp_a = responses["SRP_A"]
        client_public = self._server.read_client_public(srp_a)
        session, waiting = self._asked(caller, responses, session)
        self._demand_secret_hash(caller, responses, waiting.username, waiting.typed_username)
        key = responses["DEVICE_KEY"]
        if key != waiting.device_key and not self._faults.on(KEY_OF_ANOTHER_DEVICE):
            raise incorrect_username_or_password()
        user = self._user(caller.pool, waiting.username, waiting.sub)
        device = self._remembered(user, key)
        self._sessions.close(session)
        ephemeral = self._server.choose_ephemeral(
            client_public=client_public, srp_a=srp_a, verifier=device.secret.verifier
        )
        block = self._blocks.seal(
            DeviceChallenge(
                user_pool_id=caller.pool.id,
                client_id=caller.client.id,
                username=user.username,
                sub=user.sub,
                typed_username=waiting.typed_username,
                device_key=key,
                srp_a=srp_a,
                b=hex_of(ephemeral.b),
                srp_b=hex_of(ephemeral.public),
                issued_at=self._clock.timestamp(),
            )
        )
        return {
            "ChallengeName": DEVICE_PASSWORD_VERIFIER,
            "ChallengeParameters": {
                "DEVICE_KEY": key,
                "SALT": self._written_salt(device),
                "SECRET_BLOCK": base64.b64encode(block).decode(),
                "SRP_B": hex_of(ephemeral.public),
                "USERNAME": user.username,
            },
        }

    async def answer(self, caller: Caller, responses: Mapping[str, str], _: str | None) -> Answer:
        """Judge the answer to DEVICE_PASSWORD_VERIFIER: as PASSWORD_VERIFIER's, plus DEVICE_KEY.

        Raises NotAuthorized for every wrong proof, in the same words as for the user's own (`reported`).
        """
        claim = self._read_claim(responses)
        if not responses.get("DEVICE_KEY"):
            raise missing_parameter("DEVICE_KEY")
        challenge = self._challenge_of(caller, claim)
        if responses["DEVICE_KEY"] != challenge.device_key and not self._faults.on(KEY_OF_ANOTHER_DEVICE):
            raise incorrect_username_or_password()
        age = timedelta(seconds=self._clock.timestamp() - challenge.issued_at)
        if age >= caller.client.auth_session_validity:
            raise NotAuthorized("Invalid session for the user, session is expired.")
        self._demand_secret_hash(caller, responses, challenge.username, challenge.typed_username)
        user = self._user(caller.pool, challenge.username, challenge.sub)
        device = self._remembered(user, challenge.device_key)
        if not self._proves(claim, challenge, device):
            raise incorrect_username_or_password()
        self._devices.authenticated(user, device.key)
        return await self._sign_in.finish(
            FirstFactor(
                caller=caller,
                user=user,
                typed_username=challenge.typed_username,
                device_key=device.key,
                device_proved=True,
            )
        )

    def _asked(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> tuple[str, PendingChallenge]:
        """The open DEVICE_SRP_AUTH challenge that is answered, with its Session. Raises NotAuthorized."""
        client, username = caller.client, responses["USERNAME"]
        if session is None:
            session = self._sessions.newest(DEVICE_SRP_AUTH, client, username)
        if session is None and self._faults.on(WITHOUT_FIRST_FACTOR):
            user = self._lookup.at_sign_in(caller.pool, client, username)
            session = self._sessions.open(DEVICE_SRP_AUTH, client, user, username, device_key=responses["DEVICE_KEY"])
        waiting = self._sessions.look_up(session, DEVICE_SRP_AUTH, client, username)
        return session or "", waiting

    def _challenge_of(self, caller: Caller, claim: Claim) -> DeviceChallenge:
        """The challenge in the block: this client's and this user's. Raises NotAuthorized."""
        try:
            challenge = self._blocks.open(claim.secret_block)
        except InvalidSecretBlock:
            raise incorrect_username_or_password() from None
        if (challenge.user_pool_id, challenge.client_id) != (caller.pool.id, caller.client.id):
            raise incorrect_username_or_password()
        if claim.username not in {challenge.username, challenge.typed_username}:
            raise incorrect_username_or_password()
        return challenge

    def _demand_secret_hash(self, caller: Caller, responses: Mapping[str, str], username: str, typed: str) -> None:
        self._secret_hashes.demand(
            caller.client, responses.get("SECRET_HASH"), username=username, alias=typed, step=Step.ANSWER
        )

    def _user(self, pool: UserPool, username: str, sub: str) -> User:
        """The user that the first factor proved, if nothing has happened to them since. Raises NotAuthorized."""
        user = self._directory.user(pool.id, username)
        if user is None or user.sub != sub or must_choose_new_password(user):
            raise NotAuthorized("Invalid session for the user.")
        demand_may_start(user, self._faults)
        demand_no_reset(user, self._faults)
        return user

    def _remembered(self, user: User, key: str) -> Device:
        """The device, which may stand for a second factor only as long as it is remembered."""
        device = self._devices.device(user, key)
        if not device.remembered:
            raise incorrect_username_or_password()
        return device

    def _written_salt(self, device: Device) -> str:
        salt = device.secret.salt
        if self._faults.on(NEGATIVE_SALT) and salt.bit_length() % 8 == 0:
            return f"-{hex_of((1 << salt.bit_length()) - salt)}"
        return hex_of(salt)

    def _proves(self, claim: Claim, challenge: DeviceChallenge, device: Device) -> bool:
        if self._faults.on(PROOF_NOT_VERIFIED):
            return True
        key = self._server.password_key(
            client_public=self._server.read_client_public(challenge.srp_a),
            srp_a=challenge.srp_a,
            ephemeral=ServerEphemeral(int(challenge.b, 16), int(challenge.srp_b, 16)),
            verifier=device.secret.verifier,
        )
        expected = claim_signature(
            key=key,
            pool_name=device.group_key,
            user_id=device.key,
            secret_block=claim.secret_block,
            timestamp=claim.timestamp,
        )
        return hmac.compare_digest(expected, claim.signature)
