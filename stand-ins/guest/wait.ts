// Waits for an address of this machine to answer 200, and says what answered last when it does not in time.
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** What to wait for, and for how long. */
export interface Wait {
  what: string;
  url: string;
  timeoutSeconds: number;
  /** Hears of the last answer every five seconds. */
  onProgress(sentence: string): void;
}

/** Asks until the answer is 200. Rejects with the last answer. */
export async function waitForHealth(wait: Wait): Promise<void> {
  const start = Date.now();
  let told = start;
  for (;;) {
    const answer = await ask(wait.url);
    if (answer === "200") return;
    const seconds = Math.round((Date.now() - start) / 1000);
    if (seconds >= wait.timeoutSeconds)
      throw new Error(
        `Waiting for ${wait.what} failed: ${wait.url} answered ${answer} for ${seconds} s. Read its lines above.`,
      );
    if (Date.now() - told >= 5000) {
      told = Date.now();
      wait.onProgress(`waiting for ${wait.what}, ${seconds} s: ${wait.url} answers ${answer}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

function ask(url: string): Promise<string> {
  // As kubeadm's own check: the server proves nothing here, its certificate is tested by every client after.
  const options = { rejectUnauthorized: false, timeout: 2000 };
  return new Promise((resolve) => {
    const request = (url.startsWith("https:") ? httpsRequest : httpRequest)(
      url,
      options,
      (response) => {
        response.resume();
        resolve(String(response.statusCode ?? 0));
      },
    );
    request.on("timeout", () => request.destroy(new Error("nothing for 2 s")));
    request.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.end();
  });
}
