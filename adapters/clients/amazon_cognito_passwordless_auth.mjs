// The browser client of amazon-cognito-passwordless-auth, signing in with a password.
import { Passwordless } from "amazon-cognito-passwordless-auth";
import { authenticateWithSRP } from "amazon-cognito-passwordless-auth/srp";
import { storeTokens } from "amazon-cognito-passwordless-auth/storage";

import { serve } from "./json_lines.mjs";

async function signIn({ endpoint, user_pool_id, client_id, client_secret, username, password, answers = {} }) {
  Passwordless.configure({
    cognitoIdpEndpoint: `${endpoint}/`,
    userPoolId: user_pool_id,
    clientId: client_id,
    clientSecret: client_secret ?? undefined,
  });
  const answerWith = (answer) => answer && (async () => answer);
  const { accessToken, idToken, refreshToken } = await authenticateWithSRP({
    username,
    password,
    newPassword: answerWith(answers.new_password),
    otpMfaCode: answerWith(answers.totp),
    smsMfaCode: answerWith(answers.sms_code),
    tokensCb: storeTokens, // as the default does, which would also keep them fresh in the background
  }).signedIn;
  return { tokens: { access_token: accessToken, id_token: idToken, refresh_token: refreshToken } };
}

await serve({
  name: "amazon-cognito-passwordless-auth",
  capabilities: ["srp", "alias", "secret_hash", "new_password", "mfa"],
  signIn,
});
