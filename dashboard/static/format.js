// Times, durations and what an alert says, in the reader's words and local time.

import { has, language, named, t } from "./i18n.js";

const locale = () => (language() === "vi" ? "vi-VN" : "en-GB");

export function time(iso, { seconds = true } = {}) {
  const at = new Date(iso);
  const clock = { hour: "2-digit", minute: "2-digit", ...(seconds && { second: "2-digit" }), hour12: false };
  const today = at.toDateString() === new Date().toDateString();
  const day = { day: "2-digit", month: "2-digit", ...(at.getFullYear() !== new Date().getFullYear() && { year: "numeric" }) };
  return at.toLocaleString(locale(), today ? clock : { ...day, ...clock });
}

export const fullTime = (iso) => new Date(iso).toLocaleString(locale(), { dateStyle: "full", timeStyle: "long" });

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (h) return t("hours", { h, m });
  return m ? t("minutes", { m, s }) : t("seconds", { s });
}

export const kind = (name) => named("kind", name);

export function place(subject) {
  if (subject === "frame") return t("whole_frame");
  if (subject.startsWith("place:") || subject.startsWith("track:") || subject.startsWith("fault:")) return "";
  return subject.startsWith("zone:") ? subject.slice(5) : subject;
}

const LABELLED = new Set(["label", "owner", "fault", "camera_fault", "level", "zone_kind"]);
// Drawn instead.
const DRAWN = new Set(["heat", "line"]);

const sentenceKey = (alert) => `say_${alert.kind}${alert.phase === "cleared" ? "_over" : ""}`;

export function sentence(alert) {
  const key = sentenceKey(alert);
  if (!has(key)) return "";
  const values = {};
  for (const [name, value] of Object.entries(alert.details)) {
    values[name] = LABELLED.has(name) && typeof value === "string" ? named("label", value).toLowerCase() : value;
    if (name.endsWith("_s") && typeof value === "number") values[name.slice(0, -2)] = duration(value);
  }
  const text = t(key, values);
  return /\{\w+\}/.test(text) ? "" : text;
}

// What the sentence leaves unsaid, as pairs of words.
export function facts(alert) {
  const said = new Set(sentence(alert) ? t(`say_${alert.kind}`).match(/(?<=\{)\w+(?=\})/g) : []);
  return Object.entries(alert.details)
    .filter(([name, value]) => !DRAWN.has(name) && !said.has(name) && !said.has(name.replace(/_s$/, "")) && value !== null && value !== "" && !(name.endsWith("_s") && value === 0))
    .map(([name, value]) => [detailName(name), detailValue(name, value)]);
}

function detailName(name) {
  return named("detail", has(`detail_${name}`) ? name : name.replace(/_s$/, ""));
}

function detailValue(name, value) {
  if (typeof value === "number") return name.endsWith("_s") ? duration(value) : value.toLocaleString(locale(), { maximumFractionDigits: 2 });
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (LABELLED.has(name) && typeof value === "string") return named("label", value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

export const chance = (share) => (share < 0.01 ? "< 1 %" : `${Math.round(share * 100)} %`);

export const score = (value) => value.toLocaleString(locale(), { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export function distance(metres) {
  if (metres < 1_000) return `${Math.round(metres)} m`;
  return `${(metres / 1_000).toLocaleString(locale(), { maximumFractionDigits: 1 })} km`;
}
