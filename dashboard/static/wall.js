// The live wall: a tile a camera, in an order that stays.

import { placeOf } from "./camera_list.js";
import { CameraPanel } from "./camera_panel.js";
import { byId, make, show } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";
import { LivePicture } from "./live_picture.js";
import { boxesWanted, wantBoxes } from "./picture_marks.js";
import { begin } from "./shell.js";
import { Watching } from "./watching.js";

const SIZES = [1, 4, 9, 16];
const KEPT = "wall-size";

class Tile {
  constructor(camera, open) {
    this.picture = new LivePicture(camera);
    this.head = make("span", { class: "head" });
    this.foot = make("span", { class: "foot" });
    this.element = make("button", { type: "button", class: "tile", onclick: open }, this.picture.element, this.head, this.foot);
    this.picture.start();
  }

  draw(camera, name, open) {
    this.element.dataset.state = camera.state;
    this.element.dataset.severity = open?.severity ?? "none";
    this.picture.name(`${name}, ${t(`camera_${camera.state}`)}`);
    this.head.replaceChildren(...[
      make("span", { class: "name", text: name }),
      camera.simulated && make("span", { class: "mark-simulated", text: t("simulated_short") }),
      open && make("span", { class: "count severity", "data-severity": open.severity, title: t("count_open", { count: open.count }), text: open.count }),
    ].filter(Boolean));
    const since = t("since", { time: format.time(camera.since, { seconds: false }) });
    this.foot.replaceChildren(make("span", { class: "how", text: t(`camera_${camera.state}`) }),
      camera.state === "online" ? "" : ` ${since}${camera.reason ? ` · ${t(camera.reason)}` : ""}`);
  }
}

class Wall {
  constructor(me) {
    this.chosen = SIZES.find((size) => String(size) === localStorage.getItem(KEPT));
    this.first = 0; // number of the first camera on the wall
    this.tiles = new Map();
    this.watching = new Watching(me, { draw: () => this.draw(), news: () => this.panel.load() });
    this.cameras = this.watching.cameras;
    this.panel = new CameraPanel(byId("near"), this.watching.shell, () => this.back());
    byId("sizes").replaceChildren(...SIZES.map((size) =>
      make("button", { type: "button", "data-size": size, text: size, onclick: () => this.resize(size) })));
    byId("before").addEventListener("click", () => this.turn(-1));
    byId("after").addEventListener("click", () => this.turn(1));
    byId("boxes").addEventListener("click", () => this.switchBoxes());
    byId("boxes").setAttribute("aria-pressed", String(boxesWanted()));
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  switchBoxes() {
    wantBoxes(!boxesWanted());
    byId("boxes").setAttribute("aria-pressed", String(boxesWanted()));
  }

  // As many tiles as the reader chose, else as many as there are cameras.
  get size() {
    return this.chosen ?? SIZES.find((size) => size >= this.cameras.cameras.length) ?? SIZES.at(-1);
  }

  shown() {
    return this.cameras.byName().slice(this.first, this.first + this.size);
  }

  draw() {
    const all = this.cameras.cameras.length;
    this.first = Math.max(0, Math.min(this.first, Math.floor((all - 1) / this.size) * this.size));
    const shown = this.panel.shown ? [] : this.shown();
    this.keepOnly(new Set(shown.map(placeOf)));
    shown.forEach((camera, number) => this.put(camera, number));
    byId("wall").dataset.size = this.size;
    byId("wall").hidden = Boolean(this.panel.shown);
    for (const button of byId("sizes").children) button.setAttribute("aria-pressed", String(Number(button.dataset.size) === this.size));
    const last = Math.min(this.first + this.size, all);
    byId("which").textContent = all ? t("wall_which", { first: this.first + 1, last, count: all }) : "";
    byId("before").disabled = this.first === 0;
    byId("after").disabled = last >= all;
    show(byId("empty"), all ? "" : t("no_cameras"));
    this.panel.draw();
  }

  put(camera, number) {
    const place = placeOf(camera);
    let tile = this.tiles.get(place);
    if (!tile) {
      tile = new Tile(camera, () => this.near(place));
      this.tiles.set(place, tile);
    }
    tile.draw(camera, this.cameras.name(camera), this.cameras.open.get(place));
    if (byId("wall").children[number] !== tile.element) byId("wall").insertBefore(tile.element, byId("wall").children[number] ?? null);
  }

  keepOnly(places) {
    for (const [place, tile] of this.tiles) {
      if (places.has(place)) continue;
      tile.picture.stop();
      tile.element.remove();
      this.tiles.delete(place);
    }
  }

  resize(size) {
    this.chosen = size;
    this.first = Math.floor(this.first / size) * size;
    localStorage.setItem(KEPT, size);
    this.panel.show("");
    this.draw();
  }

  turn(step) {
    this.first += step * this.size;
    this.draw();
  }

  near(place) {
    this.panel.show(place);
    this.draw();
  }

  back() {
    const place = this.panel.shown;
    this.panel.show("");
    this.draw();
    this.tiles.get(place)?.element.focus();
  }

  // Moves to the tile so many places on; without one in focus, to the first.
  move(step) {
    const tiles = [...byId("wall").children];
    const at = tiles.indexOf(document.activeElement);
    tiles[at < 0 ? 0 : Math.min(Math.max(at + step, 0), tiles.length - 1)]?.focus();
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select")) return;
    const columns = getComputedStyle(byId("wall")).gridTemplateColumns.split(" ").length;
    const deeds = {
      1: () => this.resize(1), 2: () => this.resize(4), 3: () => this.resize(9), 4: () => this.resize(16),
      ArrowLeft: () => this.move(-1), ArrowRight: () => this.move(1),
      ArrowUp: () => this.move(-columns), ArrowDown: () => this.move(columns),
      PageUp: () => this.turn(-1), PageDown: () => this.turn(1),
      b: () => this.switchBoxes(),
      Escape: () => this.panel.shown && this.back(),
    };
    if (!Object.hasOwn(deeds, event.key)) return;
    event.preventDefault();
    deeds[event.key]();
  }
}

begin((me) => new Wall(me).watching.start());
