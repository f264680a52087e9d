// As much of AWS's clients as this example wants, so that it needs no package: requests signed with Signature Version 4.
import { createHash, createHmac } from "node:crypto";

const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = process.env;

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

/** AWS refused a request; `code` is its word for why. */
export class Refused extends Error {
  constructor(code, message) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

async function post(service, headers, body) {
  const url = new URL(endpoint ?? `https://${service === "ses" ? "email" : service}.${region}.amazonaws.com`);
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const sent = {
    ...headers,
    host: url.host,
    "x-amz-date": time,
    ...(AWS_SESSION_TOKEN && { "x-amz-security-token": AWS_SESSION_TOKEN }),
  };
  const names = Object.keys(sent).sort();
  const canonical = ["POST", "/", "", ...names.map((name) => `${name}:${sent[name]}`), "", names.join(";"), sha256(body)];
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical.join("\n"))].join("\n");
  const key = [day, region, service, "aws4_request"].reduce(hmac, `AWS4${AWS_SECRET_ACCESS_KEY}`);
  const signature = hmac(key, toSign).toString("hex");
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${AWS_ACCESS_KEY_ID}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  const { host, ...given } = sent;
  return fetch(new URL("/", url), { method: "POST", headers: { ...given, authorization }, body });
}

/** A DynamoDB operation: its request and its answer as the API has them. Throws Refused. */
export async function dynamodb(operation, request) {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `DynamoDB_20120810.${operation}` };
  const answer = await post("dynamodb", headers, JSON.stringify(request));
  const said = await answer.json();
  if (!answer.ok) {
    throw new Refused(String(said.__type).split("#").pop(), said.message ?? said.Message);
  }
  return said;
}

/** Send one mail with SES. Throws Refused. */
export async function sendMail({ from, to, subject, text }) {
  const form = new URLSearchParams({
    Action: "SendEmail",
    Version: "2010-12-01",
    Source: from,
    "Destination.ToAddresses.member.1": to,
    "Message.Subject.Data": subject,
    "Message.Body.Text.Data": text,
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await post("ses", headers, form.toString());
  if (!answer.ok) {
    throw new Refused("SendEmail", `status ${answer.status}`);
  }
}
