// Where a cluster of the kind stand-in keeps its things, and which addresses it has.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { accessSync, constants } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { labAddresses } from "../shared/addresses";
import type { KwokctlPorts } from "../shared/kwokctl-ports";

/** What a cluster remembers of itself. */
export interface ClusterRecord {
  name: string;
  /** 0 for the first cluster of a lab; gives it its addresses. */
  index: number;
  ports: KwokctlPorts;
  serviceSubnet: string;
  kubernetesVersion: string;
  catalogueFiles: string[];
  /** The node's, its whole life long. */
  systemUuid: string;
  /** Whether its creation came to its end. */
  made?: boolean;
}

export interface ClusterAddresses {
  node: string;
  podCidr: string;
}

/** The folders of one lab, from its environment. */
export class Places {
  readonly kind: string;
  readonly bin: string;
  readonly dist: string;
  readonly slot: number;
  readonly environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv, program: string) {
    const lab = environment["LAB_DIR"] ?? join(process.cwd(), ".lab");
    this.environment = environment;
    this.kind = join(lab, "kind");
    this.slot = Number(environment["LAB_SLOT"] ?? "0");
    this.dist = existsSync(join(lab, "dist", "node.cjs")) ? join(lab, "dist") : dirname(program);
    this.bin = existsSync(join(lab, "bin", "kwokctl"))
      ? join(lab, "bin")
      : dirname(findProgram("kwokctl", environment));
  }

  folder(name: string): string {
    return join(this.kind, name);
  }

  /** The folder in which kwokctl keeps this cluster. */
  kwok(name: string): string {
    return join(this.folder(name), "clusters", name);
  }

  /** Names of the clusters that exist, dead ones included. */
  clusters(): string[] {
    if (!existsSync(this.kind)) return [];
    return readdirSync(this.kind)
      .filter((name) => existsSync(join(this.kind, name, "cluster.json")))
      .sort();
  }

  read(name: string): ClusterRecord {
    return JSON.parse(
      readFileSync(join(this.folder(name), "cluster.json"), "utf8"),
    ) as ClusterRecord;
  }

  write(record: ClusterRecord): void {
    mkdirSync(this.folder(record.name), { recursive: true });
    writeFileSync(join(this.folder(record.name), "cluster.json"), JSON.stringify(record));
  }

  remove(name: string): void {
    rmSync(this.folder(name), { recursive: true, force: true, maxRetries: 5 });
    if (existsSync(this.kind) && readdirSync(this.kind).length === 0)
      rmSync(this.kind, { recursive: true });
  }

  /** The lowest index that no cluster of this lab has. */
  freeIndex(): number {
    const taken = this.clusters().map((name) => this.read(name).index);
    return [...Array(taken.length + 1).keys()].find((index) => !taken.includes(index)) ?? 0;
  }
}

/** The first cluster has the addresses of the architecture; further ones have those behind them. */
export function clusterAddresses(slot: number, index: number): ClusterAddresses {
  const { managementNode, managementPodCidr } = labAddresses(slot);
  if (index > 12) throw new Error("A lab has addresses for 13 clusters at most. Delete one.");
  const [a, b, c] = managementPodCidr.split(".").map(Number);
  const node = managementNode.replace(/\d+$/, (last) => String(Number(last) + index));
  return { node, podCidr: `${a ?? 0}.${b ?? 0}.${(c ?? 0) + index}.0/24` };
}

/** A program on PATH. Throws when there is none. */
export function findProgram(name: string, environment: NodeJS.ProcessEnv): string {
  for (const folder of (environment["PATH"] ?? "").split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      continue;
    }
  }
  throw new Error(
    `Finding ${name} failed: it is not on PATH. Put it there: npm run lab -- toolchain.`,
  );
}
