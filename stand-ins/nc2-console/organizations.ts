// Organizations and their cloud accounts: read-only, from the seed.
import { notThere } from "./refusal";
import type { Call, Route } from "./route";
import type { CloudAccountSeed } from "./seed";
import { uuidFor } from "../prism-central/uuid";
import type { World } from "./world";

export function organizationRoutes({ seed }: World): Route[] {
  const organizations = seed.organizations.map(({ id, name }) => ({
    id,
    name,
    active: true,
    customer_id: uuidFor("customer", "lab"),
    created_at: "2024-01-01T00:00:00Z",
    url_slug: name,
  }));
  const one = (call: Call) => {
    const id = call.params["id"] ?? "";
    const found = organizations.find((organization) => organization.id === id);
    if (!found) throw notThere("organization", id);
    return found;
  };
  return [
    { method: "GET", path: "/organizations", handle: () => ok(organizations) },
    { method: "GET", path: "/organizations/:id", handle: (call) => ok(one(call)) },
    {
      method: "GET",
      path: "/organizations/:id/cloud-accounts",
      handle: (call) => {
        const { id } = one(call);
        return ok(
          seed.cloudAccounts.filter((account) => account.organization === id).map(accountView),
        );
      },
    },
    {
      method: "GET",
      path: "/cloud-accounts/:id",
      handle: ({ params }) => {
        const account = seed.cloudAccounts.find(({ id }) => id === params["id"]);
        if (!account) throw notThere("cloud account", params["id"] ?? "");
        return ok(accountView(account));
      },
    },
  ];
}

function accountView({ id, name, provider }: CloudAccountSeed): object {
  return { id, name, cloud_provider: provider, active: true, status: "active" };
}

const ok = (data: object) => ({ status: 200, body: { data } });
