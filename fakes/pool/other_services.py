"""The AWS services beside Cognito: moto's, with what is put right in front of it, and what they sent kept.

moto is entered by one thread of the pool's own, one request after the other: the server goes on
serving meanwhile, and a conditional write to a table is as atomic as it is in DynamoDB.
"""

from __future__ import annotations

from collections import Counter

from fakes.pool.aws_mail import mail_in
from fakes.pool.aws_requests import AwsRequest
from fakes.pool.aws_texts import text_in
from fakes.pool.clock import Clock
from fakes.pool.deliveries import Message, Outbox
from fakes.pool.kms_signatures import KmsSignatures
from fakes.pool.moto_gateway import MotoAnswer, MotoGateway


class OtherServices:
    """Performs requests that are not Cognito's."""

    def __init__(
        self, *, gateway: MotoGateway, clock: Clock, mailbox: Outbox, phone: Outbox, calls: Counter[str]
    ) -> None:
        self._gateway = gateway
        self._calls = calls
        self._clock = clock
        self._mailbox = mailbox
        self._phone = phone
        self._signatures = KmsSignatures(gateway)

    async def perform(self, request: AwsRequest) -> MotoAnswer:
        """The service's answer. Raises MotoFailed."""
        self._calls[f"{request.service}.{request.operation}"] += 1
        answer = await self._gateway.in_its_thread(lambda: self._performed(request))
        if answer.status == 200:
            self._keep(request)
        return answer

    def _performed(self, request: AwsRequest) -> MotoAnswer:
        answer = self._gateway.send(
            method=request.method, target=request.target, headers=request.headers, body=request.body
        )
        return self._signatures.corrected(request, answer)

    def _keep(self, request: AwsRequest) -> None:
        """What SES and SNS have taken, one message for everybody whom it goes to."""
        mail, text = mail_in(request), text_in(request)
        now = self._clock.now()
        if mail is not None:
            for address in mail.addresses:
                self._mailbox.keep(
                    Message(address, mail.text, now, mail.subject, mail.html, mail.sender, mail.recipients)
                )
        if text is not None:
            self._phone.keep(Message(text.number, text.text, now))
