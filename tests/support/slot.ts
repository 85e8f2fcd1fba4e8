/** The slot of addresses (LAB_SLOT) of this Jest worker's clusters: workers run at the same time and do not meet. */
export const slot = String(16 - Number(process.env["JEST_WORKER_ID"] ?? "1"));
