// What a noun's file offers to the server.

export interface Call {
  params: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  body: unknown;
  user: string;
}

export interface Reply {
  status: number;
  body: object;
  headers?: Record<string, string>;
}

export interface Route {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the base path; of the stand-in's own pages from the root. */
  path: string;
  /** One of the stand-in's own pages. */
  own?: "open" | "closed";
  /** Query parameters that are understood. @default none */
  query?: string[];
  handle: (call: Call) => Reply | Promise<Reply>;
}
