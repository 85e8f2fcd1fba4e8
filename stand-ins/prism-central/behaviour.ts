// What public sources do not settle, or what differs between Prism Centrals: chosen here, and to be changed in the
// seed (`behaviour: { missingIfMatch: 412 }`).

export interface Behaviour {
  /** What `OPTIONS /api/<namespace>/unversioned/info` answers. */
  apiVersion: string;
  /** Status for a change without If-Match (400, 412 or 428). */
  missingIfMatch: number;
  /** Status for a change on an ETag that is out of date. */
  staleIfMatch: number;
  /** Whether changes of VMs and images need NTNX-Request-Id; elsewhere it may always be left out. */
  requestIdRequired: boolean;
  duplicateCategory: number;
  categoryInUse: number;
  /** `$limit` above 100: false refuses it with 400, true takes it for 100. */
  capsLimit: boolean;
  /** Whether a VM can be read, OFF, while its kVmCreate still runs. */
  showsVmAtOnce: boolean;
  /** Milliseconds from a VM's being ON until its addresses are shown. */
  addressDelay: number;
  /** Milliseconds until lists show what is new; reading by id does not lag. */
  listLag: number;
  /** How long a session cookie is good for, in seconds. */
  sessionSeconds: number;
  /** Requests that each user may make in a second, 0 for any number; more of them get 429. */
  requestsPerSecond: number;
  /** The same for the creation of VMs. */
  vmCreatesPerSecond: number;
}

export const DEFAULT_BEHAVIOUR: Behaviour = {
  apiVersion: "v4.2",
  missingIfMatch: 428,
  staleIfMatch: 412,
  requestIdRequired: true,
  duplicateCategory: 409,
  categoryInUse: 409,
  capsLimit: false,
  showsVmAtOnce: false,
  addressDelay: 0,
  listLag: 0,
  sessionSeconds: 15 * 60,
  requestsPerSecond: 0,
  vmCreatesPerSecond: 0,
};

/** The defaults with what a seed says in their place; throws an Error that names the first mistake. */
export function readBehaviour(given: Record<string, unknown>): Behaviour {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in DEFAULT_BEHAVIOUR))
      throw new Error(
        `"${name}" is unknown; known are ${Object.keys(DEFAULT_BEHAVIOUR).join(", ")}.`,
      );
    const wanted = typeof DEFAULT_BEHAVIOUR[name as keyof Behaviour];
    if (typeof value !== wanted || (wanted === "number" && !(Number(value) >= 0)))
      throw new Error(`${name} is ${JSON.stringify(value)}; it must be a ${wanted}.`);
  }
  return { ...DEFAULT_BEHAVIOUR, ...given };
}
