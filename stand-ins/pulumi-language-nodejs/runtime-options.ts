// `runtime: { name: nodejs, options: ... }` of Pulumi.yaml.

import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";

export interface RuntimeOptions {
  readonly typescript: boolean;
  readonly tsconfig: string | undefined;
  readonly nodeArguments: readonly string[];
}

/** Reads the options that decide how Node is started. */
export function runtimeOptions(info: ProgramInfo | undefined): RuntimeOptions {
  const options = info?.getOptions()?.toJavaScript() ?? {};
  const { typescript, tsconfig, nodeargs } = options;
  return {
    typescript: typescript !== false && typescript !== "false",
    tsconfig: typeof tsconfig === "string" && tsconfig !== "" ? tsconfig : undefined,
    nodeArguments: typeof nodeargs === "string" ? shellWords(nodeargs) : [],
  };
}

/** Splits as a shell would, quotes and backslashes included, without expanding anything. */
export function shellWords(text: string): string[] {
  const words = text.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (...match: (string | undefined)[]) => {
      const [, doubled, single, escaped] = match;
      return doubled?.replace(/\\(["\\$`])/g, "$1") ?? single ?? escaped ?? "";
    }),
  );
}
