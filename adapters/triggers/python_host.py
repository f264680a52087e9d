"""A trigger host for Python handlers (DESIGN: "Triggers: the host protocol"; docs/testing-triggers.md).

What to run stands in the variable CONFORMANCE_TRIGGERS. Each function has processes of its own with an environment
of its own; a process takes one event at a time, as Lambda's execution environments do, and a function gets a
further process when all of its own are busy. The standard library is all that this wants, so that it runs under
whatever Python a team's handlers run under.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

Json = dict[str, Any]
_AT_ONCE = 256


class Failed(Exception):
    """An invocation failed: Lambda's words for how."""

    def __init__(self, error_type: str, error_message: str) -> None:
        super().__init__(error_message)
        self.error_type = error_type
        self.error_message = error_message


class Environment:
    """One execution environment: a process that has loaded a function's module and takes one event at a time."""

    def __init__(self, spec: Json, now: str | None) -> None:
        read, write = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-u", str(Path(__file__).with_name("python_environment.py")), spec["handler"], str(write)],
            stdin=subprocess.PIPE,
            stdout=sys.stderr.fileno(),  # what handlers print
            env=spec["environment"],
            pass_fds=[write],
            cwd=Path(spec["handler"]).parent if Path(spec["handler"]).parent.is_dir() else None,
        )
        os.close(write)
        self._answers: BinaryIO = os.fdopen(read, "rb")
        self._now = now
        self._send({"now": now})
        self._has_loaded = False
        self.is_usable = True
        """Whether it can take another event: it loaded, and has not been cut off or ended."""

    def invoke(self, function: str, event: Json, now: str | None, timing: Json) -> Any:
        """What the function returned. Raises Failed; after it, the environment may be of no more use."""
        self.is_usable = False
        if not self._has_loaded:
            answer = self._answer(timing["start_seconds"], "its import")
            _raise_for(answer)
            self._has_loaded = True
        if now != self._now:
            self._now = now
            self._send({"now": now})
        seconds = timing["timeout_seconds"]
        self._send({"event": event, "function": function, "seconds": seconds})
        answer = self._answer(seconds, "the handler")
        self.is_usable = True
        _raise_for(answer)
        return answer["response"]

    @property
    def has_ended(self) -> bool:
        """Whether its process ended between two events; what ends it while it loads is told to the first event."""
        return self._has_loaded and self._process.poll() is not None

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        self._answers.close()

    def _send(self, message: Json) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:  # it ended; the end of its answers says so
            pass

    def _answer(self, seconds: float, what: str) -> Json:
        cut = threading.Event()

        def cut_off() -> None:
            cut.set()
            self._process.kill()

        timer = threading.Timer(seconds, cut_off)
        timer.start()
        try:
            line = self._answers.readline()
        finally:
            timer.cancel()
        if line.endswith(b"\n"):
            answer: Json = json.loads(line)
            return answer
        if cut.is_set():
            raise Failed("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds: {what} was cut off")
        raise Failed("Runtime.ExitError", f"Runtime exited with error: {_status(self._process.wait())}")


def _raise_for(answer: Json) -> None:
    if not answer["ok"]:
        raise Failed(answer["error_type"], answer["error_message"])


def _status(code: int) -> str:
    return f"exit status {code}" if code >= 0 else f"signal: {signal.Signals(-code).name}"


class Function:
    """A function and its execution environments."""

    def __init__(self, name: str, spec: Json, most: int, timing: Json) -> None:
        self._name = name
        self._spec = spec
        self._timing = timing
        self._places = threading.BoundedSemaphore(most)
        self._idle: queue.LifoQueue[Environment] = queue.LifoQueue()
        self._generation = 0
        self._lock = threading.Lock()
        self.now: str | None = None

    def warm_up(self) -> None:
        """Start a first environment: it loads while other work is done."""
        self._idle.put(Environment(self._spec, self.now))

    def invoke(self, event: Json) -> Any:
        """What the function returned. Raises Failed."""
        with self._places:
            with self._lock:
                generation = self._generation
            environment = self._free_environment()
            try:
                return environment.invoke(self._name, event, self.now, self._timing)
            finally:
                with self._lock:
                    keep = environment.is_usable and generation == self._generation
                    if keep:
                        self._idle.put(environment)
                if not keep:
                    environment.end()

    def recycle(self) -> None:
        """A cold start for the next event; one under way ends in its own environment."""
        with self._lock:
            self._generation += 1
        self.end()

    def end(self) -> None:
        """End the environments that nothing runs in."""
        while True:
            try:
                self._idle.get_nowait().end()
            except queue.Empty:
                return

    def _free_environment(self) -> Environment:
        while True:
            try:
                environment = self._idle.get_nowait()
            except queue.Empty:
                return Environment(self._spec, self.now)
            if not environment.has_ended:
                return environment
            environment.end()


class Host:
    """All functions, and the operations of the protocol."""

    def __init__(self, told: Json) -> None:
        timing = {name: told[name] for name in ("timeout_seconds", "start_seconds")}
        self._functions = {
            name: Function(
                name,
                {
                    "handler": spec["handler"],
                    "environment": {**spec["environment"], "CONFORMANCE_REDIRECT": json.dumps(told["redirect"])},
                },
                told["environments"],
                timing,
            )
            for name, spec in told["functions"].items()
        }

    def hello(self, _request: Json) -> Json:
        """Who this is."""
        return {
            "host": "python",
            "version": sys.version.split()[0],
            "functions": list(self._functions),
            "capabilities": ["clock", "recycle"],
        }

    def invoke(self, request: Json) -> Json:
        """One invocation."""
        function = self._functions.get(request["function"])
        if function is None:
            known = ", ".join(self._functions)
            raise Failed("ResourceNotFoundException", f"no function {request['function']}; configured: {known}")
        return {"response": function.invoke(request["event"])}

    def clock(self, request: Json) -> Json:
        """The time at which every function's clock stands from its next event on; null: real time."""
        for function in self._functions.values():
            function.now = request["now"]
        return {}

    def recycle(self, _request: Json) -> Json:
        """A cold start for every function."""
        for function in self._functions.values():
            function.recycle()
        return {}

    def warm_up(self) -> None:
        """Load every function's module."""
        for function in self._functions.values():
            function.warm_up()

    def end(self) -> None:
        """End every process."""
        for function in self._functions.values():
            function.end()


def main() -> None:
    """Serve until standard input ends."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)  # standard output belongs to the protocol
    os.dup2(2, 1)
    host = Host(json.loads(os.environ["CONFORMANCE_TRIGGERS"]))
    host.warm_up()
    operations = {"hello": host.hello, "invoke": host.invoke, "clock": host.clock, "recycle": host.recycle}
    writing = threading.Lock()

    def answer(request: Json) -> None:
        identity = request.get("id")
        try:
            if request.get("op") not in operations:
                raise Failed("UnknownOperation", f"no operation {request.get('op')}; known: {', '.join(operations)}")
            said = {"id": identity, "ok": True, **operations[request["op"]](request)}
        except Failed as failure:
            said = {
                "id": identity,
                "ok": False,
                "error_type": failure.error_type,
                "error_message": failure.error_message,
            }
        except Exception as error:  # of this program: say so, and live on
            said = {"id": identity, "ok": False, "error_type": "Host.Failed", "error_message": repr(error)}
        with writing:
            answers.write(json.dumps(said).encode() + b"\n")

    threads = ThreadPoolExecutor(_AT_ONCE)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if request.get("op") == "invoke":
            threads.submit(answer, request)
        else:
            answer(request)
    host.end()
    os._exit(0)  # whoever closed our input waits for no answer; what is still busy ends with its own input


if __name__ == "__main__":
    main()
