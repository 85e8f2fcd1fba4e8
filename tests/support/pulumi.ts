// Runs a piece of the program against Pulumi's mocks and tells what it registered. Proves which resources,
// inputs, options and parents; not serialisation, nor what a plugin makes of them.

import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

/** One registration. Options only where they are set. */
export interface Registration {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  parent?: string;
  provider?: string;
  dependsOn?: string[];
  deletedWith?: string;
  retainOnDelete?: boolean;
  ignoreChanges?: string[];
  additionalSecretOutputs?: string[];
}

export interface Recording<T> {
  result: T;
  /** By name, then type: the order of registration follows from promises and means nothing. */
  resources: Registration[];
}

/** The wire request, as much of it as is recorded. */
interface Request {
  getType: () => string;
  getName: () => string;
  getParent: () => string;
  getProvider: () => string;
  getObject: () => { toJavaScript: () => Record<string, unknown> };
  getDependenciesList: () => string[];
  getDeletedwith: () => string;
  getRetainondelete: () => boolean | undefined;
  getIgnorechangesList: () => string[];
  getAdditionalsecretoutputsList: () => string[];
}

/** Name of the resource that a URN or a provider reference (URN::ID) points to. */
const nameOf = (urn: string) => urn.split("::")[3] ?? "";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Secrets as { secret: value }. */
const readable = (_: string, value: unknown): unknown => {
  const wrapped = value as Record<string, unknown> | null;
  return wrapped?.[SIGNATURE] === SECRET ? { secret: wrapped["value"] } : value;
};

function registration(request: Request): Registration {
  const wire = JSON.stringify(request.getObject().toJavaScript());
  const inputs = JSON.parse(wire, readable) as Record<string, unknown>;
  delete inputs["__provider"]; // the text of a dynamic provider
  const options = {
    parent: nameOf(request.getParent()),
    provider: nameOf(request.getProvider()),
    dependsOn: request.getDependenciesList().map(nameOf).sort(),
    deletedWith: nameOf(request.getDeletedwith()),
    retainOnDelete: request.getRetainondelete() ?? false,
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
  };
  const given = Object.entries(options).filter(([, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== "" && value !== false,
  );
  return { type: request.getType(), name: request.getName(), inputs, ...Object.fromEntries(given) };
}

const byName = (a: Registration, b: Registration) =>
  a.name.localeCompare(b.name) || a.type.localeCompare(b.type);

/** What a resource answers beside its inputs. */
function outputs(type: string, name: string, inputs: Record<string, unknown>) {
  if (type === "command:local:Command") return { ...inputs, stdout: `stdout of ${name}` };
  if (type.startsWith("kubernetes:helm")) return { ...inputs, status: { revision: 1 } };
  if (type.startsWith("pulumi-nodejs:"))
    return { ...inputs, uuid: `uuid of ${name}`, caPem: `CA of ${name}` };
  const metadata = inputs["metadata"] as object | undefined;
  return metadata ? { ...inputs, metadata: { ...metadata, uid: `uid of ${name}` } } : inputs;
}

/** Runs `program` to its end, all registrations included. `answers`: outputs of single resources, by name. */
export async function recordResources<T>(
  program: () => T,
  answers: Record<string, object> = {},
): Promise<Recording<T>> {
  await pulumi.runtime.setMocks(
    {
      call: ({ inputs }) => inputs as Record<string, unknown>,
      newResource: ({ type, name, inputs }) => ({
        id: `id of ${name}`,
        state: { ...outputs(type, name, inputs as Record<string, unknown>), ...answers[name] },
      }),
    },
    "nutanix-serverless-lab",
    "test",
    false,
  );
  const spy = jest.spyOn(MockMonitor.prototype, "registerResource");
  try {
    const result = program();
    await pulumi.runtime.disconnect();
    const resources = spy.mock.calls.map(([request]) => registration(request as Request));
    return { result, resources: resources.sort(byName) };
  } finally {
    spy.mockRestore();
  }
}

/** The value of an output, once it is known. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value));
  });
}
