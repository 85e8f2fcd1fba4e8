// The name of an Event of Kubernetes, as client-go makes it (tools/record/event.go, makeEvent).

/** Between the clock that only goes on and nanoseconds since 1970. */
const offset = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();

/** The name of what the event is about, and its time as hexadecimal nanoseconds: unique, and exact where times are not. */
export function eventName(subject: string): string {
  return `${subject}.${(process.hrtime.bigint() + offset).toString(16)}`;
}
