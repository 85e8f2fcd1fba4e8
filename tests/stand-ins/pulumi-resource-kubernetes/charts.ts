// A small chart, and a server that offers it as a chart repository and as an OCI registry.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import https from "node:https";
import path from "node:path";

import { selfSigned } from "../../../stand-ins/shared/certificates";
import { programs } from "./cluster";

const templates = {
  "map.yaml":
    "{ apiVersion: v1, kind: ConfigMap, metadata: { name: tiny }, data: { a: {{ .Values.a | quote }}, b: {{ .Values.b | quote }} } }",
  "pod.yaml":
    '{{ if .Values.stuck }}{ apiVersion: v1, kind: Pod, metadata: { name: {{ .Release.Name }} }, spec: { nodeSelector: { none: "such" }, containers: [{ name: c, image: "c:1" }] } }{{ end }}',
};

/** Writes the chart `tiny` of this version and answers its folder. */
export function writeChart(folder: string, version: string): string {
  const chart = path.join(folder, "tiny");
  fs.mkdirSync(path.join(chart, "templates"), { recursive: true });
  const about = `{ apiVersion: v2, name: tiny, version: ${version}, appVersion: '7' }`;
  fs.writeFileSync(path.join(chart, "Chart.yaml"), about);
  fs.writeFileSync(path.join(chart, "values.yaml"), "{ a: default, b: default, stuck: false }");
  for (const [name, text] of Object.entries(templates)) {
    fs.writeFileSync(path.join(chart, "templates", name), text);
  }
  return chart;
}

export interface ChartServer {
  /** `https://127.0.0.1:port` and the file with its CA. */
  readonly url: string;
  readonly caFile: string;
  stop: () => void;
}

/** Serves this chart: `<url>` as a repository, `oci://<host>/charts/tiny` from a registry. */
export async function serveChart(
  folder: string,
  chart: string,
  version: string,
): Promise<ChartServer> {
  const served = path.join(folder, "served");
  fs.mkdirSync(served);
  const helm = (...args: string[]) => execFileSync(path.join(programs(), "helm"), args);
  helm("package", chart, "--destination", served);
  helm("repo", "index", served);
  const archive = fs.readFileSync(path.join(served, `tiny-${version}.tgz`));
  const issued = await selfSigned({ commonName: "charts", ipAddresses: ["127.0.0.1"] });
  const caFile = path.join(folder, "charts-ca.pem");
  fs.writeFileSync(caFile, issued.ca);
  const files = new Map<string, Answer>([
    ["/index.yaml", { body: fs.readFileSync(path.join(served, "index.yaml")) }],
    [`/tiny-${version}.tgz`, { body: archive }],
    ...registryFiles(archive, version),
  ]);
  const server = https.createServer(
    { cert: issued.certificate, key: issued.key },
    (request, response) => {
      const found = files.get((request.url ?? "").replace(/\?.*/, ""));
      const { body, headers } = found ?? { body: Buffer.from("{}"), headers: {} };
      response.writeHead(found ? 200 : 404, { "content-length": body.length, ...headers });
      response.end(request.method === "HEAD" ? undefined : body);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { url: `https://127.0.0.1:${port}`, caFile, stop: () => server.close() };
}

interface Answer {
  readonly body: Buffer;
  readonly headers?: Record<string, string>;
}

/** What a registry answers about the chart: a manifest by tag and by digest, and two blobs. */
function registryFiles(archive: Buffer, version: string): [string, Answer][] {
  const config = Buffer.from(JSON.stringify({ apiVersion: "v2", name: "tiny", version }));
  const describe = (mediaType: string, body: Buffer) => ({
    mediaType,
    digest: digestOf(body),
    size: body.length,
  });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: describe("application/vnd.cncf.helm.config.v1+json", config),
      layers: [describe("application/vnd.cncf.helm.chart.content.v1.tar+gzip", archive)],
    }),
  );
  const digest = digestOf(manifest);
  const headers = { "content-type": mediaType, "docker-content-digest": digest };
  const base = "/v2/charts/tiny";
  const tags = Buffer.from(JSON.stringify({ name: "charts/tiny", tags: [version] }));
  return [
    ["/v2/", { body: Buffer.from("{}") }],
    [`${base}/tags/list`, { body: tags, headers: { "content-type": "application/json" } }],
    [`${base}/manifests/${version}`, { body: manifest, headers }],
    [`${base}/manifests/${digest}`, { body: manifest, headers }],
    [`${base}/blobs/${digestOf(config)}`, { body: config }],
    [`${base}/blobs/${digestOf(archive)}`, { body: archive }],
  ];
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}
