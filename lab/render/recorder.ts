// Runs a Pulumi program against the SDK's own mocks: neither engine nor plugins, credentials or network. What comes out
// is every resource that `up` of an empty stack would make, with what only a run can tell as <placeholders>.
// Run as a program: node --require ./providers/register.cjs recorder.ts, settings as JSON in RENDER; answers JSON.

import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

export interface RenderSettings {
  /** Checkout whose index.ts is run. */
  folder: string;
  project: string;
  stack: string;
  /** Configuration as Pulumi hands it to a program. */
  values: Record<string, string>;
  /** File to write the answer to: a program may print what it likes. */
  answer: string;
}

/** A resource as the program registers it. */
export interface RenderedResource {
  type: string;
  name: string;
  /** Of the parent, types of all ancestors included. */
  parent: string;
  inputs: Record<string, unknown>;
}

/** As much of the wire's request as is recorded. */
interface Request {
  getType: () => string;
  getName: () => string;
  getParent: () => string;
  getCustom: () => boolean;
  getObject: () => { toJavaScript: () => Record<string, unknown> };
}

/** Marks of the wire: Pulumi's own, the same in every SDK. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Secrets are not shown, placeholders in them included. */
function readable(_: string, value: unknown): unknown {
  const wrapped = value as Record<string, unknown> | null;
  return wrapped?.[SIGNATURE] === SECRET ? "<secret>" : value;
}

/** What a resource tells only once it is there. */
function outputs(type: string, name: string, inputs: Record<string, unknown>) {
  if (type === "command:local:Command") return { ...inputs, stdout: `<output of ${name}>` };
  if (type.startsWith("kubernetes:helm")) return { ...inputs, status: { revision: 1 } };
  const dynamic = { uuid: `<uuid of ${name}>`, caPem: `<CA of ${name}>` };
  if (type.startsWith("pulumi-nodejs:")) return { ...inputs, ...dynamic };
  const metadata = inputs["metadata"] as object | undefined;
  return metadata ? { ...inputs, metadata: { ...metadata, uid: `<uid of ${name}>` } } : inputs;
}

function recorded(request: Request): RenderedResource {
  const wire = JSON.stringify(request.getObject().toJavaScript());
  const inputs = JSON.parse(wire, readable) as Record<string, unknown>;
  delete inputs["__provider"]; // the text of a dynamic provider
  return {
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    inputs,
  };
}

/** By type and name: the order of registration follows from promises and means nothing. */
const inOrder = (one: RenderedResource, other: RenderedResource) =>
  `${one.parent} ${one.name} ${one.type}` < `${other.parent} ${other.name} ${other.type}` ? -1 : 1;

/** Runs the program in this process, once; its working folder must be the checkout. */
export async function record(settings: RenderSettings): Promise<RenderedResource[]> {
  const found: RenderedResource[] = [];
  const monitor = MockMonitor.prototype as unknown as {
    registerResource: (request: Request, ...rest: unknown[]) => unknown;
  };
  const original = monitor.registerResource;
  monitor.registerResource = function (request, ...rest) {
    found.push(recorded(request));
    return original.call(this, request, ...rest);
  };
  await pulumi.runtime.setMocks(
    {
      call: ({ inputs }) => inputs as Record<string, unknown>,
      newResource: ({ type, name, inputs }) => ({
        id: `<id of ${name}>`,
        state: outputs(type, name, inputs as Record<string, unknown>),
      }),
    },
    settings.project,
    settings.stack,
    true,
  );
  pulumi.runtime.setAllConfig(settings.values);
  await import(path.join(settings.folder, "index.ts"));
  await pulumi.runtime.disconnect();
  return found.sort(inOrder);
}
