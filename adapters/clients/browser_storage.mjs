// What a browser keeps of one user, under the names that Amplify and amazon-cognito-identity-js share.

const DEVICE_ITEMS = { key: "deviceKey", group_key: "deviceGroupKey", password: "randomPasswordKey" };
const TOKEN_ITEMS = { access_token: "accessToken", id_token: "idToken", refresh_token: "refreshToken" };

/** As localStorage does it: null for what is not there. */
export class BrowserStorage {
  #items = new Map();
  #prefix;
  getItem = (name) => this.#items.get(name) ?? null;
  setItem = (name, value) => void this.#items.set(name, String(value));
  removeItem = (name) => void this.#items.delete(name);
  clear = () => this.#items.clear();

  /** Empty, but for the device of the request, where it has one. */
  constructor({ client_id, username, device }) {
    this.#prefix = `CognitoIdentityServiceProvider.${client_id}`;
    this.setItem(`${this.#prefix}.LastAuthUser`, username);
    for (const [name, item] of Object.entries(device ? DEVICE_ITEMS : {})) {
      this.setItem(`${this.#prefix}.${username}.${item}`, device[name]);
    }
  }

  /** The tokens of whoever signed in last. */
  tokens = () => this.#read(TOKEN_ITEMS);

  /** The answer's member `device`; nothing when none is remembered. */
  device() {
    const device = this.#read(DEVICE_ITEMS);
    return device.key ? { device } : {};
  }

  #read(items) {
    const user = this.getItem(`${this.#prefix}.LastAuthUser`);
    const read = ([name, item]) => [name, this.getItem(`${this.#prefix}.${user}.${item}`)];
    return Object.fromEntries(Object.entries(items).map(read));
  }
}
