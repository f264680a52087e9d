// The sample's own browser client, unmodified, with what a browser lends it: a place, a history, a storage, fetch. One program is one browser.
//
// It reads one JSON object a line and answers each with one, as a driver does: `open` first, then what a page would have it do.
import { createInterface } from "node:readline";

import { Passwordless } from "amazon-cognito-passwordless-auth";
import { requestSignInLink, signInWithLink } from "amazon-cognito-passwordless-auth/magic-link";
import { stepUpAuthenticationWithSmsOtp } from "amazon-cognito-passwordless-auth/sms-otp-stepup";

// Standard output belongs to the answers; whatever the client prints goes to standard error.
const writeAnswer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const location = { href: "about:blank" };
const history = { pushState: (_state, _title, href) => (location.href = href) };
const storage = new Map();
let stepUp;

const operations = {
  /** A page of the application: its address, and the user pool it signs in at. */
  async open({ endpoint, user_pool_id, client_id, href }) {
    location.href = href;
    Passwordless.configure({
      cognitoIdpEndpoint: endpoint,
      userPoolId: user_pool_id,
      clientId: client_id,
      location,
      history,
      storage: {
        getItem: (key) => storage.get(key) ?? null,
        setItem: (key, value) => void storage.set(key, value),
        removeItem: (key) => void storage.delete(key),
      },
    });
    return {};
  },

  /** The user types a name and asks for a link, which is to lead to the page that is open. */
  async request_link({ username }) {
    return told((statusCb) => requestSignInLink({ username, statusCb }).signInLinkRequested.then(() => ({})));
  },

  /** The user opens the link in the mail; the page that it leads to signs them in. */
  async follow_link({ url }) {
    location.href = url;
    return told((statusCb, tokensCb) => signInWithLink({ statusCb, tokensCb }).signedIn.then((tokens) => ({ tokens })));
  },

  /** The user asks for a code; the client then waits for it. */
  async request_code({ username, access_token }) {
    return new Promise((answer, fail) => {
      const smsMfaCode = (phone_number) => new Promise((enter) => (stepUp.enter = enter) && answer({ phone_number }));
      const signedIn = told((statusCb, tokensCb) =>
        stepUpAuthenticationWithSmsOtp({ username, smsMfaCode, accessToken: access_token, statusCb, tokensCb }).signedIn.then(
          (tokens) => ({ tokens }),
        ),
      );
      stepUp = { signedIn };
      signedIn.catch(fail);
    });
  },

  /** The user types the code. */
  async enter_code({ code }) {
    stepUp.enter(code);
    return stepUp.signedIn;
  },
};

/** What an action of the client's came to, the states that it went through, and the address that is left. */
async function told(action) {
  const statuses = [];
  const found = await action((status) => statuses.push(status), async () => {});
  return { ...found, statuses, href: location.href };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, op, ...members } = JSON.parse(line);
  const answer = await operations[op](members).then(
    (found) => ({ id, ok: true, ...found }),
    ({ name, message }) => ({ id, ok: false, error_type: name, error_message: message }),
  );
  writeAnswer(`${JSON.stringify(answer)}\n`);
}
