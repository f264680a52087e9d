// @simplewebauthn/server, as its documentation shows it.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { SettingsService, verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";

const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url)));
const hello = {
  name: "@simplewebauthn/server",
  version: dependencies["@simplewebauthn/server"],
  capabilities: [
    "rs256", "es384", "es512", "eddsa", "algorithms", "counter", "conditional-create", "cross-origin",
    "packed", "fido-u2f", "tpm", "android-key", "android-safetynet", "apple", "trust-anchors",
  ],
};
const formats = ["packed", "fido-u2f", "tpm", "android-key", "apple", "android-safetynet"];

const toBase64url = (bytes) => Buffer.from(bytes).toString("base64url");
const fromBase64url = (text) => new Uint8Array(Buffer.from(text, "base64url"));

const expectations = ({ response, expected }) => ({
  response,
  expectedChallenge: expected.challenge,
  expectedOrigin: expected.origins,
  expectedRPID: expected.rp_id,
  requireUserVerification: expected.user_verification === "required",
});

async function register(request) {
  const { expected, response } = request;
  for (const identifier of formats) {
    SettingsService.setRootCertificates({ identifier, certificates: (expected.roots ?? []).map(fromBase64url) });
  }
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    ...expectations(request),
    requireUserPresence: expected.mediation !== "conditional",
    supportedAlgorithmIDs: expected.algorithms,
  });
  if (!verified) {
    throw new Error("verified is false");
  }
  const { credential, credentialDeviceType, credentialBackedUp, userVerified } = registrationInfo;
  return {
    credential: {
      id: credential.id,
      public_key: toBase64url(credential.publicKey),
      sign_count: credential.counter,
      backup_eligible: credentialDeviceType === "multiDevice",
      backup_state: credentialBackedUp,
      transports: response.response.transports ?? [],
      uv_initialized: userVerified,
    },
  };
}

async function authenticate(request) {
  const { expected, credential } = request;
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    ...expectations(request),
    expectedTopOrigin: expected.cross_origin ? expected.top_origins : undefined,
    credential: {
      id: credential.id,
      publicKey: fromBase64url(credential.public_key),
      counter: credential.sign_count,
      transports: credential.transports,
    },
  });
  if (!verified) {
    throw new Error("verified is false");
  }
  return { sign_count: authenticationInfo.newCounter, backup_state: authenticationInfo.credentialBackedUp };
}

const operations = { hello: async () => hello, register, authenticate };

// Standard output belongs to the protocol; whatever a library prints goes to standard error.
const writeAnswer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = { ok: true, ...(await operations[request.op](request)) };
  } catch (error) {
    answer = { ok: false, error_type: error.name, error_message: error.message };
  }
  writeAnswer(`${JSON.stringify({ id: request.id, ...answer })}\n`);
}
