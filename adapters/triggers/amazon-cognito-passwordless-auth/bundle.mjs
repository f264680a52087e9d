// Bundles the sample's handlers as its CDK construct does, unmodified: ES modules, the AWS SDK left outside. The banner is the
// construct's own: a CommonJS package inside wants `require`.
import { build } from "esbuild";

const HANDLERS = [
  "define-auth-challenge",
  "create-auth-challenge",
  "verify-auth-challenge-response",
  "pre-signup",
  "pre-token",
  "fido2-credentials-api",
  "fido2-challenge-api",
];

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: HANDLERS.map((name) => `node_modules/amazon-cognito-passwordless-auth/dist/cdk/custom-auth/${name}.js`),
  outdir: "bundle",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  external: ["@aws-sdk/*", "@smithy/*"],
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: "warning",
});
