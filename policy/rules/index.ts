// Every rule, in the order in which docs/policies.md tells of them.

import { autoscalerRbac } from "./autoscaler-rbac";
import { ceiling } from "./ceiling";
import { controlPlane } from "./control-plane";
import { hashedNames } from "./hashed-names";
import { network } from "./network";
import { plainSecrets } from "./plain-secrets";
import { scaledPools } from "./scaled-pools";
import { verifiedTls } from "./verified-tls";
import { versionSkew } from "./version-skew";
import type { Rule } from "../rule";

export const RULES: readonly Rule[] = [
  autoscalerRbac,
  scaledPools,
  verifiedTls,
  network,
  hashedNames,
  plainSecrets,
  ceiling,
  controlPlane,
  versionSkew,
];
