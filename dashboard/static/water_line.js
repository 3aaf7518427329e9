// How water stood over the last while, as a line that ends at the right with the alert.

import { make, shape } from "./dom.js";
import { duration } from "./format.js";
import { t } from "./i18n.js";

const DRAWING = new DOMParser().parseFromString("<svg></svg>", "text/html").body.firstChild;
const [WIDE, HIGH] = [240, 48];

const isPoint = (point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite) && point[0] >= 0;

export function waterLine(alert) {
  const points = alert.kind === "flood" && alert.details.line;
  if (!Array.isArray(points) || points.length < 2 || !points.every(isPoint)) return null;
  const oldest = Math.max(...points.map(([before]) => before), 1);
  const most = Math.max(...points.map(([, level]) => level), 1);
  const place = ([before, level]) => `${(WIDE * (1 - before / oldest)).toFixed(1)},${(HIGH * (1 - level / most)).toFixed(1)}`;
  const drawing = shape(DRAWING, "svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  drawing.append(shape(drawing, "polyline", { points: points.map(place).join(" ") }));
  const unit = "depth_cm" in alert.details ? "cm" : "/ 100";
  return make("figure", { class: "water" }, drawing, make("figcaption", { text: t("water_line", { time: duration(oldest), most: `${most} ${unit}` }) }));
}
