"""How the parts of a pool are put together."""

from __future__ import annotations

from collections import Counter

from fakes.faults import FaultSwitches
from fakes.pool.access_tokens import AccessTokens
from fakes.pool.attribute_updates import AttributeUpdates
from fakes.pool.authentication import Authentication
from fakes.pool.callers import Callers
from fakes.pool.claims_trigger import ClaimsTrigger
from fakes.pool.clock import Clock
from fakes.pool.code_answers import CodeAnswers
from fakes.pool.credentials import Credentials
from fakes.pool.custom_auth_flow import CustomAuthFlow
from fakes.pool.deliveries import Courier, Outbox
from fakes.pool.device_flow import DeviceFlow
from fakes.pool.device_operations import DeviceOperations
from fakes.pool.devices import Devices
from fakes.pool.directory_operations import DirectoryOperations
from fakes.pool.discovery import Discovery
from fakes.pool.entropy import Entropy
from fakes.pool.forwarding import Forwarding
from fakes.pool.functions import Functions
from fakes.pool.input_validation import ServiceModelOfCognito
from fakes.pool.lockout import Lockout
from fakes.pool.mfa_preferences import MfaPreferences
from fakes.pool.moto_directory import MotoDirectory
from fakes.pool.moto_gateway import MotoGateway
from fakes.pool.network import Network
from fakes.pool.new_password import NewPassword
from fakes.pool.one_time_codes import OneTimeCodes
from fakes.pool.operations import Operations
from fakes.pool.options import Issuer, PoolOptions
from fakes.pool.other_services import OtherServices
from fakes.pool.passkey_ceremonies import PasskeyCeremonies
from fakes.pool.passkey_challenges import PasskeyChallenges
from fakes.pool.passkey_operations import PasskeyOperations
from fakes.pool.passkey_options import PasskeyOptions
from fakes.pool.passkey_sign_in import PasskeySignIn
from fakes.pool.passkey_store import PasskeyStore
from fakes.pool.password_flow import PasswordFlow
from fakes.pool.refresh_flow import RefreshFlow
from fakes.pool.refresh_tokens import RefreshTokens
from fakes.pool.registration import Registration
from fakes.pool.revocation import Revocation
from fakes.pool.risk_configuration import RiskConfigurations
from fakes.pool.rotation import Rotation
from fakes.pool.second_factors import SecondFactors
from fakes.pool.secret_hash import SecretHashes
from fakes.pool.self_service import SelfService
from fakes.pool.server import Front
from fakes.pool.session_answers import SessionAnswers
from fakes.pool.sessions import Sessions
from fakes.pool.sign_in import SignIn
from fakes.pool.sign_outs import SignOuts
from fakes.pool.signing_keys import SigningKeys
from fakes.pool.software_token_flow import SoftwareTokenFlow
from fakes.pool.software_tokens import SoftwareTokens
from fakes.pool.srp_flow import SrpFlow
from fakes.pool.token_renewal import TokenRenewal
from fakes.pool.tokens import Tokens
from fakes.pool.triggers import Triggers
from fakes.pool.user_auth_flow import UserAuthFlow
from fakes.pool.user_lookup import UserLookup
from fakes.pool.user_migration import UserMigration


def assemble(
    *,
    options: PoolOptions,
    endpoint: str,
    callers: Callers,
    clock: Clock,
    entropy: Entropy,
    faults: FaultSwitches,
    functions: Functions,
    network: Network,
    keys: SigningKeys,
    gateway: MotoGateway,
    mailbox: Outbox,
    phone: Outbox,
    service_calls: Counter[str],
) -> Front:
    """One pool's parts, each knowing only what it uses."""
    directory = MotoDirectory(gateway)
    credentials = Credentials(entropy, faults)
    lookup = UserLookup(directory, credentials, faults)
    secret_hashes = SecretHashes(directory, faults)
    triggers = Triggers(functions, faults)
    sign_outs = SignOuts(faults)
    tokens = Tokens(
        clock=clock,
        entropy=entropy,
        keys=keys,
        sign_outs=sign_outs,
        claims_trigger=ClaimsTrigger(triggers),
        faults=faults,
        issuer_base=endpoint if options.issuer is Issuer.ENDPOINT else None,
    )
    sessions = Sessions(clock, entropy, faults)
    devices = Devices(clock, entropy, faults)
    lockout = Lockout(clock, faults)
    courier = Courier(gateway=gateway, clock=clock, mailbox=mailbox, phone=phone)
    codes = OneTimeCodes(entropy=entropy, faults=faults, courier=courier)
    second_factors = SecondFactors(sessions=sessions, codes=codes, faults=faults)
    software_tokens = SoftwareTokens(clock=clock, entropy=entropy, faults=faults)
    sign_in = SignIn(
        devices=devices,
        faults=faults,
        lockout=lockout,
        second_factors=second_factors,
        sessions=sessions,
        tokens=tokens,
        triggers=triggers,
    )
    session_answers = SessionAnswers(
        directory=directory, faults=faults, lookup=lookup, secret_hashes=secret_hashes, sessions=sessions
    )
    access_tokens = AccessTokens(
        clock=clock, directory=directory, keys=keys, tokens=tokens, sign_outs=sign_outs, faults=faults
    )
    refresh_tokens = RefreshTokens(clock=clock, directory=directory, tokens=tokens, sign_outs=sign_outs, faults=faults)
    rotation = Rotation(clock=clock, entropy=entropy, sign_outs=sign_outs, faults=faults)
    srp = SrpFlow(
        clock=clock,
        entropy=entropy,
        faults=faults,
        directory=directory,
        credentials=credentials,
        lockout=lockout,
        lookup=lookup,
        secret_hashes=secret_hashes,
        sessions=sessions,
        sign_in=sign_in,
        triggers=triggers,
    )
    password = PasswordFlow(
        faults=faults,
        lockout=lockout,
        lookup=lookup,
        secret_hashes=secret_hashes,
        sign_in=sign_in,
        triggers=triggers,
        migration=UserMigration(directory=directory, lookup=lookup, triggers=triggers),
    )
    software_token = SoftwareTokenFlow(
        access_tokens=access_tokens,
        answers=session_answers,
        directory=directory,
        faults=faults,
        second_factors=second_factors,
        sessions=sessions,
        sign_in=sign_in,
        software_tokens=software_tokens,
    )
    passkeys = PasskeyStore(directory, faults)
    passkey_challenges = PasskeyChallenges(clock, entropy, faults)
    passkey_ceremonies = PasskeyCeremonies(faults)
    passkey_options = PasskeyOptions(credentials=credentials, entropy=entropy, faults=faults, store=passkeys)
    authentication = Authentication(
        directory=directory,
        faults=faults,
        srp=srp,
        password=password,
        refresh=RefreshFlow(
            refresh_tokens=refresh_tokens,
            rotation=rotation,
            secret_hashes=secret_hashes,
            tokens=tokens,
            devices=devices,
            faults=faults,
        ),
        new_password=NewPassword(
            directory=directory, faults=faults, secret_hashes=secret_hashes, sessions=sessions, sign_in=sign_in
        ),
        codes=CodeAnswers(answers=session_answers, faults=faults, sessions=sessions, sign_in=sign_in),
        software_token=software_token,
        user_auth=UserAuthFlow(
            answers=session_answers,
            codes=codes,
            credentials=credentials,
            faults=faults,
            lookup=lookup,
            passkeys=PasskeySignIn(
                ceremonies=passkey_ceremonies,
                challenges=passkey_challenges,
                faults=faults,
                options=passkey_options,
                sign_in=sign_in,
                store=passkeys,
            ),
            password=password,
            secret_hashes=secret_hashes,
            sessions=sessions,
            srp=srp,
            triggers=triggers,
        ),
        device=DeviceFlow(
            clock=clock,
            entropy=entropy,
            faults=faults,
            directory=directory,
            lookup=lookup,
            devices=devices,
            sessions=sessions,
            secret_hashes=secret_hashes,
            sign_in=sign_in,
            read_claim=srp.read_claim,
        ),
        custom_auth=CustomAuthFlow(
            answers=session_answers,
            faults=faults,
            lookup=lookup,
            secret_hashes=secret_hashes,
            sessions=sessions,
            sign_in=sign_in,
            srp=srp,
            triggers=triggers,
        ),
    )
    model = ServiceModelOfCognito.load()
    forwarding = Forwarding(
        model=model,
        gateway=gateway,
        entropy=entropy,
        directory=directory,
        lookup=lookup,
        secret_hashes=secret_hashes,
        access_tokens=access_tokens,
    )
    return Front(
        clock=clock,
        entropy=entropy,
        faults=faults,
        network=network,
        operations=Operations(
            model=model,
            faults=faults,
            callers=callers,
            authentication=authentication,
            self_service=SelfService(
                access_tokens=access_tokens, directory=directory, sign_outs=sign_outs, faults=faults
            ),
            token_renewal=TokenRenewal(
                directory=directory,
                refresh_tokens=refresh_tokens,
                rotation=rotation,
                tokens=tokens,
                devices=devices,
                faults=faults,
            ),
            devices=DeviceOperations(
                access_tokens=access_tokens, directory=directory, lookup=lookup, devices=devices, faults=faults
            ),
            revocation=Revocation(directory=directory, tokens=tokens, sign_outs=sign_outs, faults=faults),
            mfa_preferences=MfaPreferences(
                access_tokens=access_tokens, directory=directory, lookup=lookup, software_tokens=software_tokens
            ),
            software_token=software_token,
            passkeys=PasskeyOperations(
                access_tokens=access_tokens,
                ceremonies=passkey_ceremonies,
                challenges=passkey_challenges,
                clock=clock,
                directory=directory,
                faults=faults,
                options=passkey_options,
                sign_outs=sign_outs,
                store=passkeys,
            ),
            directory_operations=DirectoryOperations(
                directory=directory, lookup=lookup, sign_outs=sign_outs, faults=faults
            ),
            attribute_updates=AttributeUpdates(
                access_tokens=access_tokens,
                clock=clock,
                courier=courier,
                directory=directory,
                entropy=entropy,
                faults=faults,
                lookup=lookup,
            ),
            registration=Registration(
                directory=directory, faults=faults, forwarding=forwarding, lookup=lookup, triggers=triggers
            ),
            risk_configurations=RiskConfigurations(directory),
            forwarding=forwarding,
        ),
        discovery=Discovery(directory=directory, keys=keys, tokens=tokens, endpoint=endpoint, faults=faults),
        other_services=OtherServices(gateway=gateway, clock=clock, mailbox=mailbox, phone=phone, calls=service_calls),
    )
