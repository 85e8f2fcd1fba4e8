// A variable out of a file of NAME='value' lines, for valueFrom.fileKeyRef. Pure; as strict as the kubelet's parser.

/** The value of a key, undefined when the file has none. Throws for a line that is none of the format. */
export function envFileValue(text: string, key: string): string | undefined {
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? "").replace(/^[ \t]+/, "");
    if (line === "" || line.startsWith("#")) continue;
    const [, name, rest = ""] = /^([^=]*[^=\s])=(.*)$/.exec(line) ?? [];
    if (name === undefined) throw malformed(at);
    const { value, end } = valueAt(lines, at, rest);
    if (name === key) return value;
    at = end;
  }
  return undefined;
}

/** A value in single quotes, which may go on over several lines. */
function valueAt(lines: string[], start: number, first: string): { value?: string; end: number } {
  // As in a shell, a blank behind the sign leaves the variable empty.
  if (/^[ \t]/.test(first)) return { end: start };
  if (!first.startsWith("'")) throw malformed(start);
  let text = first.slice(1);
  let end = start;
  while (!text.includes("'")) {
    end += 1;
    const next = lines[end];
    if (next === undefined) throw malformed(start);
    text += `\n${next}`;
  }
  const close = text.indexOf("'");
  if (!/^[ \t]*(#.*)?$/.test(text.slice(close + 1))) throw malformed(end);
  return { value: text.slice(0, close), end };
}

function malformed(line: number): Error {
  return new Error(`invalid environment variable format at line ${line + 1}`);
}
