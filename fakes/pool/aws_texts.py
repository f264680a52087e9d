"""Text messages sent through SNS."""

from __future__ import annotations

from dataclasses import dataclass

from fakes.pool.aws_requests import AwsRequest


@dataclass(frozen=True)
class Text:
    """A text message to a number."""

    number: str
    text: str


def text_in(request: AwsRequest) -> Text | None:
    """The text that a request to SNS sends to a phone; None when it sends none."""
    if request.service != "sns":
        return None
    form = request.form()
    if form.get("Action") != "Publish" or not form.get("PhoneNumber"):
        return None
    return Text(form["PhoneNumber"], form.get("Message", ""))
