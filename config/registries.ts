// Registries of one's own in the place of upstream's, and what of a stack is taken from them.

import { mirrored } from "../components/images";
import type { LabConfig, RegistriesConfig } from "./lab-config";
import { rules } from "./rules";
import type { Section } from "./section";

export function registries(section: Section): RegistriesConfig {
  const value = {
    images: section.textByName("images", rules.imagePrefix),
    charts: section.textByName("charts", rules.chartPrefix),
  };
  section.close();
  return value;
}

/** The stack with every image and chart that it names itself taken from its mirror. */
export function withMirrors(config: LabConfig): LabConfig {
  const { images, charts } = config.registries;
  const { managementCluster, workloadCluster, clusterAutoscaler, sampleWorkload } = config;
  const { image, repository, chart } = clusterAutoscaler;
  const { nodeImage } = managementCluster;
  return {
    ...config,
    managementCluster: {
      ...managementCluster,
      ...(nodeImage === undefined ? {} : { nodeImage: mirrored(nodeImage, images) }),
    },
    workloadCluster: {
      ...workloadCluster,
      kubeVipImage: mirrored(workloadCluster.kubeVipImage, images),
      cloudControllerImage: mirrored(workloadCluster.cloudControllerImage, images),
      surroundings: { ...workloadCluster.surroundings, mirrors: images },
    },
    clusterAutoscaler: {
      ...clusterAutoscaler,
      ...chartPlace(chart, repository, charts),
      image: { ...image, repository: mirrored(image.repository, images) },
    },
    sampleWorkload: { ...sampleWorkload, image: mirrored(sampleWorkload.image, images) },
  };
}

/** A repository that is mirrored by an OCI registry has no index: the chart's own address takes its place. */
function chartPlace(
  chart: string,
  repository: string | undefined,
  charts: Record<string, string>,
): { chart: string; repository?: string } {
  if (repository === undefined) return { chart: mirrored(chart, charts) };
  const place = mirrored(repository, charts);
  if (place.startsWith("oci://")) return { chart: `${place}/${chart}`, repository: undefined };
  return { chart, repository: place };
}
