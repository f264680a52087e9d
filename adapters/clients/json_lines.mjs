// The driver protocol: one JSON object a line in, one a line out (DESIGN: "Clients: the driver protocol").
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url)));

// Standard output belongs to the protocol; whatever a client prints goes to standard error.
const writeAnswer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

/** The client wants something that its adapter cannot answer. */
export class UnansweredChallenge extends Error {
  name = "UnansweredChallenge";

  constructor(challenge) {
    super(`this adapter has no answer to ${challenge}`);
  }
}

/**
 * Drive one client until standard input ends.
 *
 * @param {string} name the client's package, one of package.json's dependencies
 * @param {string[]} capabilities what it can do, in the protocol's words
 * @param {(request: object) => Promise<object>} signIn resolves to `{tokens}`, and `device` where one was
 *   remembered, or rejects
 * @param {Record<string, (request: object) => Promise<object>>} more what else the client can be asked for
 */
export async function serve({ name, capabilities, signIn, more = {} }) {
  const operations = {
    hello: async () => ({ name, version: dependencies[name], capabilities }),
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
    return { id, ok: true, ...(await operations[request.op](request)) };
  } catch (error) {
    return { id, ok: false, error_type: error.name, error_message: error.message };
  }
}
