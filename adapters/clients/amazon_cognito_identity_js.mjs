// amazon-cognito-identity-js, as a browser application uses it.
import cognito from "amazon-cognito-identity-js";

import { BrowserStorage } from "./browser_storage.mjs";
import { serve, UnansweredChallenge } from "./json_lines.mjs";

const CHALLENGES = {
  newPasswordRequired: "NEW_PASSWORD_REQUIRED",
  mfaRequired: "SMS_MFA",
  totpRequired: "SOFTWARE_TOKEN_MFA",
  selectMFAType: "SELECT_MFA_TYPE",
  mfaSetup: "MFA_SETUP",
  customChallenge: "CUSTOM_CHALLENGE",
};

function userOf(request) {
  const { endpoint, user_pool_id, client_id, username } = request;
  const storage = new BrowserStorage(request);
  const pool = new cognito.CognitoUserPool({
    UserPoolId: user_pool_id,
    ClientId: client_id,
    endpoint,
    Storage: storage,
  });
  return new cognito.CognitoUser({ Username: username, Pool: pool, Storage: storage });
}

function rememberedDevice(user) {
  user.getCachedDeviceKeyAndPassword();
  return user.deviceKey
    ? { device: { key: user.deviceKey, group_key: user.deviceGroupKey, password: user.randomPassword } }
    : {};
}

const tokensOf = (session) => ({
  access_token: session.getAccessToken().getJwtToken(),
  id_token: session.getIdToken().getJwtToken(),
  refresh_token: session.getRefreshToken().getToken(),
});

function signIn(request) {
  const { username, password, answers = {} } = request;
  const user = userOf(request);
  const details = new cognito.AuthenticationDetails({ Username: username, Password: password });

  return new Promise((resolve, reject) => {
    const callbacks = Object.fromEntries(
      Object.entries(CHALLENGES).map(([name, challenge]) => [name, () => reject(new UnansweredChallenge(challenge))]),
    );
    callbacks.onFailure = reject;
    callbacks.onSuccess = (session) => resolve({ tokens: tokensOf(session), ...rememberedDevice(user) });
    if (answers.new_password) {
      callbacks.newPasswordRequired = () => user.completeNewPasswordChallenge(answers.new_password, {}, callbacks);
    }
    if (answers.totp) {
      callbacks.totpRequired = () => user.sendMFACode(answers.totp, callbacks, "SOFTWARE_TOKEN_MFA");
    }
    if (answers.sms_code) {
      callbacks.mfaRequired = () => user.sendMFACode(answers.sms_code, callbacks, "SMS_MFA");
    }
    user.authenticateUser(details, callbacks);
  });
}

function refresh(request) {
  const token = new cognito.CognitoRefreshToken({ RefreshToken: request.tokens.refresh_token });
  return new Promise((resolve, reject) => {
    userOf(request).refreshSession(token, (error, session) => (error ? reject(error) : resolve({ tokens: tokensOf(session) })));
  });
}

function globalSignOut(request) {
  const { access_token, id_token, refresh_token } = request.tokens;
  const user = userOf(request);
  user.setSignInUserSession(
    new cognito.CognitoUserSession({
      AccessToken: new cognito.CognitoAccessToken({ AccessToken: access_token }),
      IdToken: new cognito.CognitoIdToken({ IdToken: id_token }),
      RefreshToken: new cognito.CognitoRefreshToken({ RefreshToken: refresh_token }),
    }),
  );
  return new Promise((resolve, reject) => {
    user.globalSignOut({ onSuccess: () => resolve({}), onFailure: reject });
  });
}

await serve({
  name: "amazon-cognito-identity-js",
  capabilities: ["srp", "alias", "new_password", "mfa", "device"],
  signIn,
  more: { refresh, global_sign_out: globalSignOut },
});
