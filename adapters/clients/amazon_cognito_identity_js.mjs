// amazon-cognito-identity-js, as a browser application uses it.
import cognito from "amazon-cognito-identity-js";

import { serve, UnansweredChallenge } from "./json_lines.mjs";

const CHALLENGES = ["newPasswordRequired", "mfaRequired", "totpRequired", "selectMFAType", "mfaSetup", "customChallenge"];

/** What a browser keeps for one user: as localStorage does it, null for what is not there. */
class Storage {
  #items = new Map();
  getItem = (name) => this.#items.get(name) ?? null;
  setItem = (name, value) => void this.#items.set(name, String(value));
  removeItem = (name) => void this.#items.delete(name);
  clear = () => this.#items.clear();
}

const DEVICE_ITEMS = { key: "deviceKey", group_key: "deviceGroupKey", password: "randomPasswordKey" };

function userOf({ endpoint, user_pool_id, client_id, username, device }) {
  const storage = new Storage();
  const prefix = `CognitoIdentityServiceProvider.${client_id}`;
  storage.setItem(`${prefix}.LastAuthUser`, username);
  for (const [name, item] of Object.entries(device ? DEVICE_ITEMS : {})) {
    storage.setItem(`${prefix}.${username}.${item}`, device[name]);
  }
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
      CHALLENGES.map((name) => [name, () => reject(new UnansweredChallenge(name))]),
    );
    callbacks.onFailure = reject;
    callbacks.onSuccess = (session) => resolve({ tokens: tokensOf(session), ...rememberedDevice(user) });
    if (answers.new_password) {
      callbacks.newPasswordRequired = () => user.completeNewPasswordChallenge(answers.new_password, {}, callbacks);
    }
    if (answers.totp) {
      callbacks.totpRequired = () => user.sendMFACode(answers.totp, callbacks, "SOFTWARE_TOKEN_MFA");
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
  capabilities: ["srp", "alias", "mfa", "device"],
  signIn,
  more: { refresh, global_sign_out: globalSignOut },
});
