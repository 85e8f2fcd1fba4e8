// Who is asking: Basic credentials, an API key, or the session cookie that a v3 login gave. Sessions live in
// memory, so a restart makes clients log in again, as after a session's end.
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { unauthenticated } from "./errors";
import type { Seed } from "./seed";

type Headers = Record<string, string | string[] | undefined>;

const COOKIE = "NTNX_IGW_SESSION";

export class Auth {
  private readonly users: Seed["users"];
  private readonly apiKeys: Seed["apiKeys"];
  private readonly now: () => Date;
  private readonly sessionSeconds: number;
  private readonly sessions = new Map<string, { user: string; until: number }>();

  constructor(seed: Pick<Seed, "users" | "apiKeys">, now: () => Date, sessionSeconds: number) {
    this.sessionSeconds = sessionSeconds;
    this.users = seed.users;
    this.apiKeys = seed.apiKeys;
    this.now = now;
  }

  /** The user's name; throws 401. */
  user(headers: Headers): string {
    const user = this.byPassword(headers) ?? this.byKey(headers) ?? this.bySession(headers);
    if (user === undefined) throw unauthenticated();
    return user;
  }

  /** A Set-Cookie header that keeps the user logged in. */
  cookieFor(user: string): string {
    const time = this.now().getTime();
    for (const [token, session] of this.sessions)
      if (session.until < time) this.sessions.delete(token);
    const token = randomUUID();
    this.sessions.set(token, { user, until: time + this.sessionSeconds * 1000 });
    return `${COOKIE}=${token}; Path=/; HttpOnly; Secure`;
  }

  /** Ends every session; cookies are worth nothing from now on. */
  endSessions(): void {
    this.sessions.clear();
  }

  private byPassword(headers: Headers): string | undefined {
    const match = /^Basic (.+)$/i.exec(text(headers["authorization"]));
    if (!match) return undefined;
    const given = Buffer.from(match[1] ?? "", "base64").toString("utf8");
    return this.users.find(({ name, password }) => same(given, `${name}:${password}`))?.name;
  }

  private byKey(headers: Headers): string | undefined {
    const given = text(headers["x-ntnx-api-key"]);
    return this.apiKeys.find(({ key }) => same(given, key))?.name;
  }

  private bySession(headers: Headers): string | undefined {
    const match = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]+)`).exec(text(headers["cookie"]));
    const session = this.sessions.get(match?.[1] ?? "");
    return session && session.until >= this.now().getTime() ? session.user : undefined;
  }
}

function text(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join("; ") : (value ?? "");
}

function same(left: string, right: string): boolean {
  const digest = (value: string) => createHash("sha256").update(value).digest();
  return timingSafeEqual(digest(left), digest(right));
}
