// cognito-srp-helper with the AWS SDK, as its README shows.
import {
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { createSecretHash, createSrpSession, signSrpSession, wrapAuthChallenge, wrapInitiateAuth } from "cognito-srp-helper";

import { serve, UnansweredChallenge } from "./json_lines.mjs";

async function signIn({ endpoint, region, user_pool_id, client_id, client_secret, username, password }) {
  const client = new CognitoIdentityProviderClient({ endpoint, region });
  const identify = (name) => ({
    USERNAME: name,
    ...(client_secret && { SECRET_HASH: createSecretHash(name, client_id, client_secret) }),
  });

  const session = createSrpSession(username, password, user_pool_id, false);
  const challenge = await client.send(
    new InitiateAuthCommand(
      wrapInitiateAuth(session, {
        ClientId: client_id,
        AuthFlow: "USER_SRP_AUTH",
        AuthParameters: { CHALLENGE_NAME: "SRP_A", ...identify(username) },
      }),
    ),
  );
  // The answer names the user as the challenge does, whatever alias was typed.
  const answer = await client.send(
    new RespondToAuthChallengeCommand(
      wrapAuthChallenge(signSrpSession(session, challenge), {
        ClientId: client_id,
        ChallengeName: "PASSWORD_VERIFIER",
        ChallengeResponses: identify(challenge.ChallengeParameters.USERNAME),
        Session: challenge.Session,
      }),
    ),
  );
  if (!answer.AuthenticationResult) {
    throw new UnansweredChallenge(answer.ChallengeName);
  }
  const { AccessToken, IdToken, RefreshToken } = answer.AuthenticationResult;
  return { tokens: { access_token: AccessToken, id_token: IdToken, refresh_token: RefreshToken } };
}

await serve({ name: "cognito-srp-helper", capabilities: ["srp", "secret_hash", "alias"], signIn });
