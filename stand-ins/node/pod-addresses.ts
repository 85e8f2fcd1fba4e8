// Hands out the addresses of the node's pod range, the ones longest free first.
import { twin } from "../shared/addresses";
import type { PodAddress } from "./types";

export class PodAddresses {
  private readonly free: string[];

  /** All of an IPv4 range but its first two and its last address (network, gateway, broadcast). */
  constructor(cidr: string) {
    const [network = "", bits = ""] = cidr.split("/");
    const size = 2 ** (32 - Number(bits));
    if (!Number.isInteger(size) || size < 4 || size > 65_536)
      throw new Error(`Using the pod range ${cidr} failed: it must have 4 to 65536 addresses.`);
    const first = network.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    this.free = Array.from({ length: size - 3 }, (_, index) => dotted(first + index + 2));
  }

  /** Undefined when all are taken. */
  take(): PodAddress | undefined {
    const ip = this.free.shift();
    return ip === undefined ? undefined : { ip, loopback: twin(ip) };
  }

  /** Takes one that is in use already. */
  reserve(ip: string): void {
    const at = this.free.indexOf(ip);
    if (at >= 0) this.free.splice(at, 1);
  }

  giveBack(address: PodAddress): void {
    this.free.push(address.ip);
  }
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
