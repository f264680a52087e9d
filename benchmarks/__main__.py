"""`python -m benchmarks` measures the performance budget in one run, on the embedded pool and moto's server."""

from __future__ import annotations

import argparse
import os
import platform
import sys

from benchmarks.commands import measured_commands, measured_suite
from benchmarks.links import measured_links
from benchmarks.passkeys import measured_passkeys
from benchmarks.processes import ProgramFailed
from benchmarks.reports import measured_reports
from benchmarks.sign_ins import measured_rates
from benchmarks.table import Figure, table


def figures(rounds: int) -> list[Figure]:
    """Measure everything; the budget is the one in DESIGN's section of that name."""
    commands = measured_commands(rounds=rounds)
    rates = measured_rates(rounds=rounds)
    links = measured_links(rounds=rounds)
    passkeys = measured_passkeys(rounds=rounds)
    reports = measured_reports(rounds=rounds)
    suite = measured_suite(rounds=rounds)
    return [
        Figure("list", commands.list_checks, "s", most=0.5),
        Figure("explain", commands.explain_check, "s", most=0.5),
        Figure("one check on the embedded pool, cold", commands.one_check, "s", most=3),
        Figure(
            "3072-bit power, 256-bit exponent (0.68 where the budget was set)", rates.exponentiation_milliseconds, "ms"
        ),
        Figure("embedded pool, verified SRP sign-ins", rates.verified, "/s", least=100),
        Figure("moto's server, unverified, the same client", rates.unverified, "/s"),
        Figure("moto's server, unverified, no proof computed", rates.unverified_without_proof, "/s"),
        Figure("embedded pool over moto, the same client", rates.verified / rates.unverified, "times", least=1),
        Figure("embedded pool over moto, no proof computed", rates.verified / rates.unverified_without_proof, "times"),
        Figure("sign-in by link, reference triggers, warm", links.reference, "ms"),
        Figure("sign-in by link, triggers in the Node host, warm", links.node, "ms", most=100),
        Figure("sign-in with a passkey, reference triggers, warm", passkeys.reference, "ms"),
        Figure("sign-in with a passkey, a sample's triggers in the Node host, warm", passkeys.node, "ms", most=100),
        Figure("5,000 cases as HTML", reports.seconds["html"], "s", most=5),
        Figure("5,000 cases as HTML, size", reports.page_megabytes, "MB", most=5),
        Figure("5,000 cases, the slowest report", max(reports.seconds.values()), "s", most=5),
        Figure("passkeys: WA, CRED and NP, one worker", suite.passkeys, "s", most=60),
        Figure("whole suite, one worker", suite.one_worker, "s", most=30),
        Figure("whole suite, two workers", suite.two_workers, "s"),
        Figure("whole suite, gain of the second worker", suite.one_worker / suite.two_workers, "times", least=1.6),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each figure; the median counts")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, median of {options.rounds}, in turns")
    try:
        print(table(figures(options.rounds)))
    except ProgramFailed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
