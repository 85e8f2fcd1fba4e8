// The metal under a lab in a public cloud, in a stack of its own: it outlives the labs that run on it, and Prism
// Central, which those talk to, may sleep with it.
import { Nc2Cluster } from "../providers/nc2-cluster";
import { readSettings } from "./settings";

const cluster = new Nc2Cluster("cluster", readSettings());

export const clusterId = cluster.clusterId;
export const status = cluster.status;
