// The guest's programs in one file: `guest.cjs` boots the machine as its first process, `guest.cjs kubeadm ...` is
// what the guest runs as kubeadm, `guest.cjs kubelet --version` answers for the kubelet.
import { readMachine } from "./hardware";
import { boot } from "./init";
import { kubeadm } from "./kubeadm";

async function main([program, ...args]: string[]): Promise<number> {
  if (program === undefined || program === "init") return boot();
  if (program === "kubeadm") return kubeadm(readMachine(process.env), args);
  process.stderr.write(
    `guest: no program "${program}"; there are init (the default) and kubeadm.\n`,
  );
  return 2;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`guest: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
