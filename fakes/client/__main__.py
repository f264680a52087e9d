"""The reference client as a driver, honest or with faults: `python -m fakes.client --fault client.hangs`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from typing import NoReturn

from fakes.client import ReferenceClient
from fakes.faults import FaultSwitches


def wait_for_ever() -> NoReturn:
    """What the client does under `client.hangs`."""
    while True:
        threading.Event().wait()


def main() -> None:
    """Answer requests until standard input ends."""
    parser = argparse.ArgumentParser(
        prog="python -m fakes.client", description="Drives the reference client over the driver protocol."
    )
    parser.add_argument("--fault", action="append", default=[], metavar="ID", help="switch a fault on; repeatable")
    switches = FaultSwitches()
    switches.switch_on(*parser.parse_args().fault)
    client = ReferenceClient(switches, environment=os.environ, wait_for_ever=wait_for_ever)
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin.buffer:
        request = json.loads(line)
        identity, op = request.pop("id"), request.pop("op")
        answers.write(json.dumps({"id": identity, **client.ask(op, **request)}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
