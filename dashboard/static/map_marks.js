// The cameras on the map: near ones as one mark with their number, each with what is worst about it.

import { placeOf, WORST_FIRST } from "./camera_list.js";
import { make } from "./dom.js";
import { t } from "./i18n.js";

const NEAR = 46; // pixels within which cameras are drawn as one
const LABEL = { width: 180, height: 62 }; // pixels that a name and its mark take
const SEVERITIES = ["critical", "high", "medium", "low", "informational"];

// Gathers spots ({ camera, x, y } in metres) that lie within so many metres of a first one.
export function gather(spots, metres) {
  const groups = [];
  for (const spot of spots) {
    const group = groups.find(([first]) => Math.hypot(first.x - spot.x, first.y - spot.y) < metres);
    if (group) group.push(spot);
    else groups.push([spot]);
  }
  return groups;
}

export class Marks {
  // `choose(spots)` is told which spots a mark stands for when it is pressed.
  constructor(place, view, cameras, choose) {
    this.place = place;
    this.view = view;
    this.cameras = cameras;
    this.choose = choose;
    this.spots = [];
    this.groups = [];
    this.nodes = new Map();
    this.chosen = "";
  }

  // Takes the cameras that have a location.
  put(cameras) {
    this.spots = cameras.map((camera) => ({ camera, ...this.view.project(...camera.location) }));
    this.gathered = 0;
    this.draw();
  }

  draw() {
    if (this.gathered !== this.view.scale) {
      this.gathered = this.view.scale;
      this.groups = gather(this.spots, NEAR / this.view.scale);
      this.drawNodes();
    }
    for (const group of this.groups) {
      const { x, y } = this.view.toScreen(middle(group));
      this.nodes.get(keyOf(group)).style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    }
  }

  mark(place) {
    this.chosen = place;
    this.drawNodes();
  }

  drawNodes() {
    const keys = new Set(this.groups.map(keyOf));
    for (const [key, node] of this.nodes) {
      if (keys.has(key)) continue;
      node.remove();
      this.nodes.delete(key);
    }
    for (const group of this.groups) {
      const key = keyOf(group);
      if (!this.nodes.has(key)) {
        this.nodes.set(key, make("button", { type: "button", class: "mark-camera" }));
        this.place.append(this.nodes.get(key));
      }
      this.drawNode(this.nodes.get(key), group);
    }
    this.thin();
  }

  // Leaves names out where they would lie on another or on a pin; the pointer and the keyboard bring them back.
  thin() {
    const named = [];
    const spots = this.groups.map((group) => this.view.toScreen(middle(group)));
    this.groups.forEach((group, number) => {
      const { x, y } = spots[number];
      const free = named.every((other) => Math.abs(x - other.x) > LABEL.width || Math.abs(y - other.y) > LABEL.height)
        && spots.every((pin) => Math.abs(x - pin.x) > LABEL.width / 2 || pin.y <= y || pin.y - y > LABEL.height);
      this.nodes.get(keyOf(group)).dataset.bare = String(!free);
      if (free) named.push({ x, y });
    });
  }

  drawNode(node, group) {
    const places = group.map(({ camera }) => placeOf(camera));
    const open = places.map((place) => this.cameras.open.get(place)).filter(Boolean);
    const count = open.reduce((sum, one) => sum + one.count, 0);
    const severity = SEVERITIES.find((name) => open.some((one) => one.severity === name));
    const states = group.map(({ camera }) => camera.state);
    const state = WORST_FIRST.find((name) => states.includes(name));
    const name = group.length > 1 ? t("many_cameras", { count: group.length }) : this.cameras.name(group[0].camera);
    node.dataset.state = state;
    node.dataset.severity = severity ?? "none";
    node.dataset.many = String(group.length > 1);
    node.setAttribute("aria-pressed", String(places.includes(this.chosen)));
    node.setAttribute("aria-label", [name, t(`camera_${state}`), count && t("count_open", { count })].filter(Boolean).join(", "));
    node.onclick = () => this.choose(group);
    node.replaceChildren(...[
      make("span", { class: "pin", text: group.length > 1 ? group.length : "" }),
      count > 0 && make("span", { class: "count severity", "data-severity": severity, text: count }),
      make("span", { class: "label", text: name }),
      group.some(({ camera }) => camera.simulated) && make("span", { class: "mark-simulated", text: t("simulated_short") }),
    ].filter(Boolean));
  }
}

const keyOf = (group) => group.map(({ camera }) => placeOf(camera)).join(" ");

function middle(group) {
  const sum = group.reduce((all, spot) => ({ x: all.x + spot.x, y: all.y + spot.y }), { x: 0, y: 0 });
  return { x: sum.x / group.length, y: sum.y / group.length };
}
