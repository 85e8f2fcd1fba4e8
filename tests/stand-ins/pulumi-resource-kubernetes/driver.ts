// Calls the provider as the engine does, without the engine: check before create and update, answers kept.

import { InitFailedError } from "../../../stand-ins/pulumi-plugin/errors";
import type {
  CheckRequest,
  DiffResult,
  Provider,
  ReadResult,
  RequestContext,
} from "../../../stand-ins/pulumi-plugin/provider";
import type { PropertyMap } from "../../../stand-ins/pulumi-plugin/values";
import { mapAt } from "../../../stand-ins/pulumi-resource-kubernetes/kube-object";
import { kubernetesProvider } from "../../../stand-ins/pulumi-resource-kubernetes/provider";

export interface Made {
  readonly type: string;
  readonly id: string;
  readonly outputs: PropertyMap;
}

interface Options {
  readonly preview?: boolean;
  readonly timeoutSeconds?: number;
  readonly ignoreChanges?: readonly string[];
}

/** What went into state of an object that was made, but is not well. */
export interface Failed {
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly inputs?: PropertyMap;
  readonly reasons: readonly string[];
}

export const inputsOf = (outputs: PropertyMap) => mapAt(outputs, "__inputs");

/** The state that a partial failure leaves; any other outcome throws. */
export async function failureOf(work: Promise<unknown>): Promise<Failed> {
  try {
    await work;
  } catch (error) {
    if (error instanceof InitFailedError) return error.resource;
    throw error;
  }
  throw new Error("it did not fail");
}

export class Driver {
  readonly provider: Required<Provider>;
  readonly cancel = new AbortController();
  /** Messages that the user would see, with their severity. */
  readonly said: string[] = [];
  /** Status texts that the user would see for a moment. */
  readonly status: string[] = [];

  constructor(kubeconfig: string, variables: Record<string, string> = {}) {
    this.provider = kubernetesProvider() as Required<Provider>;
    const given = Object.entries({ kubeconfig, ...variables });
    const all = given.map(([name, value]) => [`kubernetes:config:${name}`, value]);
    const request = { ...this.#context, urn: "", name: "", args: {} };
    void this.provider.configure({
      ...request,
      variables: Object.fromEntries(all) as Record<string, string>,
    });
  }

  get #context(): RequestContext {
    return {
      signal: this.cancel.signal,
      log: (severity, message, options) => {
        if (options?.ephemeral) this.status.push(message);
        else this.said.push(`${severity}: ${message}`);
        return Promise.resolve();
      },
    };
  }

  #request(type: string) {
    return { ...this.#context, urn: `urn:${type}`, type, name: "one" };
  }

  async check(
    type: string,
    news: PropertyMap,
    olds: PropertyMap = {},
    autonaming?: CheckRequest["autonaming"],
  ): Promise<PropertyMap> {
    const asked = { ...this.#request(type), olds, news, randomSeed: new Uint8Array() };
    return (await this.provider.check({ ...asked, ...(autonaming && { autonaming }) })).inputs;
  }

  async create(type: string, news: PropertyMap, options: Options = {}): Promise<Made> {
    const { preview = false, timeoutSeconds = 0 } = options;
    const inputs = await this.check(type, news);
    const asked = { ...this.#request(type), inputs, timeoutSeconds, preview };
    return { type, ...(await this.provider.create(asked)) };
  }

  async diff(made: Made, news: PropertyMap, ignoreChanges: string[] = []): Promise<DiffResult> {
    const oldInputs = inputsOf(made.outputs);
    const inputs = await this.check(made.type, news, oldInputs);
    const old = { id: made.id, oldInputs, oldOutputs: made.outputs, ignoreChanges };
    return this.provider.diff({ ...this.#request(made.type), ...old, news: inputs });
  }

  async update(made: Made, news: PropertyMap, options: Options = {}): Promise<Made> {
    const { preview = false, timeoutSeconds = 0, ignoreChanges = [] } = options;
    const oldInputs = inputsOf(made.outputs);
    const inputs = await this.check(made.type, news, oldInputs);
    const old = { id: made.id, oldInputs, oldOutputs: made.outputs, ignoreChanges };
    const asked = { ...this.#request(made.type), ...old, news: inputs, timeoutSeconds, preview };
    return { ...made, outputs: await this.provider.update(asked) };
  }

  /** What a refresh reads; with only type and id, what an import reads. */
  async read(made: Pick<Made, "type" | "id"> & Partial<Made>): Promise<ReadResult | undefined> {
    const { type, id, outputs = {} } = made;
    const inputs = inputsOf(outputs);
    return this.provider.read({ ...this.#request(type), id, inputs, outputs, timeoutSeconds: 0 });
  }

  async remove(made: Made, timeoutSeconds = 0): Promise<void> {
    const old = { oldInputs: inputsOf(made.outputs), oldOutputs: made.outputs };
    await this.provider.delete({
      ...this.#request(made.type),
      id: made.id,
      ...old,
      timeoutSeconds,
    });
  }
}
