// A trigger host for Node.js handlers (DESIGN: "Triggers: the host protocol"; docs/testing-triggers.md).
//
// What to run stands in the variable CONFORMANCE_TRIGGERS. Each function has a worker of its own with an environment
// of its own. Events that come while one is under way share the worker: their turns interleave wherever a handler
// awaits. A worker that crashed or was cut off is replaced at the next event.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

const ANSWERS = 3;
const WITH_ANSWERS_APART = "--with-answers-apart";
const ENVIRONMENT = new URL("node_environment.mjs", import.meta.url);

/** An invocation failed: Lambda's words for how. */
class Failed extends Error {
  constructor(type, message) {
    super(message);
    this.type = type;
  }
}

/** One execution environment: a worker that loads a function's module, and its invocations under way. */
class Environment {
  #worker;
  #underWay = new Map();
  #invocations = 0;
  #loading;
  isUsable = true;

  constructor({ handler, environment, redirect, now }) {
    this.#worker = new Worker(ENVIRONMENT, {
      env: environment,
      workerData: { handler, redirect, now },
      stdin: false,
      stdout: true,
      stderr: true,
    });
    this.#worker.stdout.pipe(process.stderr, { end: false });
    this.#worker.stderr.pipe(process.stderr, { end: false });
    this.#loading = new Promise((resolve, reject) => {
      this.#underWay.set("load", { resolve, reject });
    });
    this.#loading.catch(() => {}); // told to whoever asks
    this.#worker.on("message", (message) => this.#settle(message));
    this.#worker.on("error", (error) => this.#failAll(error?.name ?? "Error", String(error?.message ?? error)));
    this.#worker.on("exit", (code) => this.#failAll("Runtime.ExitError", `Runtime exited with error: exit status ${code}`));
  }

  setClock(now) {
    this.#worker.postMessage({ now });
  }

  /** What the function returned. */
  async invoke(event, { timeout_seconds, start_seconds }) {
    await this.#within(start_seconds, "its import", this.#loading);
    const id = ++this.#invocations;
    const answered = new Promise((resolve, reject) => this.#underWay.set(id, { resolve, reject }));
    this.#worker.postMessage({ id, event, seconds: timeout_seconds });
    try {
      return await this.#within(timeout_seconds, "the handler", answered);
    } finally {
      this.#underWay.delete(id);
      this.#endIfLeft();
    }
  }

  /** Take no further event, and end when those under way are done. */
  leave() {
    this.isUsable = false;
    this.#endIfLeft();
  }

  #endIfLeft() {
    if (!this.isUsable && this.#underWay.size === 0) {
      this.#worker.terminate();
    }
  }

  async #within(seconds, what, answer) {
    let timer;
    const silence = new Promise((_, reject) => {
      timer = setTimeout(() => {
        this.isUsable = false;
        if (what === "its import") {
          this.#underWay.delete("load");
        }
        reject(new Failed("Sandbox.Timedout", `Task timed out after ${seconds.toFixed(2)} seconds: ${what} was cut off`));
      }, seconds * 1000);
    });
    try {
      return await Promise.race([answer, silence]);
    } finally {
      clearTimeout(timer);
      this.#endIfLeft();
    }
  }

  #settle({ id, ok, response, error_type, error_message }) {
    const waiting = this.#underWay.get(id);
    this.#underWay.delete(id);
    if (ok) {
      waiting?.resolve(response === undefined ? null : JSON.parse(response));
    } else {
      this.isUsable &&= id !== "load";
      waiting?.reject(new Failed(error_type, error_message));
    }
    this.#endIfLeft();
  }

  #failAll(type, message) {
    this.isUsable = false;
    for (const { reject } of this.#underWay.values()) {
      reject(new Failed(type, message));
    }
    this.#underWay.clear();
  }
}

class Host {
  #functions;
  #told;
  #environments = new Map();
  #now = null;

  constructor(told) {
    this.#told = told;
    this.#functions = told.functions;
  }

  /** Who this is. */
  hello() {
    return {
      host: "node",
      version: process.versions.node,
      functions: Object.keys(this.#functions),
      capabilities: ["clock", "recycle"],
    };
  }

  /** One invocation. */
  async invoke({ function: name, event }) {
    if (!Object.hasOwn(this.#functions, name)) {
      const known = Object.keys(this.#functions).join(", ");
      throw new Failed("ResourceNotFoundException", `no function ${name}; configured: ${known}`);
    }
    return { response: await this.#environmentOf(name).invoke(event, this.#told) };
  }

  /** The time at which every function's clock stands; null: real time. */
  clock({ now }) {
    this.#now = now;
    for (const environment of this.#environments.values()) {
      environment.setClock(now);
    }
  }

  /** A cold start for every function; events under way end in their own environment. */
  recycle() {
    for (const environment of this.#environments.values()) {
      environment.leave();
    }
    this.#environments.clear();
  }

  /** Load every function's module. */
  warmUp() {
    for (const name of Object.keys(this.#functions)) {
      this.#environmentOf(name);
    }
  }

  #environmentOf(name) {
    let environment = this.#environments.get(name);
    if (!environment?.isUsable) {
      const { redirect } = this.#told;
      environment = new Environment({ ...this.#functions[name], redirect, now: this.#now });
      this.#environments.set(name, environment);
    }
    return environment;
  }
}

async function perform(host, request) {
  const operations = ["hello", "invoke", "clock", "recycle"];
  const id = request.id ?? null;
  try {
    if (!operations.includes(request.op)) {
      throw new Failed("UnknownOperation", `no operation ${request.op}; known: ${operations.join(", ")}`);
    }
    return { id, ok: true, ...(await host[request.op](request)) };
  } catch (error) {
    const told = error instanceof Failed;
    return { id, ok: false, error_type: told ? error.type : "Host.Failed", error_message: error.message };
  }
}

async function serve() {
  const answers = createWriteStream(null, { fd: ANSWERS });
  process.stderr.setMaxListeners(0);
  const host = new Host(JSON.parse(process.env.CONFORMANCE_TRIGGERS));
  host.warmUp();
  for await (const line of createInterface({ input: process.stdin })) {
    perform(host, JSON.parse(line)).then((answer) => answers.write(`${JSON.stringify(answer)}\n`));
  }
  process.exit();
}

if (process.argv.includes(WITH_ANSWERS_APART)) {
  await serve();
} else {
  // Standard output belongs to the protocol. Handlers may write to file descriptor 1 behind Node's back, as some loggers do:
  // so a second process has our standard output under another number, and standard error under this one.
  const itself = [...process.execArgv, fileURLToPath(import.meta.url), WITH_ANSWERS_APART];
  spawn(process.execPath, itself, { stdio: ["inherit", 2, 2, 1] }).on("exit", (code) => process.exit(code ?? 1));
}
