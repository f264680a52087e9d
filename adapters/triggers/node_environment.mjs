// One execution environment of a Node.js function: a worker of node_host.mjs. It answers the loading of the module, and
// then each event, in the words of Lambda's own runtime.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";

import { installClock, standAt } from "./movable_date.mjs";
import { installRedirects } from "./redirection.mjs";

class NotLoaded extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

/** What a handler learns of its invocation. */
function context(seconds) {
  const { AWS_LAMBDA_FUNCTION_NAME: functionName, AWS_REGION: region } = process.env;
  const ends = performance.now() + seconds * 1000;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${region}:123456789012:function:${functionName}`,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "conformance",
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(ends - performance.now())),
  };
}

/** The handler of `path/to/file.mjs:name`; an ES module or a CommonJS one. */
async function load(written) {
  const colon = written.lastIndexOf(":");
  const [file, attribute] = [written.slice(0, colon), written.slice(colon + 1)];
  const name = path.parse(file).name;
  process.env.LAMBDA_TASK_ROOT ??= path.dirname(file);
  if (!existsSync(file)) {
    throw new NotLoaded("Runtime.ImportModuleError", `Cannot find module '${name}': there is no file ${file}`);
  }
  let module;
  try {
    module = await import(pathToFileURL(file));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new NotLoaded("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`);
    }
    if (["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"].includes(error?.code)) {
      throw new NotLoaded("Runtime.ImportModuleError", `Error: ${error.message}`);
    }
    throw error;
  }
  // A CommonJS module's names are found by looking at its text, and not always all; its exports hold them.
  const handler = module[attribute] ?? module.default?.[attribute];
  if (handler === undefined) {
    throw new NotLoaded("Runtime.HandlerNotFound", `${name}.${attribute} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw new NotLoaded("Runtime.HandlerNotFound", `${name}.${attribute} is not a function`);
  }
  return handler;
}

/** Call a handler of either kind: one that gives a promise, or one that calls back. */
function call(handler, event, seconds) {
  return new Promise((resolve, reject) => {
    const callback = (error, response) => (error ? reject(error) : resolve(response));
    const told = { ...context(seconds), done: callback, succeed: resolve, fail: reject };
    const returned = handler(event, told, callback);
    if (typeof returned?.then === "function") {
      returned.then(resolve, reject);
    } else if (handler.length < 3 && returned !== undefined) {
      resolve(returned);
    } else if (handler.length < 2) {
      resolve(returned); // it can neither call back nor give a promise
    }
  });
}

function written(response) {
  const name = process.env.AWS_LAMBDA_FUNCTION_NAME;
  if (response === undefined) {
    console.error(`${name} returned undefined, which reaches its caller as null`);
    return "null";
  }
  try {
    return (
      JSON.stringify(response, (key, value) => {
        if (typeof value === "number" && !Number.isFinite(value)) {
          console.error(`${name} returned ${value}${key && ` as ${key}`}, which reaches its caller as null`);
        }
        return value;
      }) ?? "null"
    );
  } catch (error) {
    throw new NotLoaded("Runtime.MarshalError", `Unable to stringify response body: ${error.message.split("\n")[0]}`);
  }
}

function failure(id, error) {
  const isError = error instanceof Error;
  return {
    id,
    ok: false,
    error_type: String(isError ? error.name : typeof error),
    error_message: String(isError ? error.message : error),
  };
}

async function respond(handler, { id, event, seconds }) {
  try {
    return { id, ok: true, response: written(await call(handler, event, seconds)) };
  } catch (error) {
    console.error(error);
    return failure(id, error);
  }
}

installClock();
standAt(workerData.now);
installRedirects(workerData.redirect);
try {
  const handler = await load(workerData.handler);
  parentPort.on("message", async (message) => {
    if (Object.hasOwn(message, "now")) {
      standAt(message.now);
    } else {
      parentPort.postMessage(await respond(handler, message));
    }
  });
  parentPort.postMessage({ id: "load", ok: true });
} catch (error) {
  console.error(error);
  parentPort.postMessage(failure("load", error));
}
