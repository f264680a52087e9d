"""`python -m benchmarks.live` measures a live run against what its requests must take.

`serve` stands for AWS, in a process of its own: it answers late, has a quota, throttles some requests at random, and
demands signatures. The whole suite is run against it as against a live pool, with as many workers as the run chooses.

The lower bound is what no run that sends the same requests can be faster than:

    max(requests / rate, longest chain * latency)

`requests` are all that came, by the pool's own count: set-up, clean-up and what was throttled and sent again among
them. The quota lets through `rate` of them a second. Within one case each exchange waits for the answer before it, so
a case of n exchanges takes n times the latency at least, however many workers there are; `longest chain` is the
largest n, as far as the records keep exchanges.

The pool refuses what is over its quota (`over_rate`), and tells that from what it throttles by chance. Not one request
may be over it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import CHECKOUT, ProgramFailed, environment, served
from benchmarks.table import Figure, table
from reports.model import Results
from reports.reader import read_results
from reports.vocabulary import ExitCode, Verdict

LATENCY_SECONDS, REQUESTS_PER_SECOND, THROTTLED = 0.08, 25.0, 0.01
MOST_TIMES_THE_BOUND = 1.5
_POSTURE = "POS"
_RAN = frozenset({ExitCode.CLEAN, ExitCode.FINDINGS, ExitCode.INCONCLUSIVE})


@dataclass(frozen=True)
class Conditions:
    """What stands between the run and the pool: seconds before an answer, the quota, the share that is throttled."""

    latency_seconds: float = LATENCY_SECONDS
    requests_per_second: float = REQUESTS_PER_SECOND
    throttled: float = THROTTLED

    def lower_bound(self, requests: int, longest_chain: int) -> float:
        """Seconds; see above."""
        return max(requests / self.requests_per_second, longest_chain * self.latency_seconds)


@dataclass(frozen=True)
class LiveRun:
    """One run: how long it took from start to exit, what the pool counted, and its results."""

    conditions: Conditions
    seconds: float
    counted: Mapping[str, Any]
    results: Results

    @property
    def bound(self) -> float:
        """The lower bound, in seconds."""
        longest = max((len(record.transcript) for record in self.results.records), default=0)
        return self.conditions.lower_bound(self.counted["requests"], longest)

    @property
    def figures(self) -> list[Figure]:
        """What was measured, beside its budget."""
        return [
            Figure("requests, by the pool's own count", self.counted["requests"], ""),
            Figure("throttled by chance", self.counted["throttled"], ""),
            Figure("over the quota", self.counted["over_rate"], "", most=1),
            Figure("most requests in any one second", self.counted["most_in_a_second"], ""),
            Figure("lower bound", self.bound, "s"),
            Figure("wall time", self.seconds, "s"),
            Figure("wall time over lower bound", self.seconds / self.bound, "times", most=MOST_TIMES_THE_BOUND),
        ]


def measured_run(conditions: Conditions, *options: str) -> LiveRun:
    """Run the suite (`options` go to `run`) as at a live pool. Raises ProgramFailed when it cannot be run."""
    behaviour = (
        "--latency", str(conditions.latency_seconds), "--rate", str(conditions.requests_per_second),
        "--throttle", str(conditions.throttled), "--require-signature",
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="cognito-conformance-benchmark-") as folder:
        with served(*behaviour) as pool:
            configuration = _configuration(Path(folder), pool.ready, conditions.requests_per_second)
            started = time.perf_counter()
            results = _run(Path(folder), "--config", str(configuration), "--live", *options)
            seconds = time.perf_counter() - started
        return LiveRun(conditions, seconds, pool.counted, results)


def different_verdicts(live: Results, embedded: Results) -> Iterator[str]:
    """The cases that a live run decided otherwise than one on the embedded pool.

    What it cannot decide is left out, and posture: that judges the settings of one pool, and these are two.
    """
    expected = {record.id: record for record in embedded.records}
    for record in live.records:
        other = expected.get(record.id)
        if record.verdict is Verdict.NOT_APPLICABLE or record.family == _POSTURE:
            continue
        if other is not None and other.verdict is record.verdict:
            continue
        verdict = "missing" if other is None else other.verdict
        yield f"{record.id}: {record.verdict} live, {verdict} embedded: {record.message}"


def _configuration(folder: Path, ready: Mapping[str, Any], rate: float) -> Path:
    file = folder / "conformance.toml"
    file.write_text(
        f"""
[target]
kind = "live"
endpoint = "{ready["endpoint"]}"
region = "{ready["region"]}"

[live]
user_pool_id = "{ready["user_pool_id"]}"
make_clients = true
make_pools = true
requests_per_second = {rate}
most_users = 100000
ledger = "{folder / "ledger.jsonl"}"
""",
        encoding="utf-8",
    )
    return file


def _run(folder: Path, *options: str) -> Results:
    """`run` with these options, as a user would; its results."""
    out = folder / "results"
    command = [sys.executable, "-m", "cognito_conformance", "run", "--out", str(out), *options]
    credentials = {
        "AWS_ACCESS_KEY_ID": "conformance",
        "AWS_SECRET_ACCESS_KEY": "conformance",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    done = subprocess.run(
        command,
        cwd=CHECKOUT,
        env={**environment(), **credentials},
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode not in _RAN:
        raise ProgramFailed(f"run {' '.join(options)} exited {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}")
    return read_results(out)


def _results_of_embedded(options: Sequence[str], seed: int) -> Results:
    with tempfile.TemporaryDirectory(prefix="cognito-conformance-benchmark-") as folder:
        return _run(Path(folder), "--seed", str(seed), *options)


def main() -> None:
    """Print the table, and each verdict that is another than on the embedded pool."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--latency", type=float, default=LATENCY_SECONDS, help="seconds before each answer")
    parser.add_argument("--rate", type=float, default=REQUESTS_PER_SECOND, help="requests a second, the quota")
    parser.add_argument("--throttle", type=float, default=THROTTLED, help="share of requests throttled by chance")
    parser.add_argument("--compare", action="store_true", help="also run on the embedded pool, and compare verdicts")
    parser.add_argument("options", nargs="*", help="for `run`, after `--`: -- --only SRP -n 4")
    given = parser.parse_args()
    try:
        run = measured_run(Conditions(given.latency, given.rate, given.throttle), *given.options)
        print(table(run.figures))
        footer = run.results.footer
        print(f"exit {footer.exit_code}: {footer.reason}")
        if given.compare:
            embedded = _results_of_embedded(given.options, run.results.header.seed)
            different = list(different_verdicts(run.results, embedded))
            print(f"{len(different)} verdicts are others than on the embedded pool", *different, sep="\n  ")
    except ProgramFailed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
