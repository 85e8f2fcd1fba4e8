import { ProgramInfo, RunPluginRequest, RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import { requiredPlugins } from "../../stand-ins/pulumi-language-nodejs/packages";
import { pluginLaunch, programLaunch } from "../../stand-ins/pulumi-language-nodejs/program";
import { runResponse } from "../../stand-ins/pulumi-language-nodejs/run";
import { shellWords } from "../../stand-ins/pulumi-language-nodejs/runtime-options";

const resolve = (directory: string, script: string) => `${directory}/node_modules/${script}`;

function info(options: Record<string, string | boolean>): ProgramInfo {
  return new ProgramInfo()
    .setRootDirectory("/root-of-it")
    .setProgramDirectory("/program")
    .setEntryPoint(".")
    .setOptions(Struct.fromJavaScript(options));
}

test("a program is started with its own SDK, as the SDK wants it", () => {
  const request = new RunRequest()
    .setProject("project")
    .setStack("dev")
    .setPwd("/program")
    .setDryrun(true)
    .setParallel(8)
    .setMonitorAddress("127.0.0.1:1")
    .setOrganization("organization")
    .setConfigsecretkeysList(["project:token"])
    .setInfo(info({ tsconfig: "tsconfig.pulumi.json", nodeargs: "--inspect '--title=a b'" }));
  request.getConfigMap().set("project:token", "hush");
  const { env, ...launch } = programLaunch(request, "127.0.0.1:2", resolve);
  expect(launch).toEqual({
    file: process.execPath,
    args: [
      ...["--inspect", "--title=a b", "/program/node_modules/@pulumi/pulumi/cmd/run"],
      ...["--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:2"],
      ...["--organization", "organization", "--project", "project"],
      ...["--root-directory", "/root-of-it", "--stack", "dev", "--pwd", "/program"],
      ...["--dry-run", "--parallel", "8", "."],
    ],
    cwd: "/program",
  });
  expect(env).toEqual({
    ...process.env,
    PULUMI_CONFIG: '{"project:token":"hush"}',
    PULUMI_CONFIG_SECRET_KEYS: '["project:token"]',
    PULUMI_NODEJS_TYPESCRIPT: "true",
    PULUMI_NODEJS_TSCONFIG_PATH: "tsconfig.pulumi.json",
  });
});

test("a policy pack is started in its own folder, after the engine's address", () => {
  const request = new RunPluginRequest()
    .setPwd("/elsewhere")
    .setKind("analyzer")
    .setArgsList(["127.0.0.1:2"])
    .setEnvList(["A=b=c"])
    .setInfo(info({ typescript: false }));
  expect(pluginLaunch(request, resolve)).toEqual({
    file: process.execPath,
    args: [
      "/program/node_modules/@pulumi/pulumi/cmd/run-policy-pack",
      ...["127.0.0.1:2", "/program"],
    ],
    cwd: "/program",
    env: { A: "b=c", PULUMI_NODEJS_TYPESCRIPT: "false" },
  });
});

test.each([
  [
    { code: 0, signal: null },
    { error: "", bail: false },
  ],
  [
    { code: 32, signal: null },
    { error: "", bail: true },
  ],
  [
    { code: 7, signal: null },
    { error: "Program exited with non-zero exit code: 7", bail: false },
  ],
  [
    { code: null, signal: "SIGKILL" as const },
    { error: "Program was ended by SIGKILL", bail: false },
  ],
])("a program that ends with %j is answered with %j", (ended, answer) => {
  expect(runResponse(ended).toObject()).toEqual(answer);
});

test("words are split as a shell would", () => {
  expect(shellWords(`--a "b \\"c\\"" d\\ e 'f g'h`)).toEqual(["--a", 'b "c"', "d e", "f gh"]);
});

test("packages that say so need a plugin", () => {
  expect(
    requiredPlugins([
      { name: "left-pad", version: "1.0.0" },
      { name: "@pulumi/random", version: "4.21.2", pulumi: { resource: true } },
      {
        name: "@maker/thing",
        version: "1.0.0",
        pulumi: { resource: true, name: "other", version: "v2.0.0", server: "https://example.org" },
      },
    ]),
  ).toEqual([
    { name: "random", version: "v4.21.2", server: "" },
    { name: "other", version: "v2.0.0", server: "https://example.org" },
  ]);
});
