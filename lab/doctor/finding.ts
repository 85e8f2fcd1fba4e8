// What a check has found: one line, with what to do where all is not well.

export type Level = "ok" | "warning" | "failure";

export interface Finding {
  /** What was looked at, such as "subnet". */
  check: string;
  level: Level;
  /** What was found. */
  text: string;
  /** What to do: always there where the level is not ok. */
  remedy?: string;
}

/** The three levels of findings of one check. */
export function findingsOf(check: string) {
  return {
    ok: (text: string): Finding => ({ check, level: "ok", text }),
    warning: (text: string, remedy: string): Finding => ({ check, level: "warning", text, remedy }),
    failure: (text: string, remedy: string): Finding => ({ check, level: "failure", text, remedy }),
  };
}
