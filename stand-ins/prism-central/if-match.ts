// If-Match, as Prism's v4 APIs ask for it on changes. Public reports give the codes; the statuses for missing (428) and
// stale (412) ETags are the HTTP specification's unless the seed says otherwise.
import { versionOf } from "./envelope";
import { malformedEtag, missingEtag, staleEtag } from "./errors";
import type { Call } from "./route";
import { header } from "./route";

/** Refuses a change that was not based on the entity's present version. */
export function checkIfMatch(call: Call, entity: { extId: string; version: number }): void {
  const ifMatch = header(call, "if-match");
  if (ifMatch === undefined || ifMatch === "") throw missingEtag(call.behaviour.missingIfMatch);
  const version = versionOf(ifMatch);
  if (version === undefined) throw malformedEtag();
  if (version !== entity.version) throw staleEtag(entity.extId, call.behaviour.staleIfMatch);
}

/** The same where the header may be left out, as on images. */
export function checkIfMatchGiven(call: Call, entity: { extId: string; version: number }): void {
  if (header(call, "if-match") !== undefined) checkIfMatch(call, entity);
}
