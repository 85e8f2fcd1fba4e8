// The loop: look at both clusters, grow for pods that fit nowhere, else let nodes go that are not needed.

import { log } from "../shared/log";
import type { Metrics } from "../shared/probes";
import type { Actuator } from "./actuator";
import { BackOff } from "./backoff";
import { isFailed, isLeaving, isReady, isRollingOut, takesPods } from "./cluster";
import type { Cluster, NodeGroup } from "./cluster";
import type { SimulatedNode } from "./fits";
import type { Flags } from "./flags";
import type { Node, Pod } from "./objects";
import type { Recorder } from "./recorder";
import { Removals } from "./removals";
import { judge } from "./scale-down";
import type { Rules, Verdict } from "./scale-down";
import { isUnschedulable, place, planScaleUp } from "./scale-up";
import type { Candidate, Growth, Refusal } from "./scale-up";
import { statusOf } from "./status";
import { Targets } from "./targets";
import { optionsOf, restLeft, Unneeded } from "./timers";
import type { LastChanges } from "./timers";

export interface Surroundings {
  flags: Flags;
  /** Reads both clusters; `targets` are sizes just asked for, which the copies may not show yet. */
  look: (targets: Targets) => Cluster;
  /** The node that a group would make; undefined when nothing says how large it is. */
  template: (group: NodeGroup, cluster: Cluster) => Promise<SimulatedNode | undefined>;
  actuator: Actuator;
  recorder: Recorder;
  metrics: Metrics;
  now: () => number;
}

export class Autoscaler {
  private readonly around: Surroundings;
  private readonly removals: Removals;
  private readonly unneeded = new Unneeded();
  private readonly last: LastChanges = { add: -Infinity, remove: -Infinity, failure: -Infinity };
  private readonly backOff: BackOff;
  private readonly targets: Targets;

  constructor(around: Surroundings) {
    this.around = around;
    this.targets = new Targets(around.now);
    this.backOff = new BackOff(around.flags);
    this.removals = new Removals(around, this.last, this.targets);
  }

  /** One run; how long to wait for the next when nothing happens meanwhile. */
  async run(): Promise<number> {
    const { around, targets } = this;
    const cluster = around.look(targets);
    await this.giveUpStuck(cluster);
    const templates = await this.templates(cluster);
    const helpless = this.helpless(cluster, templates);
    const grown = helpless.length > 0 && (await this.scaleUp(cluster, templates, helpless));
    const verdicts = this.verdicts(cluster);
    const next = grown ? around.flags["scan-interval"] : this.scaleDown(cluster, verdicts);
    await this.report(cluster, verdicts, helpless.length);
    return next;
  }

  /** Lets removals under way end. */
  settle(): Promise<void> {
    return this.removals.settle();
  }

  private async templates(cluster: Cluster): Promise<Map<string, SimulatedNode>> {
    const found = new Map<string, SimulatedNode>();
    for (const group of cluster.groups) {
      const template = await this.around.template(group, cluster);
      if (template) found.set(group.id, template);
    }
    return found;
  }

  /** Pods that neither the nodes that are there nor those that are coming can take. */
  private helpless(cluster: Cluster, templates: Map<string, SimulatedNode>): Pod[] {
    const delay = this.around.flags["new-pod-scale-up-delay"];
    const waiting = cluster.pods.filter(
      (pod) => isUnschedulable(pod) && this.ageOf(pod.metadata.creationTimestamp) >= delay,
    );
    this.around.metrics.set(
      'cluster_autoscaler_unschedulable_pods_count{type="unschedulable"}',
      waiting.length,
    );
    return place(waiting, this.standing(cluster, templates));
  }

  /** The nodes that are there, and those that are coming, as their groups make them. */
  private standing(cluster: Cluster, templates: Map<string, SimulatedNode>): SimulatedNode[] {
    const present = cluster.nodes.filter(takesPods).map((node) => cluster.simulated(node));
    const coming = cluster.groups.flatMap((group) => {
      const template = templates.get(group.id);
      const count = template ? this.upcoming(group, cluster) : 0;
      return Array.from({ length: count }, (_, at) => upcomingNode(template, at));
    });
    return [...present, ...coming.filter((node) => node !== undefined)];
  }

  /** How many nodes of a group have been asked for and are not up yet. */
  private upcoming(group: NodeGroup, cluster: Cluster): number {
    const grace = this.around.flags["max-node-startup-time"];
    const there = cluster.nodesOf(group).filter((node) => {
      const machine = cluster.machineOf(node)?.machine;
      const leaving = machine && isLeaving(machine) && !this.removals.has(node.metadata.name);
      const started = isReady(node) || this.ageOf(node.metadata.creationTimestamp) > grace;
      return started && !leaving;
    });
    return Math.max(0, group.target - there.length);
  }

  private ageOf(timestamp: string | undefined): number {
    return this.around.now() - Date.parse(timestamp ?? "");
  }

  private async scaleUp(
    cluster: Cluster,
    templates: Map<string, SimulatedNode>,
    helpless: Pod[],
  ): Promise<boolean> {
    const candidates = cluster.groups.flatMap((group): Candidate[] => {
      const template = templates.get(group.id);
      return template ? [this.candidate(group, template, cluster)] : [];
    });
    const present = this.standing(cluster, templates);
    const { growth, refused } = planScaleUp(
      helpless,
      candidates,
      this.around.flags.expander,
      present,
    );
    for (const each of growth) await this.grow(cluster, each);
    for (const each of refused) await this.refuse(each);
    return growth.length > 0;
  }

  private candidate(group: NodeGroup, template: SimulatedNode, cluster: Cluster): Candidate {
    const { id, deployment, max, target } = group;
    const total = this.around.flags["max-nodes-total"];
    const backsOff = this.backOff.rests(id, this.around.now());
    const paused = deployment.spec.paused ?? false;
    if (backsOff || paused) {
      const closed = paused ? "node group paused" : "in backoff after failed scale-up";
      return { id, template, room: 0, closed };
    }
    const left = total > 0 ? total - cluster.nodes.length : Infinity;
    const most = Math.min(max - target, left, this.around.flags["max-nodes-per-scaleup"]);
    return { id, template, room: Math.max(0, most) };
  }

  private async grow(cluster: Cluster, { id, count, pods }: Growth): Promise<void> {
    const { actuator, recorder, metrics, now } = this.around;
    const group = cluster.groups.find((each) => each.id === id);
    if (!group) return;
    try {
      const { before, after } = await actuator.resize(group, count);
      this.targets.set(id, after);
      this.last.add = now();
      metrics.add("cluster_autoscaler_scaled_up_nodes_total", after - before);
      await recorder.general({
        reason: "ScaledUpGroup",
        message: `Scale-up: group ${id} size set to ${after} instead of ${before} (max: ${group.max})`,
      });
      const change = `[{${id} ${before}->${after} (max: ${group.max})}]`;
      const message = `pod triggered scale-up: ${change}`;
      for (const { metadata } of pods)
        await recorder.event(
          { kind: "Pod", metadata: nameOf(metadata) },
          { reason: "TriggeredScaleUp", message },
        );
    } catch (error) {
      this.backOff.fail(id, "cloudProviderError", now());
      metrics.add('cluster_autoscaler_failed_scale_ups_total{reason="cloudProviderError"}');
      const message = `Scale-up failed for group ${id}: ${String(error)}`;
      await recorder.general({ reason: "FailedToScaleUpGroup", message, warning: true });
    }
  }

  private async refuse({ pod, reasons }: Refusal): Promise<void> {
    const counted = new Map<string, number>();
    for (const reason of reasons) counted.set(reason, (counted.get(reason) ?? 0) + 1);
    const why = [...counted].map(([reason, count]) => `${count} ${reason}`).join(", ");
    const message = `pod didn't trigger scale-up: ${why || "no node group is known"}`;
    const subject = { kind: "Pod", metadata: nameOf(pod.metadata) };
    await this.around.recorder.eventOnce(subject, { reason: "NotTriggerScaleUp", message });
  }

  private verdicts(cluster: Cluster): Verdict[] {
    const leaving = new Set(
      cluster.nodes
        .filter((node) => !takesPods(node) || this.removals.has(node.metadata.name))
        .map(({ metadata }) => metadata.name),
    );
    return cluster.nodes.flatMap((node) => {
      const found = cluster.machineOf(node);
      if (!found || isLeaving(found.machine) || this.removals.has(node.metadata.name)) return [];
      if (isRollingOut(found.group.deployment)) return [];
      return [judge(node, cluster, this.rules(found.group), leaving)];
    });
  }

  private rules({ deployment }: NodeGroup): Rules {
    const { flags } = this.around;
    return {
      utilizationThreshold: optionsOf(deployment, flags).utilizationThreshold,
      skipSystemPods: flags["skip-nodes-with-system-pods"],
      skipLocalStorage: flags["skip-nodes-with-local-storage"],
      skipCustomControllers: flags["skip-nodes-with-custom-controller-pods"],
      ignoreDaemonSets: flags["ignore-daemonsets-utilization"],
      ignoreMirrorPods: flags["ignore-mirror-pods-utilization"],
    };
  }

  /** Starts the removal of nodes whose time has come; how long until the next one's has. */
  private scaleDown(cluster: Cluster, verdicts: readonly Verdict[]): number {
    const { flags, metrics, now } = this.around;
    const time = now();
    const idle = verdicts.filter(({ keeps }) => keeps === undefined);
    this.unneeded.update(
      idle.map(({ node }) => node.metadata.name),
      time,
    );
    const rest = restLeft(this.last, flags, time);
    metrics.set("cluster_autoscaler_scale_down_in_cooldown", rest > 0 ? 1 : 0);
    if (!flags["scale-down-enabled"] || idle.length === 0) return flags["scan-interval"];
    const waits = idle.map((verdict) => Math.max(rest, this.waitOf(verdict.node, cluster, time)));
    const due = idle.filter((_, at) => (waits[at] ?? 1) <= 0);
    this.removals.begin(cluster, due);
    const later = waits.filter((wait) => wait > 0);
    return Math.min(flags["scan-interval"], ...later);
  }

  private waitOf(node: Node, cluster: Cluster, time: number): number {
    const group = cluster.machineOf(node)?.group;
    if (!group) return Infinity;
    const { unneededTime, unreadyTime } = optionsOf(group.deployment, this.around.flags);
    return this.unneeded.left(node.metadata.name, isReady(node) ? unneededTime : unreadyTime, time);
  }

  /** A machine that never became a node in time is taken away, and its group rests. */
  private async giveUpStuck(cluster: Cluster): Promise<void> {
    const { flags, now, recorder, actuator, metrics } = this.around;
    const registered = new Set(cluster.nodes.map(({ spec }) => spec.providerID));
    for (const group of cluster.groups) {
      const { provisionTime } = optionsOf(group.deployment, flags);
      const stuck = group.machines.filter(
        (machine) =>
          !isLeaving(machine) &&
          !(machine.spec.providerID && registered.has(machine.spec.providerID)) &&
          (isFailed(machine) || this.ageOf(machine.metadata.creationTimestamp) > provisionTime),
      );
      if (stuck.length === 0 || group.target - stuck.length < group.min) continue;
      this.backOff.fail(group.id, "timeout", now());
      metrics.add(`cluster_autoscaler_failed_scale_ups_total{reason="timeout"}`);
      const message = `Nodes added to group ${group.id} failed to register within ${provisionTime / 1000}s`;
      await recorder.general({ reason: "ScaleUpTimedOut", message, warning: true });
      for (const machine of stuck) await actuator.markMachine(machine);
      const { after } = await actuator.resize(group, -stuck.length);
      this.targets.set(group.id, after);
      log("gave up machines that never registered", { group: group.id, count: stuck.length });
    }
  }

  private async report(cluster: Cluster, verdicts: readonly Verdict[], helpless: number) {
    const { metrics, recorder, now } = this.around;
    metrics.set(
      'cluster_autoscaler_nodes_count{state="ready"}',
      cluster.nodes.filter(isReady).length,
    );
    metrics.set("cluster_autoscaler_unneeded_nodes_count", this.unneeded.size);
    metrics.set("cluster_autoscaler_node_groups_count", cluster.groups.length);
    metrics.set('cluster_autoscaler_last_activity{activity="main"}', Math.floor(now() / 1000));
    const upcoming = (group: NodeGroup) => this.upcoming(group, cluster);
    const backOff = (group: NodeGroup) => this.backOff.reason(group.id, now());
    await recorder.status(statusOf({ cluster, verdicts, helpless, upcoming, backOff }));
  }
}

function upcomingNode(template: SimulatedNode | undefined, at: number) {
  if (!template) return undefined;
  const name = `${template.name}-upcoming-${at}`;
  const labels = { ...template.labels, "kubernetes.io/hostname": name };
  return { ...template, name, labels, pods: [] };
}

function nameOf({ name, namespace, uid }: Pod["metadata"]) {
  return { name, namespace, uid };
}
