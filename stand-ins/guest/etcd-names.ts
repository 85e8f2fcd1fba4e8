// Names for etcd's clients. A Go client that dials several members through a proxy expects the first one's name of
// all of them, so every member's certificate is for all of these names, and each member has one.
const domain = "etcd.internal";

/** For certificates: the names of all members. */
export const anyMember = `*.${domain}`;

/** The name of the member on the machine with an address. */
export function memberName(address: string): string {
  return `${address.replaceAll(".", "-")}.${domain}`;
}

/** The address behind a member's name; what is no such name is its own. */
export function memberAddress(name: string): string {
  const label = name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : undefined;
  return label?.replaceAll("-", ".") ?? name;
}
