// cognito-srp-helper with the AWS SDK, as its README shows.
import {
  CognitoIdentityProviderClient,
  ConfirmDeviceCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import {
  createDeviceVerifier,
  createSecretHash,
  createSrpSession,
  signSrpSession,
  signSrpSessionWithDevice,
  wrapAuthChallenge,
  wrapInitiateAuth,
} from "cognito-srp-helper";

import { serve, UnansweredChallenge } from "./json_lines.mjs";

const ANSWERS = {
  NEW_PASSWORD_REQUIRED: ["NEW_PASSWORD", "new_password"],
  SOFTWARE_TOKEN_MFA: ["SOFTWARE_TOKEN_MFA_CODE", "totp"],
  SMS_MFA: ["SMS_MFA_CODE", "sms_code"],
};

async function signIn(request) {
  const { endpoint, region, user_pool_id, client_id, client_secret, username, password, device } = request;
  const client = new CognitoIdentityProviderClient({ endpoint, region });
  const answers = request.answers ?? {};
  const answered = new Set(); // no challenge is answered twice
  const identify = (name) => ({
    USERNAME: name,
    ...(client_secret && { SECRET_HASH: createSecretHash(name, client_id, client_secret) }),
    ...(device && { DEVICE_KEY: device.key }),
  });

  const session = createSrpSession(username, password, user_pool_id, false);
  let asked = await client.send(
    new InitiateAuthCommand(
      wrapInitiateAuth(session, {
        ClientId: client_id,
        AuthFlow: "USER_SRP_AUTH",
        AuthParameters: { CHALLENGE_NAME: "SRP_A", ...identify(username) },
      }),
    ),
  );
  // Each answer names the user as the challenge does, whatever alias was typed.
  const user = identify(asked.ChallengeParameters?.USERNAME ?? username);

  const responseTo = (challenge) => {
    const { ChallengeName: name } = challenge;
    const response = { ClientId: client_id, ChallengeName: name, ChallengeResponses: user };
    const [member, answer] = ANSWERS[name] ?? [];
    const responses = {
      PASSWORD_VERIFIER: () => wrapAuthChallenge(signSrpSession(session, challenge), response),
      DEVICE_SRP_AUTH: () => wrapAuthChallenge(session, response),
      DEVICE_PASSWORD_VERIFIER: () =>
        wrapAuthChallenge(
          signSrpSessionWithDevice(session, challenge, device.group_key, device.password),
          response,
        ),
      ...(answers[answer] && {
        [name]: () => ({ ...response, ChallengeResponses: { ...user, [member]: answers[answer] } }),
      }),
    };
    if (!Object.hasOwn(responses, name) || answered.has(name)) {
      throw new UnansweredChallenge(name);
    }
    answered.add(name);
    return responses[name]();
  };
  while (!asked.AuthenticationResult) {
    asked = await client.send(new RespondToAuthChallengeCommand({ ...responseTo(asked), Session: asked.Session }));
  }

  const { AccessToken, IdToken, RefreshToken, NewDeviceMetadata } = asked.AuthenticationResult;
  if (!AccessToken || !IdToken) {
    throw new Error("the AuthenticationResult holds no tokens");
  }
  const tokens = { access_token: AccessToken, id_token: IdToken, refresh_token: RefreshToken };
  const remember = answers.remember_device && NewDeviceMetadata;
  return {
    tokens,
    a: session.smallA,
    ...(remember && { device: await rememberedDevice(client, AccessToken, NewDeviceMetadata) }),
  };
}

async function rememberedDevice(client, AccessToken, { DeviceKey, DeviceGroupKey }) {
  const { DeviceRandomPassword, DeviceSecretVerifierConfig } = createDeviceVerifier(DeviceKey, DeviceGroupKey);
  await client.send(
    new ConfirmDeviceCommand({ AccessToken, DeviceKey, DeviceName: "cognito-srp-helper", DeviceSecretVerifierConfig }),
  );
  return { key: DeviceKey, group_key: DeviceGroupKey, password: DeviceRandomPassword };
}

await serve({
  name: "cognito-srp-helper",
  capabilities: ["srp", "secret_hash", "alias", "new_password", "mfa", "device", "private_value"],
  signIn,
});
