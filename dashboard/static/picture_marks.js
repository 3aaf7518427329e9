// What a live picture says of itself: the boxes of what is followed in it, from the comment inside the JPEG.

import { named } from "./i18n.js";

const KEPT = "boxes";
const [COMMENT, SCAN] = [0xfe, 0xda]; // markers (ITU-T T.81, B.1.1.3)
const COLOURS = { person: "#ffd166", bicycle: "#7bdff2", motorcycle: "#7bdff2", car: "#8ce99a", bus: "#8ce99a", truck: "#8ce99a" };
const OTHER = "#f4f4f4";

export const boxesWanted = () => localStorage.getItem(KEPT) === "on";

export function wantBoxes(wanted) {
  localStorage.setItem(KEPT, wanted ? "on" : "off");
  document.dispatchEvent(new Event("boxes"));
}

export function tracksOf(buffer) {
  const view = new DataView(buffer);
  for (let at = 2; at + 4 <= view.byteLength && view.getUint8(at) === 0xff && view.getUint8(at + 1) !== SCAN; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at + 1) !== COMMENT) continue;
    const body = new Uint8Array(buffer, at + 4, view.getUint16(at + 2) - 2);
    return JSON.parse(new TextDecoder().decode(body)).tracks;
  }
  return [];
}

export function drawBoxes(canvas, tracks) {
  const pen = canvas.getContext("2d");
  pen.lineWidth = 1.5;
  pen.font = "600 10px system-ui, sans-serif";
  for (const { label, box: [x1, y1, x2, y2] } of tracks) {
    const [x, y] = [x1 * canvas.width, y1 * canvas.height];
    pen.strokeStyle = pen.fillStyle = COLOURS[label] ?? OTHER;
    pen.strokeRect(x, y, (x2 - x1) * canvas.width, (y2 - y1) * canvas.height);
    if ((x2 - x1) * canvas.width > 40) pen.fillText(named("label", label), x + 1, Math.max(y - 3, 9));
  }
}
