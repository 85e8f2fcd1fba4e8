// The ground floor: the node image, built and held by Prism Central.
import { VmImage } from "../../../components/vm-image";
import { readConfig } from "../../../config";

const { image: source, kubernetesVersion, prismCentral, workloadCluster } = readConfig();
const { prismElement } = workloadCluster;
new VmImage("image", { source, kubernetesVersion, prismCentral, prismElement });
