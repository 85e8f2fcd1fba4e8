// `lab comment`: puts a Markdown file on a pull request (GitHub) or merge request (GitLab), in the place of the comment
// that has the same first line. Everything else it needs stands in the environment that the CI gives.

import { readFileSync } from "node:fs";
import axios, { type AxiosInstance } from "axios";

export interface Comment {
  file: string;
  how: "added" | "edited";
}

/** One CI's way of having comments. */
interface Forge {
  /** Comments, a page at a time, the first being 1. */
  list: (page: number) => Promise<{ id: number; body: string }[]>;
  add: (body: string) => Promise<unknown>;
  edit: (id: number, body: string) => Promise<unknown>;
}

const PAGE = 100;
const ANSWER_MILLISECONDS = 30_000;

/** Adds or edits one comment for each file. Throws a sentence where the environment names no pull request. */
export async function comment(
  files: string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Comment[]> {
  const forge = forgeOf(environment);
  const done: Comment[] = [];
  for (const file of files) {
    const body = readFileSync(file, "utf8");
    const [marker = ""] = body.split("\n");
    const before = await find(forge, marker);
    await (before === undefined ? forge.add(body) : forge.edit(before, body)).catch(explain);
    done.push({ file, how: before === undefined ? "added" : "edited" });
  }
  return done;
}

async function find(forge: Forge, marker: string): Promise<number | undefined> {
  for (let page = 1; ; page += 1) {
    const comments = await forge.list(page).catch(explain);
    const found = comments.find(({ body }) => body.startsWith(marker));
    if (found || comments.length < PAGE) return found?.id;
  }
}

function forgeOf(environment: NodeJS.ProcessEnv): Forge {
  const { GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST } = environment;
  if (GITHUB_REPOSITORY && GITHUB_TOKEN && PULL_REQUEST) return gitHub(environment);
  const { CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID, GITLAB_TOKEN } = environment;
  if (CI_API_V4_URL && CI_PROJECT_ID && CI_MERGE_REQUEST_IID && GITLAB_TOKEN)
    return gitLab(environment);
  throw new Error(
    "Commenting failed: the environment names no pull request. On GitHub set GITHUB_REPOSITORY, GITHUB_TOKEN and " +
      "PULL_REQUEST (its number); on GitLab CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID and GITLAB_TOKEN.",
  );
}

function client(baseURL: string, headers: Record<string, string>): AxiosInstance {
  return axios.create({ baseURL, headers, timeout: ANSWER_MILLISECONDS });
}

function gitHub(environment: NodeJS.ProcessEnv): Forge {
  const { GITHUB_API_URL = "https://api.github.com", GITHUB_REPOSITORY = "" } = environment;
  const { GITHUB_TOKEN = "", PULL_REQUEST = "" } = environment;
  const issues = client(`${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/issues`, {
    accept: "application/vnd.github+json",
    authorization: `Bearer ${GITHUB_TOKEN}`,
  });
  return {
    list: async (page) => {
      const params = { per_page: PAGE, page };
      const url = `/${PULL_REQUEST}/comments`;
      return (await issues.get<{ id: number; body: string }[]>(url, { params })).data;
    },
    add: (body) => issues.post(`/${PULL_REQUEST}/comments`, { body }),
    edit: (id, body) => issues.patch(`/comments/${id}`, { body }),
  };
}

function gitLab(environment: NodeJS.ProcessEnv): Forge {
  const { CI_API_V4_URL = "", CI_PROJECT_ID = "", CI_MERGE_REQUEST_IID = "" } = environment;
  const { GITLAB_TOKEN = "" } = environment;
  const project = encodeURIComponent(CI_PROJECT_ID);
  const notes = client(
    `${CI_API_V4_URL}/projects/${project}/merge_requests/${CI_MERGE_REQUEST_IID}/notes`,
    { "private-token": GITLAB_TOKEN },
  );
  return {
    list: async (page) => {
      const params = { per_page: PAGE, page };
      return (await notes.get<{ id: number; body: string }[]>("", { params })).data;
    },
    add: (body) => notes.post("", { body }),
    edit: (id, body) => notes.put(`/${id}`, { body }),
  };
}

/** What the forge answered, never the request, which holds the token. */
function explain(error: unknown): never {
  const response = axios.isAxiosError(error) ? error.response : undefined;
  const answer = response
    ? `HTTP ${response.status} ${JSON.stringify(response.data)}`
    : error instanceof Error
      ? error.message
      : String(error);
  throw new Error(
    `Commenting failed: ${answer}. Let the token write pull requests: \`pull-requests: write\` on GitHub, a project ` +
      "access token with scope api on GitLab.",
  );
}
