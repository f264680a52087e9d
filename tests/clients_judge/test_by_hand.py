"""`cognito-conformance client -- COMMAND`: a driver is tried, each line shown, and the exit code says how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.vocabulary import ExitCode
from tests.clients_judge.conftest import reference
from tests.harness.conftest import command

__all__ = ["command"]  # a fixture here too

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.conftest import Finished


def test_a_good_driver_is_shown_line_by_line_with_what_would_be_judged(command: Callable[..., Finished]) -> None:
    done = command("client", "--", *reference())
    assert done.exit_code == ExitCode.CLEAN, done.output
    assert '→ {"op": "hello"}' in done.output
    assert "the pool was sent RespondToAuthChallenge" in done.output
    assert "ok  the right password signed in" in done.output
    assert "ok  a wrong password was an error" in done.output
    assert "CLI-02   judged" in done.output


def test_a_client_that_cannot_sign_in_is_a_finding(command: Callable[..., Finished]) -> None:
    done = command("client", "--", *reference("client.names.full-pool-id"))
    assert done.exit_code == ExitCode.FINDINGS
    assert "the right password did not sign in" in done.output


def test_a_driver_that_does_not_speak_the_protocol_is_inconclusive(
    command: Callable[..., Finished], program: Callable[[str], list[str]]
) -> None:
    done = command("client", "--", *program("print('hello, world', flush=True)"))
    assert done.exit_code == ExitCode.INCONCLUSIVE
    assert "no JSON object: 'hello, world'" in done.output


def test_what_a_driver_does_not_claim_is_named(
    command: Callable[..., Finished], program: Callable[[str], list[str]]
) -> None:
    body = "for request in requests(): say(request, **HELLO, ok=request['op'] == 'hello', error_type='No')"
    done = command("client", "--", *program(body))
    assert done.exit_code == ExitCode.FINDINGS
    assert "CLI-07   not applicable, lacks client.alias" in done.output


def test_without_a_command_it_is_wrong_usage(command: Callable[..., Finished]) -> None:
    assert command("client").exit_code == ExitCode.USAGE
