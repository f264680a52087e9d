// The driver protocol: one JSON object a line in, one a line out (docs/testing-clients.md).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url)));

// Standard output belongs to the protocol; whatever a client prints goes to standard error.
const writeAnswer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

/** What every client has here: a clock that can be set, and certificates to trust. */
const OF_THE_PROGRAM = ["clock", "tls"];

/** The client wants something that its adapter was given no answer to. */
export class UnansweredChallenge extends Error {
  name = "UnansweredChallenge";

  constructor(challenge) {
    super(`there is no answer to ${challenge}`);
    this.challenge = challenge;
  }
}

const Clock = Date;
let ahead = 0; // milliseconds
const present = () => Clock.now() + ahead;
globalThis.Date = new Proxy(Clock, {
  apply: () => new Clock(present()).toString(),
  construct: (target, given, as) => Reflect.construct(target, given.length > 0 ? given : [present()], as),
  get: (target, name) => (name === "now" ? present : Reflect.get(target, name)),
});

// Node.js reads NODE_EXTRA_CA_CERTS at its start; a certificate for one sign-in joins each context that is made in it.
const tls = createRequire(import.meta.url)("node:tls");
const createSecureContext = tls.createSecureContext;
let trusted = [];
tls.createSecureContext = (options) => {
  const made = createSecureContext(options);
  trusted.forEach((certificate) => made.context.addCACert(certificate));
  return made;
};

/**
 * Drive one client until standard input ends.
 *
 * @param {string} name the client's package, one of package.json's dependencies
 * @param {string[]} capabilities what it can do beside OF_THE_PROGRAM, in the protocol's words
 * @param {(request: object) => Promise<object>} signIn resolves to `{tokens}`, and `device` where one was
 *   remembered, or rejects
 * @param {Record<string, (request: object) => Promise<object>>} more what else the client can be asked for
 */
export async function serve({ name, capabilities, signIn, more = {} }) {
  const operations = {
    hello: async () => ({ name, version: dependencies[name], capabilities: [...capabilities, ...OF_THE_PROGRAM] }),
    sign_in: signIn,
    ...more,
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = await perform(operations, line);
    writeAnswer(`${JSON.stringify(answer)}\n`);
  }
}

async function perform(operations, line) {
  let id = null;
  try {
    const request = JSON.parse(line);
    id = request.id ?? null;
    if (!Object.hasOwn(operations, request.op)) {
      throw new RangeError(`no operation is called ${request.op}; known: ${Object.keys(operations).join(", ")}`);
    }
    ahead = request.now ? Clock.parse(request.now) - Clock.now() : 0;
    trusted = request.ca_file ? [readFileSync(request.ca_file)] : [];
    return { id, ok: true, ...(await operations[request.op](request)) };
  } catch (error) {
    const { name = typeof error, message = String(error), challenge } = error ?? {};
    return { id, ok: false, error_type: name, error_message: message, challenge };
  }
}
