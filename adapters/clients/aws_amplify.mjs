// AWS Amplify's signIn, as a browser application uses it.
import { Amplify } from "aws-amplify";
import { confirmSignIn, signIn as amplifySignIn } from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";

import { BrowserStorage } from "./browser_storage.mjs";
import { serve, UnansweredChallenge } from "./json_lines.mjs";

globalThis.navigator ??= { userAgent: `Node.js ${process.version}` }; // a device is called after its browser

const ANSWERS = {
  CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED: ["NEW_PASSWORD_REQUIRED", "new_password"],
  CONFIRM_SIGN_IN_WITH_TOTP_CODE: ["SOFTWARE_TOKEN_MFA", "totp"],
  CONFIRM_SIGN_IN_WITH_SMS_CODE: ["SMS_MFA", "sms_code"],
};

async function signIn(request) {
  const { endpoint, user_pool_id, client_id, username, password } = request;
  const answers = { ...request.answers };
  const storage = new BrowserStorage(request);
  Amplify.configure({
    Auth: { Cognito: { userPoolId: user_pool_id, userPoolClientId: client_id, userPoolEndpoint: endpoint } },
  });
  cognitoUserPoolsTokenProvider.setKeyValueStorage(storage);

  let { nextStep } = await amplifySignIn({ username, password, options: { authFlowType: "USER_SRP_AUTH" } });
  while (nextStep.signInStep !== "DONE") {
    const [challenge, name] = ANSWERS[nextStep.signInStep] ?? [nextStep.signInStep];
    const { [name]: challengeResponse } = answers;
    if (!challengeResponse) {
      throw new UnansweredChallenge(challenge);
    }
    delete answers[name]; // no answer is given twice
    ({ nextStep } = await confirmSignIn({ challengeResponse }));
  }
  return { tokens: storage.tokens(), ...storage.device() };
}

await serve({ name: "aws-amplify", capabilities: ["srp", "alias", "new_password", "mfa", "device"], signIn });
