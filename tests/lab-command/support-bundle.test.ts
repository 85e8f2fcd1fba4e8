import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { list } from "tar";
import { makeConsole } from "../../lab/console";
import { currentLab } from "../../lab/lab";
import { knownSecrets, redact, REDACTED } from "../../lab/redact";
import { supportBundle } from "../../lab/support-bundle";

const folder = mkdtempSync(path.join(tmpdir(), "support-bundle-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const KEY = Buffer.from(
  "-----BEGIN RSA PRIVATE KEY-----\nMIIEverySecret\n-----END RSA PRIVATE KEY-----\n",
).toString("base64");
const SECRETS = {
  passphrase: "pass-phrase-of-the-state",
  password: "prism-pass-word",
  token: "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJlLW9mLXRva2Vu",
  bootstrap: "abcdef.0123456789abcdef",
  key: KEY,
  pem: "MIIEpAIBAAKCAQEAverysecret",
  cipher: "v1:b2YgdGhlIHN0YXRlMTIz:MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=",
};

/** A lab's folder with each secret in many places. */
function makeLab() {
  const directory = path.join(folder, "lab");
  const put = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text);
  };
  const basic = Buffer.from(`admin:${SECRETS.password}`).toString("base64");
  put("passphrase", SECRETS.passphrase);
  put("credentials.json", JSON.stringify({ username: "admin", password: SECRETS.password }));
  put(
    "kubeconfig",
    `users: [{ name: a, user: { client-key-data: ${KEY}, token: ${SECRETS.token} } }]\n`,
  );
  put("state/.pulumi/stacks/dev.json", JSON.stringify({ secret: SECRETS.cipher }));
  put("kind/management/clusters/management/pki/admin.key", SECRETS.pem);
  put("run.json", JSON.stringify({ stack: "dev", result: "failed" }));
  put(
    "Pulumi.dev.yaml",
    `encryptionsalt: v1:c2FsdHNhbHQ=:${SECRETS.cipher}\nconfig:\n  password:\n    secure: ${SECRETS.cipher}\n`,
  );
  put(
    "logs/prism-central.log",
    [
      "listening on 127.0.0.1:9440",
      `PULUMI_CONFIG_PASSPHRASE=${SECRETS.passphrase}`,
      `authorization: Basic ${basic}`,
      `Authorization: Bearer ${SECRETS.token}`,
      `{"username":"admin","password":"${SECRETS.password}"}`,
      `https://admin:${SECRETS.password}@127.0.0.1:9440`,
    ].join("\n"),
  );
  put(
    "prism-central/vms/vm-1/console.log",
    `cloud-init: token: ${SECRETS.bootstrap}\n-----BEGIN RSA PRIVATE KEY-----\n${SECRETS.pem}\n-----END RSA PRIVATE KEY-----\nkubeadm: the node has joined\n`,
  );
  return currentLab({ LAB_DIR: directory, LAB_CACHE: path.join(folder, "cache") });
}

/** Everything in an archive, name -> text. */
async function contents(file: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  await list({
    file,
    onReadEntry: (entry) => {
      const chunks: Buffer[] = [];
      entry.on("data", (chunk) => chunks.push(chunk));
      entry.on(
        "end",
        () => (found[entry.path.replace(/^\.\//, "")] = Buffer.concat(chunks).toString()),
      );
    },
  });
  return found;
}

test("no secret is in the bundle, in whatever place and coding; what a report needs is", async () => {
  const lab = makeLab();
  const quiet = makeConsole(process.stderr, { environment: { CI: "1" } });
  const output = path.join(folder, "bundle.tar.gz");
  expect(await supportBundle(lab, "dev", { ...quiet, say: () => undefined }, output)).toBe(output);
  const found = await contents(output);
  const names = Object.keys(found).filter((name) => name !== "" && !name.endsWith("/"));
  expect(names.filter((name) => name.startsWith("lab/")).sort()).toEqual([
    "lab/Pulumi.dev.yaml",
    "lab/logs/prism-central.log",
    "lab/prism-central/vms/vm-1/console.log",
    "lab/run.json",
  ]);
  const all = Object.values(found).join("\n");
  for (const [name, secret] of Object.entries(SECRETS)) {
    expect([name, all.includes(secret)]).toEqual([name, false]);
    expect([name, all.includes(Buffer.from(secret).toString("base64"))]).toEqual([name, false]);
  }
  expect(all).not.toContain(Buffer.from(`admin:${SECRETS.password}`).toString("base64"));
  expect(found["lab/logs/prism-central.log"]).toContain("listening on 127.0.0.1:9440");
  expect(found["lab/prism-central/vms/vm-1/console.log"]).toContain("kubeadm: the node has joined");
  expect(found["lab/run.json"]).toContain('"failed"');
  expect(JSON.parse(found["versions.json"]!)).toMatchObject({ stack: "dev", slot: 0 });
}, 120_000);

test("ordinary text is left as it is", () => {
  const text =
    "token: \npassword: null\nSecret/lab-kubeconfig created\nsecretName: lab\nuid 7f3c2f1e-0000-4000-8000-000000000001";
  expect(redact(text, [])).toBe(text);
  expect(redact("--password=hunter22 --user=me", [])).toBe(`--password=${REDACTED} --user=me`);
});

test("secrets of the caller's environment are known, short ones are no needles", () => {
  const lab = currentLab({ LAB_DIR: path.join(folder, "none") });
  expect(knownSecrets(lab, { NUTANIX_PASSWORD: "abc", NUTANIX_API_KEY: "key-of-mine" })).toEqual([
    Buffer.from("key-of-mine").toString("base64"),
    "key-of-mine",
  ]);
});
