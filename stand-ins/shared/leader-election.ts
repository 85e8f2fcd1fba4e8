// One of several: leadership by a Lease, as client-go's leader election does it (15 s lease, renewed every 2 s,
// given back on a graceful stop so that the next one need not wait).

import { KubeError } from "./kube-client";
import type { KubeClient, KubeObject, Ref, Resource } from "./kube-client";
import { log } from "./log";

interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

const leases: Resource<Lease> = {
  group: "coordination.k8s.io",
  version: "v1",
  plural: "leases",
  kind: "Lease",
};

const leaseSeconds = 15;
const renewMilliseconds = 2000;

export interface Leadership {
  /** Gives the lease back. */
  release(): Promise<void>;
}

export interface Election {
  client: KubeClient;
  lease: Ref;
  identity: string;
  /** Called when the lease could not be renewed in time: somebody else may lead now. */
  onLost: () => void;
  signal: AbortSignal;
}

/** Waits until this process leads; undefined when the signal came first. */
export async function lead(election: Election): Promise<Leadership | undefined> {
  while (!election.signal.aborted) {
    if (await tryToHold(election)) return keepHolding(election);
    await pause(renewMilliseconds, election.signal);
  }
  return undefined;
}

function keepHolding(election: Election): Leadership {
  let lastRenewal = Date.now();
  let released = false;
  const renew = async () => {
    if (await tryToHold(election)) lastRenewal = Date.now();
    else if (!released && Date.now() - lastRenewal > leaseSeconds * 1000) election.onLost();
  };
  const timer = setInterval(() => void renew(), renewMilliseconds);
  return {
    release: async () => {
      released = true;
      clearInterval(timer);
      const spec = { holderIdentity: "", leaseDurationSeconds: 1, renewTime: now() };
      await election.client.patch(leases, election.lease, { spec });
    },
  };
}

/** Takes or renews the lease; false when another one holds it or the API server did not let us. */
async function tryToHold({ client, lease, identity }: Election): Promise<boolean> {
  try {
    const current = await client.get(leases, lease);
    if (current === undefined) {
      await client.create(leases, held({ metadata: { ...lease } }, identity));
      return true;
    }
    if (heldByAnother(current, identity, Date.now())) return false;
    await client.replace(leases, held(current, identity));
    return true;
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 409))
      log("taking the lease failed", { lease: lease.name, reason: String(error) });
    return false;
  }
}

function heldByAnother(lease: Lease, identity: string, time: number): boolean {
  const holder = lease.spec?.holderIdentity;
  if (!holder || holder === identity) return false;
  const renewed = Date.parse(lease.spec?.renewTime ?? "");
  return time < renewed + (lease.spec?.leaseDurationSeconds ?? leaseSeconds) * 1000;
}

function held(lease: Lease, identity: string): Lease {
  const mine = lease.spec?.holderIdentity === identity;
  const transitions = lease.spec?.leaseTransitions ?? 0;
  return {
    ...lease,
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: leaseSeconds,
      acquireTime: mine ? lease.spec?.acquireTime : now(),
      renewTime: now(),
      leaseTransitions: mine ? transitions : transitions + 1,
    },
  };
}

function now(): string {
  return new Date().toISOString().replace("Z", "000Z");
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
