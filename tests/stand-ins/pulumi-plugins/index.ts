// The program of pulumi-plugins.test.ts: one of everything that the language host and the plugins do.

import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const config = new pulumi.Config();
const greeting = config.require("greeting");

interface Word {
  readonly word: string;
}

const shout: pulumi.dynamic.ResourceProvider<Word, Word & { loud: string }> = {
  create: ({ word }) => Promise.resolve({ id: "said", outs: { word, loud: word.toUpperCase() } }),
  update: (_id, _olds, { word }) => Promise.resolve({ outs: { word, loud: word.toUpperCase() } }),
};

class Shout extends pulumi.dynamic.Resource {
  declare readonly loud: pulumi.Output<string>;
  constructor(name: string, word: pulumi.Input<string>) {
    super(shout, name, { word, loud: undefined }, {}, "test", "Shout");
  }
}

class Half extends pulumi.CustomResource {
  constructor(name: string) {
    super("half:index:Made", name, { size: 1 });
  }
}

const id = new random.RandomId("id", { byteLength: 4, prefix: "lab-" });
const pet = new random.RandomPet("pet", { keepers: { generation: config.require("generation") } });
const password = new random.RandomPassword("password", { length: 20, minSpecial: 2 });

const changed = new local.Command("changed", {
  create: "cat; echo $WORD; echo aside >&2",
  update: "echo before: $PULUMI_COMMAND_STDOUT; echo $WORD",
  stdin: "from stdin\n",
  environment: { WORD: greeting },
});
const replaced = new local.Command("replaced", {
  create: pulumi.interpolate`echo ${id.hex}`,
  delete: "echo $PULUMI_COMMAND_STDOUT >> deleted.txt",
  triggers: [pet.id],
});
const shouted = new Shout("shouted", changed.stdout);

if (config.getBoolean("half")) new Half("half");
if (config.getBoolean("fail"))
  new local.Command("fails", { create: "echo the reason >&2; exit 3" });
if (config.getBoolean("throw")) throw new Error("thrown by the program");

export const hex = id.hex;
export const hexAgain = replaced.stdout;
export const petName = pet.id;
export const passwordLength = pulumi.unsecret(password.result).apply((text) => text.length);
export const secret = password.result;
export const hash = password.bcryptHash;
export const said = changed.stdout;
export const aside = changed.stderr;
export const loud = shouted.loud;
export const ran = local.runOutput({ command: "echo invoked" }).stdout;
export const token = config.requireSecret("token");
