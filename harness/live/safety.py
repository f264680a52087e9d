"""What goes around a live run: the guard and the ledger before it, and after it the clean-up, however it ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from cognito_conformance import __version__
from harness.bench import RunIdentity
from harness.configuration_error import ConfigurationError
from harness.findings import Inconclusive
from harness.live.cleanup import Cleaned, clean_run
from harness.live.concurrency import with_workers
from harness.live.guard import PoolSeen, guard
from harness.live.ledger import Ledger, Opening, read_ledger
from harness.live.pace import SharedPace
from harness.live.plain_wire import plain_wire
from harness.live.plan import make_plan, render_plan, require_affordable
from harness.live.processes import this_process
from reports.model import RunFinding

if TYPE_CHECKING:
    from harness.settings import Settings

_ENDINGS = (signal.SIGTERM, signal.SIGHUP)


@dataclass
class LiveRun:
    """A live run, seen from the process that leads it."""

    settings: Settings
    name: str
    unseen: str = ""
    """Why the pool could not be looked at; nothing may then be made in it."""
    _cleaned: Cleaned | None = None

    @property
    def ledger(self) -> Ledger:
        """The run's ledger."""
        return Ledger(self.settings.live.ledger, self.name)

    def admit(self, say: Callable[[str], None]) -> None:
        """Look at the pool, and say what the run is going to do there. Makes nothing.

        Raises ConfigurationError when the pool looks like production, or the plan makes more users than is allowed.
        """
        live = self.settings.live
        wire = plain_wire(self.settings.target, live, self.name)
        seen = PoolSeen()
        try:
            seen = guard(wire, live)
        except Inconclusive as problem:
            self.unseen = str(problem)
        finally:
            wire.close()
        self.settings = with_workers(self.settings, wire.transcript)
        plan = make_plan(self.settings)
        say(render_plan(plan, self.settings, seen.name))
        if self.unseen:
            say(f"the pool could not be looked at, and a run would make nothing: {self.unseen}")
        require_affordable(plan, live)

    def begin(self) -> None:
        """Note the run in the ledger. Raises UnwritableLedger: without a ledger nothing is made."""
        live, target = self.settings.live, self.settings.target
        host, process, started = this_process()
        self.ledger.begin(
            Opening(
                user_pool_id=live.user_pool_id or "",
                region=target.region,
                endpoint=target.endpoint,
                profile=live.profile,
                role_arn=live.role_arn,
                tool_version=__version__,
                host=host,
                process=process,
                process_started=started,
            )
        )

    @property
    def has_cleaned_up(self) -> bool:
        """Whether `clean_up` was called."""
        return self._cleaned is not None

    def clean_up(self) -> list[RunFinding]:
        """Take away what the workers did not, once they have ended; a finding for each thing that is left.

        Done once; the second call tells the same again. Raises nothing: a run keeps its results whatever is left.
        """
        if self._cleaned is None:
            self._cleaned = self._clean()
        left = [f"{entry.described()}: {reason}" for entry, reason in self._cleaned.left]
        if self._cleaned.passed_over:
            left.append(self._cleaned.passed_over)
        return [
            RunFinding(kind="target", message=f"left behind: {what}; `cognito-conformance cleanup` tries again")
            for what in left
        ]

    def _clean(self) -> Cleaned:
        wire = plain_wire(self.settings.target, self.settings.live, self.name)
        try:
            return clean_run(read_ledger(self.ledger.path).runs[self.name], self.ledger, wire)
        except KeyboardInterrupt:
            return Cleaned(self.name, passed_over="whatever the clean-up had not come to when it was interrupted")
        except (ConfigurationError, KeyError) as problem:
            return Cleaned(self.name, passed_over=f"perhaps something, for the ledger does not tell ({problem})")
        finally:
            wire.close()
            SharedPace.of_run(self.name, self.settings.live.requests_per_second).remove()


@contextmanager
def safely(settings: Settings, run_name: str, say: Callable[[str], None]) -> Iterator[LiveRun]:
    """Admit and begin a live run, and clean up when it is over, also when it was ended by an error or a signal.

    Raises ConfigurationError when the run is refused; nothing has been made then.
    """
    run = LiveRun(settings, run_name)
    with _endings_interrupt():
        try:
            run.admit(say)
            run.begin()
            try:
                yield run
            finally:
                for finding in run.clean_up():
                    say(finding.message)
        finally:
            SharedPace.of_run(run_name, settings.live.requests_per_second).remove()


def show_plan(settings: Settings, say: Callable[[str], None]) -> None:
    """Say what a live run of these settings is going to do, and make nothing.

    Raises ConfigurationError when the run would be refused.
    """
    run = LiveRun(settings, RunIdentity.of(settings).name)
    try:
        run.admit(say)
    finally:
        SharedPace.of_run(run.name, settings.live.requests_per_second).remove()


@contextmanager
def _endings_interrupt() -> Iterator[None]:
    """SIGTERM and SIGHUP end a run as Ctrl-C does, and not before it has cleaned up."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals belong to the main thread, and to whoever runs it
        return
    before = {number: signal.signal(number, _interrupt) for number in _ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def require_word(settings: Settings, *, given: bool) -> None:
    """Refuse a live run that the command line does not ask for: a file alone must not be enough.

    Raises ConfigurationError, with what to add.
    """
    if settings.target.kind == "live" and not given:
        raise ConfigurationError(
            f"the configuration names a live pool, {settings.live.user_pool_id}; say `run --live` to sign in there, or "
            "`run --plan` to see what that would do"
        )
    if settings.target.kind != "live" and given:
        raise ConfigurationError(
            'there is no live pool to test; --live goes with target.kind = "live" (or --target live) and '
            "live.user_pool_id in the configuration. `init` writes one"
        )
