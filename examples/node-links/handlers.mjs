// Sign-in with a link that is sent by e-mail: three Cognito triggers in one file.
//
// InitiateAuth sends the link. It always leads to one page of ours, it is good once, for ten minutes, in the sign-in that
// asked for it. The table holds hashes only.
import { createHash, createHmac, randomBytes } from "node:crypto";

import { dynamodb, sendMail } from "./aws.mjs";

const { TABLE, SENDER, PAGE, HASHING_SECRET } = process.env;
const TRIES = 3;
const LINK_SECONDS = 600;
const SECONDS_BETWEEN_MAILS = 60;
const PLAIN_ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

const seconds = () => Math.floor(Date.now() / 1000);
const hashOf = (secret) => createHash("sha256").update(secret).digest("hex");
const keyedHash = (text) => createHmac("sha256", HASHING_SECRET).update(text).digest("hex");

/** One row an account, under a name that tells nobody whose it is: an account is a user of one user pool. */
const rowOf = ({ userPoolId, request }) => ({ id: { S: keyedHash(`${userPoolId} ${request.userAttributes.sub}`) } });

/** A confirmed user with a verified address that is one address and nothing else. */
const maySignIn = (user) =>
  user["cognito:user_status"] === "CONFIRMED" && user.email_verified === "true" && PLAIN_ADDRESS.test(user.email ?? "");

/** What stands in challengeMetadata: which sign-in this is. */
const ROUND = /^LINK:[A-Za-z0-9_-]{22}$/;

/** Cognito hands the message of an error to the client: let it say nothing of the program. */
const sayingNothing = (handler) => async (event) => {
  try {
    return await handler(event);
  } catch (error) {
    console.error(`${handler.name} failed: ${error?.name} ${error?.code ?? ""}`);
    throw new Error("Signing in is not possible at the moment");
  }
};

export const define = sayingNothing(decide);
export const create = sayingNothing(challenge);
export const verify = sayingNothing(judge);

/** DefineAuthChallenge: up to three tries, and nothing but our own challenge counts. */
async function decide(event) {
  const { session, userNotFound } = event.request;
  const own = session.every(
    ({ challengeName, challengeMetadata }) => challengeName === "CUSTOM_CHALLENGE" && ROUND.test(challengeMetadata ?? ""),
  );
  const wrongBefore = session.slice(0, -1).every(({ challengeResult }) => challengeResult === false);
  const right = session.at(-1)?.challengeResult === true;
  const sound = own && wrongBefore && session.length <= TRIES;
  const issueTokens = sound && right && !userNotFound;
  const failAuthentication = !issueTokens && (!sound || right || session.length === TRIES);
  event.response = { ...event.response, issueTokens, failAuthentication };
  if (!issueTokens && !failAuthentication) {
    event.response.challengeName = "CUSTOM_CHALLENGE";
  }
  return event;
}

/** CreateAuthChallenge: the first challenge of a sign-in sends the link, the others ask for it again. */
async function challenge(event) {
  const { session, userAttributes, userNotFound } = event.request;
  const signIn = session.at(-1)?.challengeMetadata ?? `LINK:${randomBytes(16).toString("base64url")}`;
  if (session.length === 0 && !userNotFound && maySignIn(userAttributes)) {
    await sendLink(rowOf(event), userAttributes, signIn);
  }
  event.response = {
    ...event.response,
    publicChallengeParameters: { kind: "link" },
    privateChallengeParameters: { signIn },
    challengeMetadata: signIn,
  };
  return event;
}

/** VerifyAuthChallengeResponse: right once, in the sign-in that asked, before the link expires. */
async function judge(event) {
  const { challengeAnswer, privateChallengeParameters, userAttributes, userNotFound } = event.request;
  const signIn = privateChallengeParameters?.signIn;
  event.response.answerCorrect =
    !userNotFound &&
    maySignIn(userAttributes) &&
    typeof challengeAnswer === "string" &&
    typeof signIn === "string" &&
    (await isRight(rowOf(event), challengeAnswer, signIn));
  return event;
}

/** Mail a link, unless one was mailed a moment ago. A new one takes the place of the old. */
async function sendLink(row, user, signIn) {
  const secret = randomBytes(32).toString("base64url");
  const now = seconds();
  const kept = await held(
    dynamodb("UpdateItem", {
      TableName: TABLE,
      Key: row,
      UpdateExpression: "SET secret_hash = :hash, sign_in = :in, good_until = :until, sent_at = :now",
      ConditionExpression: "attribute_not_exists(sent_at) OR sent_at <= :before",
      ExpressionAttributeValues: {
        ":hash": { S: hashOf(secret) },
        ":in": { S: hashOf(signIn) },
        ":until": { N: String(now + LINK_SECONDS) },
        ":now": { N: String(now) },
        ":before": { N: String(now - SECONDS_BETWEEN_MAILS) },
      },
    }),
  );
  if (kept) {
    const text = `Sign in here, within ten minutes:\n\n${PAGE}#key=${secret}\n\nYou did not ask for this? Then do nothing.`;
    await sendMail({ from: SENDER, to: user.email, subject: "Your sign-in link", text });
  }
}

/** Take the hash away if it is this secret's: of many at once, one succeeds. */
async function isRight(row, secret, signIn) {
  return held(
    dynamodb("UpdateItem", {
      TableName: TABLE,
      Key: row,
      UpdateExpression: "REMOVE secret_hash, sign_in",
      ConditionExpression: "secret_hash = :hash AND sign_in = :in AND good_until > :now",
      ExpressionAttributeValues: {
        ":hash": { S: hashOf(secret) },
        ":in": { S: hashOf(signIn) },
        ":now": { N: String(seconds()) },
      },
    }),
  );
}

/** Whether the condition of a write held. */
async function held(write) {
  try {
    await write;
    return true;
  } catch (error) {
    if (error.code === "ConditionalCheckFailedException") {
      return false;
    }
    throw error;
  }
}
