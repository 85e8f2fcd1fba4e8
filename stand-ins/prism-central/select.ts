// $select: of each entity the properties that were asked for, and what says which entity it is.
import { invalidQuery } from "./errors";

const NAME = /^[A-Za-z_]\w*(?:\/[A-Za-z_]\w*)*$/;
const ALWAYS = ["$objectType", "$reserved"];

/**
 * The entities with the selected properties alone; `*` and nothing select all. A path selects the whole property that
 * it begins with. Throws a 400 for what is no property.
 */
export function select(entities: object[], text: string | undefined): object[] {
  if (text === undefined || text.trim() === "" || text.trim() === "*") return entities;
  const names = text.split(",").map((name) => {
    if (!NAME.test(name.trim()))
      throw invalidQuery("$select", `$select is not understood at "${name.trim()}".`);
    return name.trim().split("/")[0] ?? "";
  });
  const [first] = entities;
  const unknown = first && names.find((name) => !(name in first));
  if (unknown !== undefined)
    throw invalidQuery("$select", `$select cannot use ${unknown}: there is no such property.`);
  const kept = new Set([...ALWAYS, ...names]);
  return entities.map((entity) =>
    Object.fromEntries(Object.entries(entity).filter(([name]) => kept.has(name))),
  );
}
