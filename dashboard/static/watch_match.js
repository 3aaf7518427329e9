// A plate on a watch-list passed: how it matched, in the reader's words, and the way to its pass.

import { make } from "./dom.js";
import * as format from "./format.js";
import { named, t } from "./i18n.js";
import { handOver } from "./handover.js";
import { described, plateSign } from "./plate_sign.js";

export const WATCH_LIST = "watch_list";

// Returns the plate and what it is watched for.
export function watchedPlate({ details }) {
  return make("div", { class: "watched" },
    plateSign({ display: String(details.display), colour: details.colour, details }, { large: true }),
    make("p", { class: "sentence", text: t("stands_on", { list: details.list }) }));
}

// Returns what is known of the match, as pairs of words.
export function watchFacts({ details }) {
  return [
    [t("match"), reasonOf(details)],
    details.note && [t("detail_note"), details.note],
    [t("purpose"), details.purpose],
    [t("case"), details.case],
    [t("seen_as"), described(details)],
    [t("plate_colour"), named("colour", details.colour)],
    [t("score"), format.score(details.score)],
  ].filter(Boolean);
}

function reasonOf({ match, read, plate, errors }) {
  if (match === "exact") return t("match_exact", { read });
  if (match === "alternative") return t("match_alternative", { read, plate });
  return [t("match_misread", { read }), ...errors.map(errorIn)].join(" ");
}

function errorIn({ shown, read, once_in: count }) {
  if (!read) return t("error_missing", { shown, count });
  return shown ? t("error_taken", { shown, read, count }) : t("error_more", { read, count });
}

// Returns the button that leads to the pass on the police's page.
export function toPass({ began, details: { read, hit } }) {
  const go = () => {
    handOver({ plate: read, hit, at: began });
    location.assign("/plates");
  };
  return make("button", { type: "button", text: t("look_at_pass"), onclick: go });
}
