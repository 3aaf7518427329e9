// A plate as it is written, drawn in its colour, and how sure the reader was of each of its characters.

import { make } from "./dom.js";
import { named, t } from "./i18n.js";

const SURE = 0.9;
const FAIR = 0.7;
const USUAL = ["car", "moto_letterdigit", "moto_2letter"];
const COLOURS = ["white", "yellow", "blue", "red"];

const counts = (own) => /[\p{L}\p{N}]/u.test(own);

// Returns what stands on each line of a plate; without a known layout it is one line.
function linesOf(display, upper) {
  const places = [...display.matchAll(/[\p{L}\p{N}]/gu)].map((match) => match.index);
  if (!Number.isInteger(upper) || upper < 1 || upper >= places.length) return [display];
  const end = places[upper - 1] + 1;
  return [display.slice(0, end), display.slice(places[upper])];
}

// `plate` has `display`, and may have `colour` and `details`; `marked` are the numbers of characters to point out.
export function plateSign({ display, colour, details = {} }, { marked = new Set(), large = false } = {}) {
  let number = -1;
  const letter = (own) => (counts(own) && marked.has((number += 1)) ? make("mark", { text: own }) : own);
  const written = (line) => [...line].map((own) => (marked.size ? letter(own) : own));
  const known = COLOURS.includes(colour);
  return make("span", { class: "plate", "data-colour": known ? colour : "unknown", "data-large": large, title: known ? t(`colour_${colour}`) : null },
    ...linesOf(display, details.upper_len).map((line) => make("span", { class: "plate-line" }, ...written(line))));
}

// Returns a bar for each character of the plate, as high as its score; null when the message did not tell of each.
export function scoreBars({ plate, details: { scores } }) {
  const isScore = (score) => typeof score === "number" && score >= 0 && score <= 1;
  if (!Array.isArray(scores) || scores.length !== plate.length || !scores.every(isScore)) return null;
  const pairs = [...plate].map((own, number) => [own, scores[number]]);
  const words = pairs.map(([own, score]) => `${own} ${score.toFixed(2)}`).join(", ");
  return make("div", { class: "bars", role: "img", "aria-label": t("scores_are", { scores: words }) }, ...pairs.map(([own, score]) => {
    const bar = make("span", { class: "bar-of", "data-sure": score >= SURE ? "sure" : score >= FAIR ? "fair" : "poor", title: score.toFixed(2) },
      make("span", { class: "fill" }), make("b", { text: own }));
    bar.firstChild.style.height = `${(score * 100).toFixed(0)}%`;
    return bar;
  }));
}

// What vehicle it was, its plate's kind where that is a rare one, and which way it went.
export function described({ vehicle, kind, direction }) {
  const label = named("label", vehicle);
  const words = [label.charAt(0).toUpperCase() + label.slice(1), kind && !USUAL.includes(kind) && named("plate_kind", kind), direction && named("direction", direction)];
  return words.filter(Boolean).join(" · ");
}
