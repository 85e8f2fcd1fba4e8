// What a plugin's author writes: plain asynchronous functions over plain values. server.ts puts them on the wire.
// A method that is left out answers UNIMPLEMENTED with its name, except where a default is stated.

import type { PropertyMap } from "./values";

export type Severity = "debug" | "info" | "warning" | "error";

/** Everything a request carries besides its values. */
export interface RequestContext {
  /** Aborted when the engine cancels, or when the engine itself is gone. */
  readonly signal: AbortSignal;
  /** Shows a message at the resource; ephemeral ones are status text only. Never rejects. */
  readonly log: (severity: Severity, message: string, options?: LogOptions) => Promise<void>;
}

export interface LogOptions {
  readonly ephemeral?: boolean;
}

export interface ResourceRequest extends RequestContext {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

export interface CheckRequest extends ResourceRequest {
  /** Old inputs; empty for a new resource. */
  readonly olds: PropertyMap;
  readonly news: PropertyMap;
  readonly randomSeed: Uint8Array;
  readonly autonaming?: {
    readonly mode: "propose" | "enforce" | "disable";
    readonly proposedName: string;
  };
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface CheckResult {
  readonly inputs: PropertyMap;
  readonly failures?: readonly CheckFailure[];
}

export interface ConfigureRequest extends RequestContext {
  readonly urn: string;
  readonly name: string;
  readonly args: PropertyMap;
  /** `pkg:config:key` to text, as older providers read it. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface DiffRequest extends ResourceRequest {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly news: PropertyMap;
  readonly ignoreChanges: readonly string[];
}

export type DiffKind =
  "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface DiffResult {
  /** `unknown`: the engine compares old inputs with new ones by itself. */
  readonly changes: "none" | "some" | "unknown";
  readonly replaces?: readonly string[];
  readonly stables?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  /** Top-level keys. */
  readonly diffs?: readonly string[];
  /** By property path; inputDiff says that inputs were compared, not old outputs. */
  readonly detailedDiff?: Readonly<Record<string, PropertyDiff>>;
}

export interface PropertyDiff {
  readonly kind: DiffKind;
  readonly inputDiff?: boolean;
}

export interface CreateRequest extends ResourceRequest {
  readonly inputs: PropertyMap;
  readonly timeoutSeconds: number;
  readonly preview: boolean;
}

export interface CreateResult {
  /** May be empty in a preview only. */
  readonly id: string;
  readonly outputs: PropertyMap;
}

export interface ReadRequest extends ResourceRequest {
  readonly id: string;
  /** Last known inputs and outputs; both empty for an import. */
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly timeoutSeconds: number;
}

export interface ReadResult {
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

export interface UpdateRequest extends ResourceRequest {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly news: PropertyMap;
  readonly ignoreChanges: readonly string[];
  readonly timeoutSeconds: number;
  readonly preview: boolean;
}

export interface DeleteRequest extends ResourceRequest {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly timeoutSeconds: number;
}

export interface InvokeRequest extends RequestContext {
  readonly token: string;
  readonly args: PropertyMap;
  readonly preview: boolean;
}

export interface InvokeResult {
  readonly result: PropertyMap;
  readonly failures?: readonly CheckFailure[];
}

type Method<Request, Result> = (request: Request) => Promise<Result> | Result;

export interface Provider {
  /** Default: the news, unchanged. */
  checkConfig?: Method<CheckRequest, CheckResult>;
  /** Default: propertyDiff of the inputs, without replacement. */
  diffConfig?: Method<DiffRequest, DiffResult>;
  /** Default: nothing. */
  configure?: Method<ConfigureRequest, void>;
  check?: Method<CheckRequest, CheckResult>;
  diff?: Method<DiffRequest, DiffResult>;
  create?: Method<CreateRequest, CreateResult>;
  /** undefined: the resource is gone. */
  read?: Method<ReadRequest, ReadResult | undefined>;
  /** Answers all outputs. */
  update?: Method<UpdateRequest, PropertyMap>;
  delete?: Method<DeleteRequest, void>;
  invoke?: Method<InvokeRequest, InvokeResult>;
}

export interface Plugin {
  readonly name: string;
  /** The version that the real plugin of the installed SDK has. */
  readonly version: string;
  readonly provider: Provider;
  /** False: the engine strips secrets and marks outputs of the same name afterwards. Default true. */
  readonly acceptSecrets?: boolean;
  /** False: a resource that is passed as a value arrives as its id or URN. Default true. */
  readonly acceptResources?: boolean;
  /** True: Check is given `autonaming`. Default false. */
  readonly supportsAutonaming?: boolean;
}
