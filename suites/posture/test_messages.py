"""Who sends the pool's mails and texts: POS-45 to POS-47."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, LOW, MEDIUM, POOL, SHOULD, check
from harness.posture import demand_none

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.posture import PoolPosture

_FAILURES = {"EmailConfigurationFailure": "mails", "SmsConfigurationFailure": "texts"}


@check(
    "POS-45",
    level=SHOULD,
    severity=LOW,
    clause="Cognito developer guide, Email settings, and Quotas (50 mails a day with the default sender)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.default-mail-sender": "50 mails a day"},
)
def test_mails_have_a_sender_of_their_own(posture: PoolPosture, observe: Observe) -> None:
    """The pool sends its mails through SES, not through Cognito's own sender.

    That one sends 50 mails a day, to the whole pool: on the day of a campaign, or of somebody who asks for codes in a
    loop, nobody else can sign up or recover a password. Set EmailConfiguration to EmailSendingAccount = DEVELOPER with
    the SourceArn of an SES identity. A CustomEmailSender trigger does instead; it is recorded.
    """
    told = posture.settings.get("EmailConfiguration") or {}
    if "CustomEmailSender" in posture.triggers:
        observe("mails", "sent by the CustomEmailSender trigger")
        return
    sender = told.get("EmailSendingAccount") or "COGNITO_DEFAULT"
    demand_none(
        [f"mails are sent by {sender}: 50 mails a day for the whole pool"] if sender == "COGNITO_DEFAULT" else [],
        "EmailConfiguration.EmailSendingAccount = DEVELOPER",
    )


@check(
    "POS-46",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API reference, UserPoolType (EmailConfigurationFailure, SmsConfigurationFailure)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.mails-fail": "mails cannot be sent"},
)
def test_messages_can_be_sent(posture: PoolPosture) -> None:
    """Cognito reports no trouble with sending mails and texts.

    Where it does, codes and links do not arrive: nobody can sign up, recover a password or answer a second factor. The
    finding holds AWS's own words; mend the SES identity, the role for SNS or their permissions.
    """
    demand_none(
        (
            f"{what} cannot be sent: {posture.settings[member]}"
            for member, what in _FAILURES.items()
            if posture.settings.get(member)
        ),
        "mend what AWS names",
    )


@check(
    "POS-47",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API reference, SmsConfigurationType (ExternalId); IAM user guide, The confused deputy problem",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.texts-without-external-id": "has no ExternalId"},
)
def test_the_role_for_texts_is_bound_to_the_pool(posture: PoolPosture, observe: Observe) -> None:
    """Where texts are sent, the role for it is assumed with an external id.

    A role that trusts Cognito without one can be used from other people's pools, to send texts at your cost. Set the
    ExternalId of SmsConfiguration, and demand it in the role's trust policy. The region of SNS is recorded: where it is
    not told, the pool's own is meant.
    """
    told = posture.sms
    sender = told.get("EumsSms") or told
    if not told:
        observe("texts", "not sent")
        return
    observe("texts", f"sent from {told.get('SnsRegion') or sender.get('Region') or 'a region that is not told'}")
    role = sender.get("SnsCallerArn") or sender.get("CallerArn") or "not told"
    demand_none(
        [] if sender.get("ExternalId") else [f"the role for texts ({role}) has no ExternalId"],
        "SmsConfiguration.ExternalId, and the same in the role's trust policy",
    )
