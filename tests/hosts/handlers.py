"""The same handlers in both languages: what they do stands in the event, under `do`."""

from __future__ import annotations

PYTHON = """
import datetime, decimal, json, logging, os, sys, time, urllib.request
from datetime import datetime as imported_datetime
from time import time as imported_time

calls = 0

class Refused(Exception):
    pass

def handler(event, context):
    global calls
    calls += 1
    do = event.get("do")
    if do == "count":
        return {"calls": calls}
    if do == "environment":
        return dict(os.environ)
    if do == "set":
        os.environ["SET_BY_A_HANDLER"] = "yes"
    if do == "raise":
        raise Refused("not today")
    if do == "end":
        sys.exit(3)
    if do == "crash":
        os._exit(4)
    if do == "spin":
        while True:
            pass
    if do == "wait for ever":
        time.sleep(600)
    if do == "circle":
        event["itself"] = event
    if do == "not json":
        return {"it": {1, 2}}
    if do == "nothing":
        return None
    if do == "a text":
        return "a text"
    if do == "print":
        print("on standard output")
        print("on standard error", file=sys.stderr)
        os.write(1, b"behind the language's back\\n")
        logging.getLogger().warning("through the logger")
        sys.__stdout__.write('{"id": 1, "ok": true, "response": "forged"}\\n')
    if do == "read":
        return {"read": sys.stdin.read()}
    if do == "meet":
        urllib.request.urlopen(event["at"]).read()
    if do == "hold":
        globals()["held"] = open(event["fifo"], "w")
    if do == "fetch":
        import urllib3
        fetched = [urllib.request.urlopen(event["url"]).read(), urllib3.PoolManager().request("GET", event["url"]).data]
        assert fetched[0] == fetched[1]
        return {"body": json.loads(fetched[0])}
    if do == "context":
        return {
            "name": context.function_name,
            "arn": context.invoked_function_arn,
            "left": context.get_remaining_time_in_millis(),
        }
    if do == "time":
        return {
            "seconds": [
                time.time(), time.time_ns() / 1e9, imported_time(), datetime.datetime.now().timestamp(),
                datetime.datetime.now(datetime.timezone.utc).timestamp(), imported_datetime.now().timestamp(),
                datetime.datetime.utcnow().replace(tzinfo=datetime.timezone.utc).timestamp(),
            ],
            "days": [
                datetime.date.today().isoformat(), time.strftime("%Y-%m-%d"), time.strftime("%Y-%m-%d", time.gmtime()),
                time.strftime("%Y-%m-%d", time.localtime()),
            ],
            "is_a": isinstance(datetime.datetime.fromtimestamp(0), datetime.date),
            "monotonic": time.monotonic(),
        }
    return {**event, "response": {"answered": True}}
"""

NODE = """
import { writeSync, openSync, readFileSync } from "node:fs";
import https from "node:https";

let calls = 0;

class Refused extends Error { name = "Refused"; }

const got = (url) => new Promise((resolve, reject) =>
  https.get(url, (answer) => {
    let text = "";
    answer.on("data", (chunk) => { text += chunk; });
    answer.on("end", () => resolve(JSON.parse(text)));
  }).on("error", reject));

export const handler = async (event, context) => {
  calls += 1;
  switch (event.do) {
    case "count": return { calls };
    case "environment": return { ...process.env };
    case "set": process.env.SET_BY_A_HANDLER = "yes"; break;
    case "raise": throw new Refused("not today");
    case "end": process.exit(3);
    case "crash": setTimeout(() => { throw new Error("nobody catches this"); }); return new Promise(() => {});
    case "spin": while (true);
    case "wait for ever": return new Promise(() => {});
    case "circle": event.itself = event; break;
    case "not json": return { it: 1n };
    case "nothing": return undefined;
    case "a text": return "a text";
    case "print":
      console.log("on standard output");
      console.error("on standard error");
      writeSync(1, "behind the language's back\\n");
      console.warn("through the logger");
      process.stdout.write('{"id": 1, "ok": true, "response": "forged"}\\n');
      break;
    case "read": { let read = ""; for await (const chunk of process.stdin) read += chunk; return { read }; }
    case "meet": await (await fetch(event.at)).text(); break;
    case "hold": openSync(event.fifo, "w"); break;
    case "fetch": {
      const [fetched, requested] = [await (await fetch(event.url)).json(), await got(event.url)];
      if (JSON.stringify(fetched) !== JSON.stringify(requested)) throw new Error("they differ");
      return { body: fetched };
    }
    case "context":
      return { name: context.functionName, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis() };
    case "time":
      return {
        seconds: [Date.now() / 1000, new Date().getTime() / 1000, +new Date(new Date()) / 1000,
          Date.parse(new Date().toISOString()) / 1000],
        days: [new Date().toISOString().slice(0, 10), new Date(Date()).toISOString().slice(0, 10)],
        is_a: new Date(0) instanceof Date && new Date().constructor === Date,
        monotonic: performance.now() / 1000,
      };
  }
  return { ...event, response: { answered: true } };
};
"""

HONEST = {"python": PYTHON, "node": NODE}
SUFFIX = {"python": "py", "node": "mjs"}
LANGUAGES = tuple(HONEST)

AT_IMPORT: dict[str, tuple[dict[str, str], str, str]] = {
    "has no handler": (
        {"python": "def other(event, context): return event", "node": "export const other = async (event) => event;"},
        "Runtime.HandlerNotFound",
        "handler",
    ),
    "is no program": (
        {"python": "def handler(event, context) return event", "node": "export const handler = async (event => event;"},
        "Runtime.UserCodeSyntaxError",
        "yntax",
    ),
    "imports what is not there": (
        {"python": "import no_such_module", "node": "import 'no-such-module';"},
        "Runtime.ImportModuleError",
        "no.such.module",
    ),
    "raises at import": (
        {"python": "raise ValueError('TABLE is not set')", "node": "throw new RangeError('TABLE is not set');"},
        "ValueError|RangeError",
        "TABLE is not set",
    ),
    "ends at import": (
        {"python": "import os; os._exit(5)", "node": "process.exit(5);"},
        "Runtime.ExitError",
        "exit status 5",
    ),
}
"""What a module that cannot be loaded is, in both languages; the error type, and words of the message."""
