// Command lines for /bin/sh, each value quoted.

const PLAIN = /^[A-Za-z0-9_./:=@%+,-]+$/;

/** One argument as a shell reads it back. */
export function quote(value: string): string {
  return PLAIN.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/** A template whose values are quoted: shell`cat ${file}`. */
export function shell(texts: TemplateStringsArray, ...values: (string | number)[]): string {
  return String.raw({ raw: texts }, ...values.map((value) => quote(String(value))));
}
