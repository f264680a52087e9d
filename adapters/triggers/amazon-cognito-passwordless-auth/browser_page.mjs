// What a page of an application does with the sample's own browser client, unmodified: the client's modules stand under /client/.
import { configure } from "/client/config.js";
import {
  authenticateWithFido2,
  fido2CreateCredential,
  fido2DeleteCredential,
  fido2ListCredentials,
  fido2UpdateCredential,
} from "/client/fido2.js";
import { storeTokens } from "/client/storage.js";

globalThis.application = {
  /** The user pool that the page signs in at; the API stands under /api on the page's own origin. */
  open({ endpoint, user_pool_id, client_id }) {
    localStorage.clear();
    configure({
      cognitoIdpEndpoint: endpoint,
      userPoolId: user_pool_id,
      clientId: client_id,
      fido2: { baseUrl: new URL("/api", location.href).href },
    });
  },

  /** Somebody has signed in some other way. */
  async signed_in({ tokens }) {
    await storeTokens({ ...tokens, expireAt: new Date(Date.now() + 3_600_000) });
  },

  register: ({ name }) => fido2CreateCredential({ friendlyName: name }),
  list: () => fido2ListCredentials(),
  rename: ({ id, name }) => fido2UpdateCredential({ credentialId: id, friendlyName: name }).then(() => {}),
  remove: ({ id }) => fido2DeleteCredential({ credentialId: id }).then(() => {}),

  /** With a user name, or without one. */
  async sign_in({ username }) {
    const statuses = [];
    const tokens = await authenticateWithFido2({
      username,
      tokensCb: async () => {},
      statusCb: (status) => statuses.push(status),
    }).signedIn;
    return { tokens, statuses };
  },
};
