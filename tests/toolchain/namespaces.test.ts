import { type NamespaceProbe, requireNamespaces } from "../../toolchain/namespaces";

const NO = "unshare: unshare failed: Operation not permitted";

const probe = (given: Partial<NamespaceProbe>, settings: Record<string, string> = {}) => ({
  isRoot: false,
  attempt: () => Promise.resolve(NO),
  setting: (name: string) => settings[name],
  ...given,
});

const sentence = (of: NamespaceProbe) =>
  requireNamespaces(of).then(
    () => "allowed",
    (error: unknown) => (error as Error).message,
  );

test("says nothing where namespaces can be made, whatever the settings are", async () => {
  const attempt = () => Promise.resolve(undefined);
  const settings = { "kernel.apparmor_restrict_unprivileged_userns": "1" };
  expect(await sentence(probe({ attempt }, settings))).toBe("allowed");
});

test.each([
  ["user.max_user_namespaces", "0", "15000"],
  ["user.max_mnt_namespaces", "0", "15000"],
  ["kernel.apparmor_restrict_unprivileged_userns", "1", "0"],
  ["kernel.unprivileged_userns_clone", "0", "1"],
])("names %s=%s as the setting to change", async (name, forbids, allows) => {
  expect(await sentence(probe({}, { [name]: forbids }))).toBe(
    `Making a user and mount namespace failed: ${NO}. ` +
      `Allow it with \`sudo sysctl -w ${name}=${allows}\`, or run the lab as root.`,
  );
});

test("names for root only what stops root", async () => {
  const settings = { "user.max_user_namespaces": "0", "user.max_mnt_namespaces": "0" };
  expect(await sentence(probe({ isRoot: true }, settings))).toBe(
    `Making a mount namespace failed: ${NO}. ` +
      "Allow it with `sudo sysctl -w user.max_mnt_namespaces=15000`.",
  );
});

test("says what else to do where no setting is to blame", async () => {
  const allowed = { "user.max_user_namespaces": "96365" };
  expect([await sentence(probe({}, allowed)), await sentence(probe({ isRoot: true }))]).toEqual([
    `Making a user and mount namespace failed: ${NO}. Run the lab as root, or where user ` +
      "namespaces are allowed: in a container it takes `--privileged`.",
    `Making a mount namespace failed: ${NO}. Run the lab where root has CAP_SYS_ADMIN: ` +
      "in a container it takes `--privileged`.",
  ]);
});

test("this machine, which runs the lab's tests, allows them", async () => {
  await expect(requireNamespaces()).resolves.toBeUndefined();
});
