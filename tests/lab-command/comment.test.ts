// One comment per stack, edited in place, against an HTTP server that answers like GitHub and GitLab.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { comment } from "../../lab/comment";

interface Asked {
  request: string;
  token: string;
  body?: string;
}

let server: Server;
let address: string;
let folder: string;
let comments: { id: number; body: string }[];
let refuse: boolean;
const asked: Asked[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "comment-"));
  comments = [{ id: 1, body: "A person's words: <!-- lab preview: dev -->" }];
  refuse = false;
  asked.length = 0;
  server = createServer((request, reply) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const { authorization, "private-token": token } = request.headers;
      const body = text === "" ? {} : { body: (JSON.parse(text) as { body: string }).body };
      const what = `${request.method ?? ""} ${request.url ?? ""}`;
      asked.push({ request: what, token: String(authorization ?? token), ...body });
      const page = Number(new URL(request.url ?? "", address).searchParams.get("page") ?? "1");
      if (refuse) reply.writeHead(403);
      const slice = comments.slice((page - 1) * 100, page * 100);
      reply.end(JSON.stringify(refuse ? { message: "not accessible" } : slice));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

function preview(stack: string): string {
  const file = path.join(folder, `preview.${stack}.md`);
  writeFileSync(file, `<!-- lab preview: ${stack} -->\n\nText of ${stack}.\n`);
  return file;
}

const gitHub = () => ({
  GITHUB_API_URL: address,
  GITHUB_REPOSITORY: "me/lab",
  GITHUB_TOKEN: "t",
  PULL_REQUEST: "7",
});

const gitLab = () => ({
  CI_API_V4_URL: address,
  CI_PROJECT_ID: "12",
  CI_MERGE_REQUEST_IID: "7",
  GITLAB_TOKEN: "t",
});

test("GitHub: adds where there is none, edits where there is one, on whatever page", async () => {
  const others = Array.from({ length: 120 }, (_, id) => ({ id: id + 2, body: "+1" }));
  comments = [...comments, ...others, { id: 500, body: "<!-- lab preview: onprem -->\nold" }];
  const [dev, onprem] = [preview("dev"), preview("onprem")];
  expect(await comment([dev, onprem], gitHub())).toEqual([
    { file: dev, how: "added" },
    { file: onprem, how: "edited" },
  ]);
  const pages = [1, 2].map((page) => ({
    request: `GET /repos/me/lab/issues/7/comments?per_page=100&page=${page}`,
    token: "Bearer t",
  }));
  expect(asked).toEqual([
    ...pages,
    {
      request: "POST /repos/me/lab/issues/7/comments",
      token: "Bearer t",
      body: "<!-- lab preview: dev -->\n\nText of dev.\n",
    },
    ...pages,
    {
      request: "PATCH /repos/me/lab/issues/comments/500",
      token: "Bearer t",
      body: "<!-- lab preview: onprem -->\n\nText of onprem.\n",
    },
  ]);
});

test("GitLab: the same with notes", async () => {
  comments.push({ id: 9, body: "<!-- lab preview: onprem -->\nold" });
  await comment([preview("dev"), preview("onprem")], gitLab());
  const notes = "/projects/12/merge_requests/7/notes";
  expect(asked.map(({ request }) => request)).toEqual([
    `GET ${notes}?per_page=100&page=1`,
    `POST ${notes}`,
    `GET ${notes}?per_page=100&page=1`,
    `PUT ${notes}/9`,
  ]);
});

test("a token that may not says so, and is not shown", async () => {
  refuse = true;
  const failed = comment([preview("dev")], { ...gitHub(), GITHUB_TOKEN: "very-secret" });
  await expect(failed).rejects.toThrow(
    'Commenting failed: HTTP 403 {"message":"not accessible"}. Let the token write pull requests',
  );
  await expect(failed).rejects.not.toThrow("very-secret");
});

test("without a pull request in the environment, what is missing is named", async () => {
  await expect(comment([], { ...gitHub(), PULL_REQUEST: "" })).rejects.toThrow(
    "Commenting failed: the environment names no pull request. On GitHub set GITHUB_REPOSITORY",
  );
});
