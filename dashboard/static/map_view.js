// A plane that can be moved and zoomed: lines behind, a grid, a scale bar; no tiles, no network.
// Projection: equirectangular around an origin, in metres (J. P. Snyder, Map Projections, USGS 1395, 1987, ch. 12).

import { shape } from "./dom.js";

const RADIUS_M = 6_371_008.8; // mean radius of the Earth (IUGG)
const DEGREE_M = (RADIUS_M * Math.PI) / 180;
const CLOSEST = 8; // pixels a metre
const FARTHEST = 1 / 2_000;
const FAR = 0.12; // below it, lines are thin
const STEP = 1.4;
const PUSH = 80; // pixels an arrow key moves

const LOWEST_FIRST = ["other", "green", "water", "building", "path", "road", "main"];

const isClosed = (line) => line.length > 3 && String(line[0]) === String(line.at(-1));

// The greatest of 1, 2, 5, 10, … that is not above `most`.
export function roundBelow(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].find((step) => step * power <= most) * power;
}

export class MapView {
  // `moved()` is asked after every change of what is seen; `place` gets the keyboard and the pointer.
  constructor(place, moved) {
    this.place = place;
    this.moved = moved;
    this.origin = null;
    this.centre = { x: 0, y: 0 };
    this.scale = 0.1;
    this.svg = place.querySelector("svg");
    this.grid = shape(this.svg, "path", { class: "grid" });
    this.ground = shape(this.svg, "g", { class: "ground" });
    this.svg.append(this.grid, this.ground);
    this.fingers = new Map();
    new ResizeObserver(() => this.draw()).observe(place);
    this.listen();
  }

  // Sets the middle of the projection, once: everything is drawn around it.
  startAt([latitude, longitude]) {
    this.origin = { latitude, longitude, shrink: Math.cos((latitude * Math.PI) / 180) };
  }

  // Returns metres east and south of the origin.
  project(latitude, longitude) {
    const east = ((longitude - this.origin.longitude + 540) % 360) - 180;
    return { x: east * DEGREE_M * this.origin.shrink, y: (this.origin.latitude - latitude) * DEGREE_M };
  }

  toScreen({ x, y }) {
    const { clientWidth: width, clientHeight: height } = this.place;
    return { x: (x - this.centre.x) * this.scale + width / 2, y: (y - this.centre.y) * this.scale + height / 2 };
  }

  // Draws the lines of `{ kind: [[[longitude, latitude], …], …] }` behind everything.
  putGround(lines) {
    const path = (name, some) => some.length && shape(this.svg, "path", { class: name, d: some.map((line) => this.line(line)).join("") });
    this.ground.replaceChildren(...LOWEST_FIRST.flatMap((kind) => {
      const [closed, open] = [true, false].map((wanted) => (lines[kind] ?? []).filter((line) => isClosed(line) === wanted));
      return [path(`${kind} area`, closed), path(kind, open)].filter(Boolean);
    }));
    this.draw();
  }

  line(points) {
    const corners = points.map(([longitude, latitude]) => this.project(latitude, longitude));
    return `M${corners.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;
  }

  // Shows all of the points, with a margin, and at least so many metres.
  fit(points, least = 400) {
    if (!points.length) return;
    const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const { clientWidth: width, clientHeight: height } = this.place;
    this.centre = { x: (left + right) / 2, y: (top + bottom) / 2 };
    const fits = Math.min((width - 140) / Math.max(right - left, least), (height - 140) / Math.max(bottom - top, least));
    this.scale = Math.min(Math.max(fits, FARTHEST), CLOSEST);
    this.draw();
  }

  zoom(factor, at = { x: this.place.clientWidth / 2, y: this.place.clientHeight / 2 }) {
    const before = this.scale;
    this.scale = Math.min(Math.max(before * factor, FARTHEST), CLOSEST);
    const kept = 1 / before - 1 / this.scale; // what lies under the pointer stays there
    this.push((at.x - this.place.clientWidth / 2) * kept * this.scale, (at.y - this.place.clientHeight / 2) * kept * this.scale);
  }

  // Moves what is seen by so many pixels.
  push(dx, dy) {
    this.centre = { x: this.centre.x + dx / this.scale, y: this.centre.y + dy / this.scale };
    this.draw();
  }

  draw() {
    if (!this.origin) return;
    const { x, y } = this.toScreen({ x: 0, y: 0 });
    this.ground.setAttribute("transform", `translate(${x} ${y}) scale(${this.scale})`);
    this.svg.dataset.far = String(this.scale < FAR);
    this.drawGrid(x, y);
    this.moved();
  }

  drawGrid(x, y) {
    const step = roundBelow(160 / this.scale) * this.scale;
    const { clientWidth: width, clientHeight: height } = this.place;
    let d = "";
    for (let at = ((x % step) + step) % step; at < width; at += step) d += `M${at.toFixed(1)} 0V${height}`;
    for (let at = ((y % step) + step) % step; at < height; at += step) d += `M0 ${at.toFixed(1)}H${width}`;
    this.grid.setAttribute("d", d);
  }

  // The length of the scale bar: a round number of metres, and its pixels.
  bar() {
    const metres = roundBelow(120 / this.scale);
    return { metres, pixels: metres * this.scale };
  }

  listen() {
    const at = (event) => {
      const box = this.place.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    this.place.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 400), at(event));
    }, { passive: false });
    this.place.addEventListener("pointerdown", (event) => {
      if (event.target.closest("button, a")) return;
      this.place.setPointerCapture(event.pointerId);
      this.fingers.set(event.pointerId, at(event));
    });
    this.place.addEventListener("pointermove", (event) => this.fingers.has(event.pointerId) && this.drag(event.pointerId, at(event)));
    for (const end of ["pointerup", "pointercancel"]) {
      this.place.addEventListener(end, (event) => this.fingers.delete(event.pointerId));
    }
    this.place.addEventListener("keydown", (event) => this.pressed(event));
  }

  // One finger pushes; two push by their middle and zoom by their distance.
  drag(finger, now) {
    const before = this.fingers.get(finger);
    this.fingers.set(finger, now);
    const share = this.fingers.size;
    this.push((before.x - now.x) / share, (before.y - now.y) / share);
    if (share !== 2) return;
    const [other] = [...this.fingers].filter(([id]) => id !== finger).map(([, point]) => point);
    const distance = (point) => Math.hypot(point.x - other.x, point.y - other.y);
    if (distance(before) > 0) this.zoom(distance(now) / distance(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const deeds = {
      "+": () => this.zoom(STEP), "=": () => this.zoom(STEP), "-": () => this.zoom(1 / STEP),
      ArrowLeft: () => this.push(-PUSH, 0), ArrowRight: () => this.push(PUSH, 0),
      ArrowUp: () => this.push(0, -PUSH), ArrowDown: () => this.push(0, PUSH),
    };
    if (!Object.hasOwn(deeds, event.key)) return;
    event.preventDefault();
    deeds[event.key]();
  }
}
