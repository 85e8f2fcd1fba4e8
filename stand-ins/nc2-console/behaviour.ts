// What public sources do not settle of the NC2 console: chosen here, and to be changed in the seed
// (`behaviour: { forgetsTerminated: true }`).

export interface Behaviour {
  /** Status of an accepted long operation: the reference's schema says 200, its example compares with 202. */
  accepted: number;
  /** How old a token may be, in seconds; Nutanix recommends five minutes at most. */
  tokenSeconds: number;
  /** Whether a terminated cluster is 404 rather than there with status `terminated`. */
  forgetsTerminated: boolean;
  /** Whether an organization may have two clusters of one name. */
  duplicateNames: boolean;
  /** Whether a description may be changed while the cluster is being created. */
  describesWhileCreating: boolean;
  /** Milliseconds from a new cluster's task until the task names its cluster. */
  clusterIdDelay: number;
  /** Milliseconds that a status lags behind what became of it. */
  statusLag: number;
}

export const DEFAULT_BEHAVIOUR: Behaviour = {
  accepted: 202,
  tokenSeconds: 300,
  forgetsTerminated: false,
  duplicateNames: true,
  describesWhileCreating: true,
  clusterIdDelay: 0,
  statusLag: 0,
};

/** The defaults with what a seed says in their place; throws an Error that names the first mistake. */
export function readBehaviour(given: Record<string, unknown>): Behaviour {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in DEFAULT_BEHAVIOUR))
      throw new Error(
        `behaviour.${name} is unknown; known are ${Object.keys(DEFAULT_BEHAVIOUR).join(", ")}.`,
      );
    const wanted = typeof DEFAULT_BEHAVIOUR[name as keyof Behaviour];
    if (typeof value !== wanted || (wanted === "number" && !(Number(value) >= 0)))
      throw new Error(`behaviour.${name} is ${JSON.stringify(value)}; it must be a ${wanted}.`);
  }
  return { ...DEFAULT_BEHAVIOUR, ...given };
}
