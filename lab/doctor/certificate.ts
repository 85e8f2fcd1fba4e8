// Prism Central's certificate as it shows it to everybody: whose it is, and how long it lasts.

import { connect, type DetailedPeerCertificate } from "node:tls";
import type { LabConfig } from "../../config/lab-config";
import { isLoopback } from "../prism-central";
import { type Finding, findingsOf } from "./finding";

export interface Certificate {
  subject: string;
  issuer: string;
  /** SHA-256, bytes parted by colons. */
  fingerprint: string;
  validTo: Date;
}

const PATIENCE = 5_000;

/** Undefined where nothing speaks TLS. */
export function certificateAt(host: string, port: number): Promise<Certificate | undefined> {
  return new Promise((resolve) => {
    // Nothing is sent: what is wrong with it, the check of the connection says.
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: PATIENCE });
    const end = (certificate?: Certificate) => {
      socket.destroy();
      resolve(certificate);
    };
    socket.once("secureConnect", () => {
      end(shown(socket.getPeerCertificate(true)));
    });
    socket.once("timeout", () => {
      end();
    });
    socket.once("error", () => {
      end();
    });
  });
}

function shown(peer: DetailedPeerCertificate): Certificate {
  return {
    subject: named(peer.subject),
    issuer: named(peer.issuer),
    fingerprint: peer.fingerprint256,
    validTo: new Date(peer.valid_to),
  };
}

/** The name by which people know a subject or an issuer. */
function named(entity: { CN?: unknown; O?: unknown }): string {
  const name = entity.CN ?? entity.O;
  return typeof name === "string" ? name : "somebody without a name";
}

const { ok, warning, failure } = findingsOf("certificate");

const SOON = 30 * 24 * 60 * 60 * 1000;

export function checkCertificate(
  { prismCentral }: Pick<LabConfig, "prismCentral">,
  certificate: Certificate | undefined,
  now: Date,
): Finding[] {
  if (!certificate) return [];
  const { subject, issuer, fingerprint, validTo } = certificate;
  const until = validTo.toISOString().slice(0, 10);
  const text = `of ${subject}, by ${issuer}, until ${until}, SHA-256 ${fingerprint}`;
  const left = validTo.getTime() - now.getTime();
  const renew =
    "Renew it in Prism Central (Settings > SSL Certificate), and then prismCentral.trustBundle.";
  if (left <= 0 && !prismCentral.insecure) return [failure(`${text}: it has ended`, renew)];
  if (left < SOON) return [warning(`${text}: it ends soon`, renew)];
  if (prismCentral.insecure && !isLoopback(prismCentral.address))
    return [
      warning(
        `${text}: not verified`,
        "Compare the SHA-256, save the authority's certificate as prismCentral.trustBundle, and leave insecure out.",
      ),
    ];
  return [ok(text)];
}
