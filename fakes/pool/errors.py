"""The errors of the service, as exceptions: one named family, raised anywhere and rendered at the server.

Every one carries the name that the AWS service model gives it and the message that the service
sends. Most are HTTP 400, as AWS answers (grade `reported`).
"""

from __future__ import annotations

from typing import ClassVar


class ServiceError(Exception):
    """An error answer of the service: `code` is the modelled name, `message` what the caller reads."""

    code: ClassVar[str] = "InternalErrorException"
    status: ClassVar[int] = 400
    closes_connection: ClassVar[bool] = False
    """True when the body was not read to its end, so that no second request can follow it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidParameter(ServiceError):
    """A parameter is missing, malformed or not allowed here."""

    code = "InvalidParameterException"


class NotAuthorized(ServiceError):
    """No proof, a wrong proof, or a proof that does not reach this far."""

    code = "NotAuthorizedException"


class ResourceNotFound(ServiceError):
    """A user pool or app client that does not exist."""

    code = "ResourceNotFoundException"


class UserNotFound(ServiceError):
    """No such user, told only where PreventUserExistenceErrors is LEGACY or to administrators."""

    code = "UserNotFoundException"


class UserNotConfirmed(ServiceError):
    """The user signed up and has not been confirmed."""

    code = "UserNotConfirmedException"


class PasswordResetRequired(ServiceError):
    """An administrator has reset the password; told only to who knows the old one."""

    code = "PasswordResetRequiredException"


class InvalidPassword(ServiceError):
    """A new password that the pool's policy refuses."""

    code = "InvalidPasswordException"


class UsernameExists(ServiceError):
    """The name or alias is somebody's already."""

    code = "UsernameExistsException"


class RefreshTokenReuse(ServiceError):
    """A refresh token that rotation has replaced."""

    code = "RefreshTokenReuseException"


class UnsupportedTokenType(ServiceError):
    """A token that is no refresh token, where only those can be revoked."""

    code = "UnsupportedTokenTypeException"


class UnsupportedOperation(ServiceError):
    """An operation that the app client has not switched on."""

    code = "UnsupportedOperationException"


class Unauthorized(ServiceError):
    """RevokeToken's own word for a client or a token that does not fit."""

    code = "UnauthorizedException"


class CodeMismatch(ServiceError):
    """A code that is not the one that was sent, or that the user's authenticator shows."""

    code = "CodeMismatchException"


class ExpiredCode(ServiceError):
    """A code that has been used, or is too old."""

    code = "ExpiredCodeException"


class EnableSoftwareTokenMfa(ServiceError):
    """A wrong code while a software token is set up."""

    code = "EnableSoftwareTokenMFAException"


class SoftwareTokenMfaNotFound(ServiceError):
    """Software tokens are not on in this pool, or the user has none."""

    code = "SoftwareTokenMFANotFoundException"


class DeviceKeyExists(ServiceError):
    """The device has been confirmed already."""

    code = "DeviceKeyExistsException"


class InvalidUserPoolConfiguration(ServiceError):
    """The pool demands what cannot be done here."""

    code = "InvalidUserPoolConfigurationException"


class UserLambdaValidation(ServiceError):
    """A trigger raised: that is how it refuses."""

    code = "UserLambdaValidationException"


class InvalidLambdaResponse(ServiceError):
    """A trigger returned what Cognito cannot use."""

    code = "InvalidLambdaResponseException"


class UnexpectedLambda(ServiceError):
    """A trigger could not be called, or did not answer in time."""

    code = "UnexpectedLambdaException"


class AliasExists(ServiceError):
    """An address that somebody else signs in with."""

    code = "AliasExistsException"


class LimitExceeded(ServiceError):
    """A user has as many of something as a user may have."""

    code = "LimitExceededException"


class WebAuthnNotEnabled(ServiceError):
    """The pool's sign-in policy does not allow passkeys."""

    code = "WebAuthnNotEnabledException"


class WebAuthnConfigurationMissing(ServiceError):
    """The pool has neither a relying party id nor a domain."""

    code = "WebAuthnConfigurationMissingException"


class WebAuthnChallengeNotFound(ServiceError):
    """No registration was started, or it has expired or was completed."""

    code = "WebAuthnChallengeNotFoundException"


class WebAuthnClientMismatch(ServiceError):
    """The access token is for another client than that at which the registration was started."""

    code = "WebAuthnClientMismatchException"


class WebAuthnRelyingPartyMismatch(ServiceError):
    """The credential is scoped to another relying party id."""

    code = "WebAuthnRelyingPartyMismatchException"


class WebAuthnOriginNotAllowed(ServiceError):
    """The credential was made on a page that is not the relying party's."""

    code = "WebAuthnOriginNotAllowedException"


class WebAuthnCredentialNotSupported(ServiceError):
    """The credential is of a kind that the pool does not take."""

    code = "WebAuthnCredentialNotSupportedException"


class TooManyRequests(ServiceError):
    """The service's own limit of requests a second."""

    code = "TooManyRequestsException"


class Throttled(ServiceError):
    """The front door's limit, before any operation is looked at; no operation models it."""

    code = "ThrottlingException"


class AccessDenied(ServiceError):
    """No policy of the caller's allows the operation."""

    code = "AccessDeniedException"


class MissingAuthenticationToken(ServiceError):
    """An operation that has to be signed came without a signature."""

    code = "MissingAuthenticationTokenException"


class IncompleteSignature(ServiceError):
    """An Authorization header that lacks a part."""

    code = "IncompleteSignatureException"


class UnrecognizedClient(ServiceError):
    """An access key that nobody has."""

    code = "UnrecognizedClientException"


class InvalidSignature(ServiceError):
    """A signature with another key, over something else, or of another time."""

    code = "InvalidSignatureException"


class SerializationProblem(ServiceError):
    """The body is not the JSON that the operation takes."""

    code = "SerializationException"


class UnreadableBody(SerializationProblem):
    """The body is not what its own headers say."""

    closes_connection = True


class UnknownOperation(ServiceError):
    """The X-Amz-Target names nothing that is served here."""

    code = "UnknownOperationException"


class RequestTooLarge(ServiceError):
    """The body is over the limit."""

    code = "RequestEntityTooLargeException"
    status = 413
    closes_connection = True


class RequestTimedOut(ServiceError):
    """The body did not arrive in time."""

    code = "RequestTimeoutException"
    status = 408
    closes_connection = True


class NotServedHere(ServiceError):
    """A path or method that neither the pool nor the services behind it serve."""

    code = "UnknownOperationException"
    status = 404


class InternalError(ServiceError):
    """The pool broke. An honest pool never answers this."""

    code = "InternalErrorException"
    status = 500


def incorrect_username_or_password() -> NotAuthorized:
    """The one opaque answer to every wrong proof (grade `measured`)."""
    return NotAuthorized("Incorrect username or password.")


def user_does_not_exist() -> UserNotFound:
    """What LEGACY clients and administrators are told (grade `measured`)."""
    return UserNotFound("User does not exist.")


def missing_parameter(name: str) -> InvalidParameter:
    """A required entry of AuthParameters or ChallengeResponses is not there (grades `reported`, `measured`)."""
    return InvalidParameter(f"Missing required parameter {name}")


def unrecognizable_lambda_output() -> InvalidLambdaResponse:
    """What every malformed answer of a trigger brings (grade `reported`)."""
    return InvalidLambdaResponse("Unrecognizable lambda output")
