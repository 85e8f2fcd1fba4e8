// The token, held against one that Python's hmac made, and where credentials come from.
import { credentialsFrom } from "../../../providers/nc2/credentials";
import { tokenFor } from "../../../providers/nc2/token";

const PYTHONS = [
  "eyJhbGciOiJIUzUxMiIsImtpZCI6InRoZS1rZXktaWQiLCJ0eXAiOiJKV1QifQ",
  "eyJtZXRhZGF0YSI6eyJyZWFzb24iOiJudXRhbml4LXNlcnZlcmxlc3MtbGFiIn0sImNvbnRleHQiOnt9LCJpc3MiOiIwYzhmMWMyZS0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJhdWQiOiJodHRwczovL2FwaWtleXMubnV0YW5peC5jb20iLCJpYXQiOjE3NjQwMDAwMDAsImV4cCI6MTc2NDAwMDMwMH0",
  "XWtWC0AeikPfptsmyQ1AwJ2ZVbkl9hYS-ZGz2jk5UAs-dwHEOjA3BYSfP5GvMf9RHS8aMGlOT9vn_ZgsQ1j3dg",
];

test("a token is signed as Nutanix's own example signs it", async () => {
  const credentials = {
    keyId: "the-key-id",
    apiKey: "the-api-key",
    issuer: "0c8f1c2e-0000-4000-8000-000000000001",
  };
  const token = await tokenFor(credentials, new Date(1_764_000_000_999));
  expect(token.split(".")).toEqual(PYTHONS);
});

test("without an issuer, each token has another one", async () => {
  const issuerOf = async () => {
    const token = await tokenFor({ keyId: "a", apiKey: "b" }, new Date());
    const claims = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
    return (JSON.parse(claims) as { iss: string }).iss;
  };
  const [one, other] = [await issuerOf(), await issuerOf()];
  expect([one === other, /^[0-9a-f-]{36}$/.test(one)]).toEqual([false, true]);
});

test.each<[string, NodeJS.ProcessEnv, string | undefined, object]>([
  [
    "the environment",
    { NC2_KEY_ID: "a", NC2_API_KEY: "b" },
    undefined,
    { keyId: "a", apiKey: "b" },
  ],
  ["the stack", {}, '{"keyId":"a","apiKey":"b","url":"x"}', { keyId: "a", apiKey: "b" }],
  [
    "both",
    { NC2_API_KEY: "mine", NC2_ISSUER: "i" },
    '{"keyId":"a","apiKey":"b"}',
    { keyId: "a", apiKey: "mine", issuer: "i" },
  ],
])("credentials come from %s", (_where, environment, stack, expected) => {
  expect(credentialsFrom(environment, stack)).toEqual(expected);
});

test("missing credentials are told with both ways, unreadable ones without what they hold", () => {
  expect(() => credentialsFrom({ NC2_KEY_ID: "a" })).toThrow(
    /^There are no credentials for the NC2 console\. Set NC2_KEY_ID and NC2_API_KEY .*, or give them to the stack: pulumi config set --path console\.keyId ID, pulumi config set --secret --path console\.apiKey$/,
  );
  expect(() => credentialsFrom({}, "hush")).toThrow(
    /^Reading the stack's credentials failed: console is no group of keys\. Correct it in the stack's file\.$/,
  );
});
