// aws-jwt-verify, as its README shows it.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { CognitoJwtVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";

const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url)));
const hello = {
  name: "aws-jwt-verify",
  version: dependencies["aws-jwt-verify"],
  capabilities: ["scopes", "groups", "grace", "clock", "jwks-fetch"],
};

function verifierFor(request, jwksCache) {
  return CognitoJwtVerifier.create(
    {
      userPoolId: request.issuer.split("/").pop(),
      tokenUse: request.token_use,
      clientId: request.client_id,
      scope: request.required_scopes ?? null,
      groups: request.required_groups ?? null,
      graceSeconds: request.grace_seconds ?? 0,
    },
    { jwksCache },
  );
}

// One verifier an address, kept as a service keeps it: that is where the keys are cached. It insists on https and
// the pool's own host, so only the request itself goes elsewhere; cache and penalty box are its own.
const fetching = new Map();
function fetchingVerifier(request) {
  if (!fetching.has(request.jwks_uri)) {
    const fetcher = { fetch: async () => (await fetch(request.jwks_uri)).arrayBuffer() };
    fetching.set(request.jwks_uri, verifierFor(request, new SimpleJwksCache({ fetcher })));
  }
  return fetching.get(request.jwks_uri);
}

async function verify(request) {
  if (request.jwks_uri) {
    await fetchingVerifier(request).verify(request.token);
    return;
  }
  const verifier = verifierFor(request);
  verifier.cacheJwks(request.jwks);
  verifier.verifySync(request.token);
}

async function answer(request) {
  if (request.op === "hello") {
    return { ok: true, ...hello };
  }
  Date.now = () => request.now * 1000;
  try {
    await verify(request);
    return { ok: true };
  } catch (error) {
    return { ok: false, error_type: error.constructor.name, error_message: error.message };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id: request.id, ...(await answer(request)) })}\n`);
}
