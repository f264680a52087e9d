"""What a hostile, broken or merely unusual server does: scripts for the front that a client under test speaks to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harness.client_front import AWS_JSON, Forward, Reply, Request, Script
from harness.sign_in import Left

PASSWORD_VERIFIER = "PASSWORD_VERIFIER"  # noqa: S105 - the name of a challenge

Member = str | Left | Callable[[str], str]
"""What takes the place of a challenge parameter: a text, nothing, or what a function makes of it."""


def challenge_with(**changed: Member) -> Script:
    """PASSWORD_VERIFIER with these parameters changed, and nothing else."""

    def script(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if reply.json.get("ChallengeName") != PASSWORD_VERIFIER:
            return reply
        parameters = dict(reply.json["ChallengeParameters"])
        for name, change in changed.items():
            if isinstance(change, Left):
                parameters.pop(name, None)
            else:
                parameters[name] = change(parameters[name]) if callable(change) else change
        return reply.with_json({**reply.json, "ChallengeParameters": parameters})

    return script


def instead_of_the_challenge(reply: Reply) -> Script:
    """Every InitiateAuth is answered so."""
    return _instead(lambda request: request.operation == "InitiateAuth", reply)


def instead_of_the_tokens(reply: Reply) -> Script:
    """Every claim is answered so."""
    return _instead(lambda request: request.claim is not None, reply)


def instead_of_anything(reply: Reply) -> Script:
    """Every request is answered so."""
    return _instead(lambda _: True, reply)


def result_with(change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Script:
    """AuthenticationResult, changed."""

    def script(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if not reply.result:
            return reply
        return reply.with_json({**reply.json, "AuthenticationResult": change(reply.result)})

    return script


def challenge_after(seconds: float) -> Script:
    """PASSWORD_VERIFIER comes late by so many seconds."""

    def script(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if reply.json.get("ChallengeName") == PASSWORD_VERIFIER:
            threading.Event().wait(seconds)  # what is late is the subject
        return reply

    return script


def code_replaced(member: str, real: Callable[[], str]) -> Script:
    """A sent code is known only after the driver was asked: the one that the client was told becomes the real one."""

    def script(request: Request, forward: Forward) -> Reply:
        told = request.json.get("ChallengeResponses")
        if not isinstance(told, dict) or member not in told:
            return forward(request)
        changed = {**request.json, "ChallengeResponses": {**told, member: real()}}
        return forward(replace(request, body=Reply().with_json(changed).body))

    return script


def error(type: str, message: str, status: int = 400) -> Reply:
    """An error in the AWS form."""
    headers = {"Content-Type": AWS_JSON, "x-amzn-ErrorType": type, "x-amzn-ErrorMessage": message}
    return replace(Reply(status=status, headers=headers).with_json({"__type": type, "message": message}))


def challenge(name: str, **parameters: str) -> Reply:
    """A challenge."""
    return Reply().with_json({"ChallengeName": name, "Session": "s" * 64, "ChallengeParameters": parameters})


def _instead(applies: Callable[[Request], bool], reply: Reply) -> Script:
    return lambda request, forward: reply if applies(request) else forward(request)
