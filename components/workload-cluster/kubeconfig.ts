// Scripts that speak to the management cluster: kubectl reads the kubeconfig from a private file that is gone
// afterwards.

import { shell } from "../shell";

/** First lines of a script: $file is the kubeconfig out of $MANAGEMENT_KUBECONFIG. */
export const withKubeconfig = [
  "set -eu",
  "umask 077",
  "file=$(mktemp)",
  "trap 'rm -f \"$file\"' EXIT",
  'printf %s "$MANAGEMENT_KUBECONFIG" >"$file"',
];

/** Prints the kubeconfig in a Secret. */
export function readKubeconfig(secret: string, namespace: string): string {
  return [
    ...withKubeconfig,
    shell`value=$(kubectl --kubeconfig "$file" get secret ${secret} --namespace ${namespace} `.concat(
      "--output 'jsonpath={.data.value}')",
    ),
    'printf %s "$value" | base64 -d',
  ].join("\n");
}
