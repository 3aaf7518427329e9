// The way of one plate: its passes in order, as numbered places with a line on the map, and as a list.

import { placeOf } from "./camera_list.js";
import { CityMap, middleOf } from "./city_map.js";
import { byId, make, shape } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";
import { fieldOf, utcOf } from "./local_time.js";
import { gather } from "./map_marks.js";
import { plateSign } from "./plate_sign.js";

const NEAR = 34; // pixels within which passes are drawn as one mark
const PAGE = 200;
const FASTEST_KMH = 150; // as the crow flies: what is faster can hardly be one vehicle
const SOME_M = 500; // nearer cameras may see a vehicle at the same moment
const NUMBERS = 3; // that a mark shows, at most

export class PlateRoute {
  // `post(path, body)` asks the API, `open(found)` looks at one pass, `back()` leaves.
  constructor({ post, open, back, cameras, failed }) {
    Object.assign(this, { post, open, cameras, failed });
    this.read = null; // a pass of the plate
    this.next = null;
    this.stops = []; // { read, search, number, location, x, y }, oldest first
    this.marks = []; // { node, group }
    this.map = new CityMap(() => this.drawMarks(), () => this.placed());
    this.line = shape(this.map.view.svg, "path", { class: "way" });
    this.map.view.svg.append(this.line);
    byId("leave-route").addEventListener("click", back);
    byId("route-more").addEventListener("click", () => this.load(this.next));
    for (const id of ["route-since", "route-until"]) byId(id).addEventListener("change", () => this.load());
  }

  // Shows the way of a plate within a time, which the reader can change.
  show(read, { since, until }) {
    this.read = read;
    byId("route-since").value = since ? fieldOf(new Date(since)) : "";
    byId("route-until").value = until ? fieldOf(new Date(until)) : "";
    this.put([]);
    this.ground ??= this.map.drawGround().catch(this.failed);
    return this.load();
  }

  async load(cursor) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const asked = { plate: this.read.plate, limit: PAGE, since: utcOf(byId("route-since").value), until: utcOf(byId("route-until").value), cursor };
    try {
      const found = await this.post("plates/search", asked);
      if (!found || turn !== this.turn) return;
      this.next = found.next;
      const fresh = found.reads.map((read) => ({ read, search: found.search })).reverse();
      this.put(cursor ? [...fresh, ...this.stops] : fresh);
    } catch (error) {
      this.failed(error);
    }
  }

  put(found) {
    const stops = found.map(({ read, search }, at) => ({ read, search, number: at + 1, location: this.cameras.find(placeOf(read))?.location }));
    const placed = stops.filter((stop) => stop.location);
    this.stops = [];
    if (placed.length) this.map.begin(middleOf(placed));
    for (const stop of placed) Object.assign(stop, this.map.view.project(...stop.location));
    this.stops = stops;
    this.gathered = 0;
    this.drawMarks();
    this.map.view.fit(placed);
    this.draw();
  }

  placed() {
    return this.stops.filter((stop) => stop.location);
  }

  draw() {
    if (!this.read) return;
    byId("route-title").replaceChildren(t("route_of"), " ", plateSign(this.read));
    const lost = this.stops.length - this.placed().length;
    const said = [t("passes_found", { count: this.stops.length }), lost > 0 && t("passes_unplaced", { count: lost })];
    byId("route-said").textContent = said.filter(Boolean).join(" ");
    byId("route-more").hidden = this.next === null;
    byId("stops").replaceChildren(...this.stops.map((stop, at) => this.row(stop, this.stops[at - 1])));
  }

  row(stop, before) {
    const leg = before && legOf(before, stop);
    return make("li", {}, make("button", { type: "button", "data-number": stop.number, onclick: () => this.open(stop) },
      make("span", { class: "number", text: stop.number }),
      make("span", { class: "name", text: this.cameras.name(stop.read) }),
      make("time", { datetime: stop.read.at, title: format.fullTime(stop.read.at), text: format.time(stop.read.at) }),
      leg && make("span", { class: "leg", "data-odd": String(leg.odd), text: leg.text }),
    ));
  }

  drawMarks() {
    const { view } = this.map;
    if (!view.origin) return;
    const placed = this.placed();
    if (this.gathered !== view.scale) {
      this.gathered = view.scale;
      this.marks = gather(placed, NEAR / view.scale).map((group) => ({ group, node: this.mark(group) }));
      byId("marks").replaceChildren(...this.marks.map(({ node }) => node));
    }
    const at = (spot) => {
      const { x, y } = view.toScreen(spot);
      return [x.toFixed(1), y.toFixed(1)];
    };
    for (const { group: [first], node } of this.marks) {
      const [x, y] = at(first);
      node.style.transform = `translate(${x}px, ${y}px)`;
    }
    this.line.setAttribute("d", placed.length ? `M${placed.map((stop) => at(stop).join(" ")).join("L")}` : "");
  }

  mark(group) {
    const numbers = group.map((stop) => stop.number);
    const shown = numbers.length > NUMBERS ? `${numbers[0]} … ${numbers.at(-1)}` : numbers.join(", ");
    const names = [...new Set(group.map((stop) => this.cameras.name(stop.read)))].join(", ");
    return make("button", { type: "button", class: "mark-camera stop", "aria-label": `${numbers.join(", ")}: ${names}`, onclick: () => this.find(numbers[0]) },
      make("span", { class: "pin", text: shown }), make("span", { class: "label", text: names }));
  }

  find(number) {
    byId("stops").querySelector(`[data-number="${number}"]`).focus();
  }
}

// How far and how long it was from one pass to the next; `odd` when it was too fast for one vehicle.
function legOf(from, to) {
  const seconds = (Date.parse(to.read.at) - Date.parse(from.read.at)) / 1000;
  const took = format.duration(seconds);
  if (!from.location || !to.location) return { text: t("leg_time", { took }), odd: false };
  const metres = Math.hypot(to.x - from.x, to.y - from.y);
  const odd = metres > SOME_M && metres / 1000 > (FASTEST_KMH * seconds) / 3600;
  const leg = t("leg", { took, far: format.distance(metres) });
  return { text: odd ? `${leg} · ${t("too_fast")}` : leg, odd };
}
