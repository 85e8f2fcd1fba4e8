// The stacks of real targets, up and down, each against a Prism Central like that target's.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { connect } from "node:tls";
import { stackFile } from "../../lab/environment";
import { selfSigned } from "../../stand-ins/shared/certificates";
import * as house from "./house";
import { nc2Aws, nc2Azure, onprem } from "./sites";
import { CATEGORIES, SUBNETS, Target } from "./target";

const home = house.makeHouse(13, {
  NUTANIX_USERNAME: undefined,
  NUTANIX_PASSWORD: undefined,
  NUTANIX_API_KEY: undefined,
});
const image = path.join(home.folder, "node.img");
const ONLY_IMAGE = ["--target", "**::image", "--yes", "--skip-preview"];
let target: Target;

afterAll(() => {
  house.killAll(home);
  rmSync(home.folder, { recursive: true, force: true });
});

/** What CAPX has made of the cluster in Prism Central. */
async function machines() {
  const [vms, subnets, categories] = await Promise.all([
    target.vms(),
    target.names(SUBNETS),
    target.names(CATEGORIES),
  ]);
  return vms.map(({ name, nics, categories: own }) => ({
    name,
    subnets: nics.map(({ networkInfo }) => subnets[networkInfo.subnet.extId]),
    categories: own.map(({ extId }) => categories[extId]),
  }));
}

/** What a run did: what was there already, such as what a refused one has begun with, does not count. */
async function operationsOf(command: string): Promise<string[]> {
  const changes = await target.person.changesBeside(command);
  return Object.keys(changes).filter((operation) => operation !== "same");
}

/** No workers: there is nothing to do. */
const controlPlaneOn = (subnet: string) => [
  {
    name: expect.stringMatching(/^lab-kcp-\w+$/),
    subnets: [subnet],
    categories: ["KubernetesClusterName:lab"],
  },
];

/** After `destroy`, by Prism Central's own lists and by `lab leaks`. */
async function expectNothingLeft(images: string[] = []): Promise<void> {
  const { status, stdout, stderr } = house.runLab(target.home, "leaks");
  const stack = target.person.shell["PULUMI_STACK"] ?? "";
  const said = `stack ${stack}: cluster lab has left nothing\n`;
  expect({ ...(await target.everything()), status, stdout, stderr }).toEqual({
    ...{ vms: [], images, categories: [] },
    ...{ status: 0, stdout: said, stderr: "" },
  });
}

/** Names and addresses of the certificate at the control-plane endpoint. */
async function namesOfApiServer(host: string): Promise<string[]> {
  const socket = connect({ host, port: 6443, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { subjectaltname = "" } = socket.getPeerCertificate();
  socket.destroy();
  return subjectaltname.split(", ").map((name) => name.replace(/^.*:/, ""));
}

/**
 * What `lab preview` says of an edit of the stack's file, as reviewers read it, from the stack's state alone: with neither
 * network nor credentials.
 */
function previewOf(edit: Record<string, unknown>): string[] {
  const stack = target.person.shell["PULUMI_STACK"]!;
  const file = stackFile(home.lab, stack);
  const whole = readFileSync(file, "utf8");
  const markdown = path.join(home.folder, "preview.md");
  target.fillIn(edit);
  const credentials = { NUTANIX_USERNAME: undefined, NUTANIX_PASSWORD: undefined };
  const environment = { ...target.person.shell, ...credentials };
  const person = { ...target.home, environment };
  const { status, stderr } = house.runLabOffline(
    person,
    "preview",
    ...["-s", stack, "--markdown", markdown],
  );
  target.write(whole);
  if (status !== 0) throw new Error(stderr);
  const rows = readFileSync(markdown, "utf8").split("\n");
  return rows.filter((row) => /^\| (\*\*)?(create|update|replace|delete)\b/.test(row));
}

/** Another machine, and no bundle any more. */
const EDIT = {
  "workloadCluster.workers.memory": "5Gi",
  "prismCentral.trustBundle": undefined,
};
const EDITED = [
  expect.stringMatching(
    /^\| \*\*replace\*\* \| workload-cluster \| `workload-pool-wmd-template`<br>.* \| \*\*`metadata\.name`\*\*, .*`spec\.template\.spec\.memorySize` \|$/,
  ),
  "| **delete** | workload-cluster | `workload-trust-bundle`<br>kubernetes:core/v1:ConfigMap |  |",
  expect.stringMatching(
    /^\| update \| workload-cluster \| `workload-pool-wmd`<br>.* `spec\.template\.spec\.infrastructureRef\.name` \|$/,
  ),
];

async function refusal(...args: string[]): Promise<string[]> {
  const { status, text } = await target.person.pulumiBeside("up", ...args);
  expect(status).not.toBe(0);
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => /^(error: |- )/.test(line));
}

describe("onprem: a VLAN, a user and a password, an authority of one's own", () => {
  beforeAll(async () => {
    target = new Target(home, onprem(home.lab, image));
    house.buildImage(home, image); // once: where a stack takes it from is what differs
    await target.start();
  });
  afterAll(() => target.stop());

  test("another authority's bundle is refused in a sentence", async () => {
    const other = path.join(home.folder, "other.pem");
    const { ca } = await selfSigned({ commonName: "other", dnsNames: ["other"], days: 2 });
    writeFileSync(other, ca);
    target.fillIn({ "prismCentral.trustBundle": other });
    const said = await refusal(...ONLY_IMAGE);
    target.fillIn({ "prismCentral.trustBundle": target.trustBundle });
    expect(said.join("\n")).toMatch(
      /at Prism Central https:\/\/127\.9\.0\.1:9440 failed: unable to verify the first certificate.*\. Give its CA as trustBundle, or set insecure\.$/m,
    );
  });

  test("comes up, and scales from zero and back", async () => {
    expect(await operationsOf("up")).toEqual(["create"]);
    expect(await machines()).toEqual(controlPlaneOn("Primary"));
  });

  test("a second up changes nothing", async () => {
    expect(await operationsOf("up")).toEqual([]);
  });

  test("with all out of reach, a preview names what is changed, replaced and destroyed", () => {
    expect(previewOf(EDIT)).toEqual(expect.arrayContaining(EDITED));
  });

  test("goes, and leaves nothing", async () => {
    expect(await operationsOf("destroy")).toEqual(["delete"]);
    await expectNothingLeft();
  });
});

describe("nc2-aws: a subnet of AWS, a key, a load balancer, an image from a signed address", () => {
  const { secrets } = nc2Aws(home.lab, { url: "", sha256: "" });
  const apiKey = secrets!["prismCentral.apiKey"]!;
  let bucket: Server;

  beforeAll(async () => {
    bucket = createServer((request, answer) => {
      const signed = request.url === "/node.img?X-Amz-Signature=signature-of-aws";
      answer.writeHead(signed ? 200 : 403);
      if (signed) createReadStream(image).pipe(answer);
      else answer.end();
    }).listen(0, "127.0.0.1");
    await once(bucket, "listening");
    const { port } = bucket.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/node.img?X-Amz-Signature=signature-of-aws`;
    const sha256 = createHash("sha256").update(readFileSync(image)).digest("hex");
    target = new Target(home, nc2Aws(home.lab, { url, sha256 }));
    await target.start();
  });
  afterAll(async () => {
    bucket.close();
    await target.stop();
  });

  test("without the key it is refused in a sentence", async () => {
    const file = stackFile(home.lab, "nc2-aws");
    const whole = readFileSync(file, "utf8");
    target.fillIn({ "prismCentral.apiKey": undefined });
    const said = await refusal(...ONLY_IMAGE);
    target.write(whole);
    expect(said.join("\n")).toMatch(
      /^- prismCentral\.apiKey: found nothing, and no username and password either; allowed: NUTANIX_API_KEY, or .* by pulumi config set --stack nc2-aws --secret --path nutanix-serverless-lab:prismCentral\.apiKey, or /m,
    );
  });

  test("comes up, and nothing holds the endpoint but the load balancer", async () => {
    expect(await operationsOf("up")).toEqual(["create"]);
    expect(await machines()).toEqual(controlPlaneOn("k8s-native"));
    const [vm] = await target.vms();
    expect(target.filesOf(vm!, "etc", "kubernetes", "manifests")).not.toContain("kube-vip.yaml");
    expect(target.fileOf(vm!, "etc", "systemd", "resolved.conf.d", "50-lab.conf")).toContain(
      "DNS=10.78.0.2\n",
    );
  });

  test("neither key nor signature is in clear in state and settings", () => {
    const state = path.join(home.lab.directory, "state");
    const files = readdirSync(state, { recursive: true, encoding: "utf8" })
      .filter((name) => name.includes("nc2-aws") && name.endsWith(".json"))
      .map((name) => path.join(state, name));
    expect(files.length).toBeGreaterThan(1);
    const telling = [...files, stackFile(home.lab, "nc2-aws")].filter((file) => {
      const text = readFileSync(file, "utf8");
      return [apiKey, "signature-of-aws"].some((secret) => text.includes(secret));
    });
    expect(telling).toEqual([]);
  });

  test("with all out of reach, a preview names what is changed, replaced and destroyed", () => {
    expect(previewOf(EDIT)).toEqual(expect.arrayContaining(EDITED));
  });

  test("goes, and leaves nothing", async () => {
    expect(await operationsOf("destroy")).toEqual(["delete"]);
    await expectNothingLeft();
  });
});

describe("nc2-azure: an overlay in a Flow VPC, a floating IP, an image that is there", () => {
  const site = nc2Azure(home.lab);
  const floatingIp = String(site.values["workloadCluster.endpoint.host"]);

  beforeAll(async () => {
    target = new Target(home, site);
    await target.start();
    target.fillIn({ "image.uuid": await target.upload("ubuntu-of-ours", image) });
  });
  afterAll(() => target.stop());

  test("comes up behind the floating IP, which the API server's certificate is for", async () => {
    expect(await operationsOf("up")).toEqual(["create"]);
    expect(await machines()).toEqual(controlPlaneOn("k8s-overlay"));
    const vip = site.values["workloadCluster.vip"];
    expect(await namesOfApiServer(floatingIp)).toEqual(
      expect.arrayContaining([floatingIp, vip, "api.lab.example"]),
    );
    const endpoint = target.person.pulumi("stack", "output", "controlPlaneEndpoint").text;
    expect(endpoint).toBe(`${floatingIp}:6443\n`);
  });

  test("its machine has the overlay's MTU and the hub's name server", async () => {
    const [vm] = await target.vms();
    expect(target.fileOf(vm!, "net", "eth0", "mtu")).toBe("1442\n");
    expect(target.fileOf(vm!, "etc", "systemd", "resolved.conf.d", "50-lab.conf")).toContain(
      "DNS=10.10.0.4\n",
    );
  });

  test("with all out of reach, a preview names what is changed, replaced and destroyed", () => {
    expect(previewOf(EDIT)).toEqual(expect.arrayContaining(EDITED));
  });

  test("goes, and leaves the image that it found", async () => {
    expect(await operationsOf("destroy")).toEqual(["delete"]);
    await expectNothingLeft(["ubuntu-of-ours"]);
  });
});
