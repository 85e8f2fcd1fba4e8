// A volume group as this Prism Central keeps it: its disks are of one size, its attachments are VMs.

export interface VolumeGroupRow {
  extId: string;
  version: number;
  name: string;
  description?: string;
  clusterExtId: string;
  sizeBytes: number;
  attachments: { vmExtId: string; index: number; diskExtId: string }[];
  createTime: string;
}

/** Kind of a volume group as tasks name it. */
export const VOLUME_GROUP_REL = "volumes:config:volume-group";
