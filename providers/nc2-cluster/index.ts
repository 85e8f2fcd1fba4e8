// An NC2 cluster (metal in a public cloud) by the NC2 console's API: the one cost that an idle lab still has. Pulumi
// and Terraform have nothing for it.
import * as pulumi from "@pulumi/pulumi";
import { LateResource } from "../late";

export interface Nc2ClusterArgs {
  /** Also its name in Prism Central. */
  name: pulumi.Input<string>;
  /** aws, azure or gcp. */
  cloud: pulumi.Input<string>;
  /** UUID of the NC2 organization. */
  organizationId: pulumi.Input<string>;
  /** Id of the cloud account in the console (base64). */
  cloudAccountId: pulumi.Input<string>;
  region: pulumi.Input<string>;
  /** Changed in place while the cluster is running. */
  capacity: pulumi.Input<
    pulumi.Input<{
      /** As the cloud calls it: i4i.metal, AN36P. */
      hostType: pulumi.Input<string>;
      /** 3 to 28. */
      hosts: pulumi.Input<number>;
    }>[]
  >;
  /** What matters when the cluster is made; not needed to take one over. Groups are passed on as the API spells them. */
  creation?: pulumi.Input<{
    aosVersion?: pulumi.Input<string>;
    /** nci or aos. */
    license?: pulumi.Input<string>;
    /** pro or ultimate. */
    softwareTier?: pulumi.Input<string>;
    /** @default general */
    useCase?: pulumi.Input<string>;
    /** @default 2 */
    redundancyFactor?: pulumi.Input<number>;
    sshKey?: pulumi.Input<string>;
    network?: pulumi.Input<Record<string, unknown>>;
    prismCentral?: pulumi.Input<Record<string, unknown>>;
    /** Fields that have no name above, or others in their place. */
    more?: pulumi.Input<Record<string, unknown>>;
  }>;
  description?: pulumi.Input<string>;
  /** running, or hibernated: AWS only, and only while no VM runs. @default running */
  desiredState?: pulumi.Input<string>;
  /** Takes over a cluster of that name in the organization. @default false */
  adopt?: pulumi.Input<boolean>;
  console?: pulumi.Input<{
    /** Base of all paths. @default https://cloud.nutanix.com/api/v2 */
    url?: pulumi.Input<string>;
    /** PEM of CAs to trust in the place of the system's. */
    trustBundle?: pulumi.Input<string>;
  }>;
  /** Asked for running VMs before a hibernation. */
  prismCentral?: pulumi.Input<{
    address: pulumi.Input<string>;
    port: pulumi.Input<number>;
    insecure?: pulumi.Input<boolean>;
    trustBundle?: pulumi.Input<string>;
    /** Name or uuid of the cluster there. @default name */
    prismElement?: pulumi.Input<string>;
    /** VMs that may run meanwhile, by name or uuid: Prism Central's own, where it lives on the cluster. */
    allowedVms?: pulumi.Input<pulumi.Input<string>[]>;
  }>;
  /** Minutes that one update waits for the console; the next one waits on. @default 180 */
  patienceMinutes?: pulumi.Input<number>;
}

/**
 * A cluster that the NC2 console makes, hibernates, resumes and terminates. Credentials are read when an operation
 * runs: NC2_KEY_ID and NC2_API_KEY, or the stack's console.keyId and secret console.apiKey; those of Prism Central as
 * for PrismImage. Deleting it terminates the cluster, an adopted one too: protect or retainOnDelete keep it.
 *
 * The option `import` takes over a cluster by its id, if it is what the arguments say. It shows as a create: the
 * engine's own import asks dynamic providers in a way that Pulumi's SDK does not answer.
 */
export class Nc2Cluster extends LateResource {
  /** The cluster's UUID in the console. */
  declare readonly clusterId: pulumi.Output<string>;
  /** As the console says it: running, hibernated. */
  declare readonly status: pulumi.Output<string>;

  constructor(name: string, args: Nc2ClusterArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { import: importId, ...others } = opts;
    const inputs = {
      clusterId: undefined,
      status: undefined,
      desiredState: "running",
      console: {},
      patienceMinutes: 180,
      ...args,
      importId,
      owner: `${pulumi.getProject()}/${pulumi.getStack()}/${name}`,
    };
    super({ room: "nc2-cluster", token: "nc2:Cluster" }, name, inputs, others);
  }
}
