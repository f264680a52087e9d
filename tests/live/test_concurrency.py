"""How many workers a live run has."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness.live.concurrency import FEWEST, MOST, with_workers, workers_for
from harness.settings import Settings
from harness.transcript import Transcript
from tests.harness.conftest import ROOT, environment


@pytest.mark.parametrize("rate", [0.1, 1, 10, 25, 120, 1_000])
@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.08, 0.3, 2])
def test_there_are_enough_to_keep_the_rate_busy_and_never_very_many(rate: float, seconds: float) -> None:
    workers = workers_for(rate, seconds)
    assert FEWEST <= workers <= MOST
    assert workers == MOST or workers >= rate * seconds


def seen(*seconds: float, status: int | None = 200) -> Transcript:
    transcript = Transcript()
    for each in seconds:
        transcript.record(
            operation="DescribeUserPool",
            method="POST",
            url="https://cognito-idp.us-east-1.amazonaws.com/",
            request={},
            status=status,
            response={},
            started=datetime.now(UTC),
            seconds=each,
        )
    return transcript


def chosen(transcript: Transcript, **run: Any) -> int | None:
    settings = Settings.model_validate({"run": run, "live": {"requests_per_second": 25}})
    return with_workers(settings, transcript).run.workers


def test_a_given_number_stands() -> None:
    assert chosen(seen(0.08), workers=3) == 3


def test_the_number_follows_from_the_latency_that_was_seen_the_odd_slow_exchange_apart() -> None:
    assert chosen(seen(1.5, 0.08, 0.08)) == workers_for(25, 0.08) < (chosen(seen(0.2)) or 0)


def test_a_worker_must_have_enough_to_do() -> None:
    assert chosen(seen(0.08), select=["SRP-01"]) == chosen(seen(0.08), select=["TOK-01"]) == 1
    assert chosen(seen(0.08), select=["STA"]) == chosen(seen(0.08))


def test_silences_tell_nothing_of_the_latency() -> None:
    assert chosen(seen(10, status=None)) == chosen(seen()) == workers_for(25, 0.1)


def test_elsewhere_there_is_one() -> None:
    assert Settings().run.workers is None


_WORKER = """
import sys
from harness.bench import Bench, RunIdentity
from harness.findings import TargetUnreachable
from harness.settings import Settings
pool = "us-east-1_abcdefghi"
settings = Settings.model_validate(
    {"target": {"kind": "live", "endpoint": "http://127.0.0.1:9"}, "live": {"user_pool_id": pool}}
)
bench = Bench(settings, RunIdentity("0a1b2c3d", "canary"), "gw0")
try:
    bench.wire.call("DescribeUserPool", {"UserPoolId": pool})
except TargetUnreachable:
    print(*sys.modules)
"""


def test_a_worker_sends_its_first_request_without_the_weight_of_the_embedded_pool(tmp_path: Path) -> None:
    credentials = {"AWS_ACCESS_KEY_ID": "conformance", "AWS_SECRET_ACCESS_KEY": "conformance", "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", _WORKER], cwd=ROOT, env={**environment(), **credentials}, capture_output=True, check=True
    )
    imported = {name.partition(".")[0] for name in done.stdout.decode().split()}
    assert "botocore" in imported
    assert not imported & {"moto", "flask", "werkzeug", "aiohttp", "hypothesis", "jinja2"}
