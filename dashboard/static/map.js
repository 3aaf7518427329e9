// The map: where the cameras are, how they are, and what is open at each.

import { placeOf, WORST_FIRST } from "./camera_list.js";
import { CameraPanel } from "./camera_panel.js";
import { CityMap, middleOf } from "./city_map.js";
import { byId, make, show } from "./dom.js";
import { t } from "./i18n.js";
import { Marks } from "./map_marks.js";
import { begin } from "./shell.js";
import { Watching } from "./watching.js";

class MapPage {
  constructor(me) {
    this.watching = new Watching(me, { draw: () => this.draw(), news: () => this.panel.load() });
    this.cameras = this.watching.cameras;
    this.map = new CityMap(() => this.marks?.draw(), () => this.marks.spots);
    this.view = this.map.view;
    this.marks = new Marks(byId("marks"), this.view, this.cameras, (spots) => this.chosen(spots));
    this.panel = new CameraPanel(byId("near"), this.watching.shell, () => this.choose(""));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.panel.shown && this.choose(""));
  }

  async start() {
    await this.watching.start();
    await this.map.drawGround().catch((error) => this.watching.shell.failed(error));
  }

  placed() {
    return this.cameras.byName().filter((camera) => camera.location);
  }

  draw() {
    const placed = this.placed();
    const fresh = placed.length > 0 && !this.fitted;
    if (placed.length) this.map.begin(middleOf(placed));
    if (this.view.origin) this.marks.put(placed);
    if (fresh) this.view.fit(this.marks.spots);
    this.fitted ||= fresh;
    show(byId("empty"), placed.length ? "" : t("nothing_placed"));
    this.drawList();
    this.panel.draw();
  }

  // One camera is shown from near; several are taken apart, or listed when they stand on one spot.
  chosen(spots) {
    if (spots.length === 1) this.choose(placeOf(spots[0].camera));
    else if (spots.some((spot) => Math.hypot(spot.x - spots[0].x, spot.y - spots[0].y) > 6)) this.view.fit(spots, 20);
    else byId("list").querySelector(`[data-place="${CSS.escape(placeOf(spots[0].camera))}"]`)?.focus();
  }

  choose(place) {
    const before = this.panel.shown;
    this.panel.show(place);
    byId("lists").hidden = Boolean(place);
    this.marks.mark(place);
    if (!place) byId("lists").querySelector(`[data-place="${CSS.escape(before)}"]`)?.focus();
  }

  // Everything in words: what has no place on the map, and the cameras that have one, the worst first.
  drawList() {
    const lost = this.cameras.byName().filter((camera) => !camera.location);
    const known = new Set(this.cameras.cameras.map(placeOf));
    const strangers = [...this.cameras.open.values()].filter((one) => !known.has(placeOf(one)))
      .map((one) => ({ ...one, name: one.camera, state: "unavailable" }));
    const held = byId("lists").contains(document.activeElement) ? document.activeElement.dataset.place : null;
    byId("unplaced").hidden = !(lost.length + strangers.length);
    byId("nowhere").replaceChildren(...[...lost, ...strangers].map((camera) => this.row(camera)));
    byId("list").replaceChildren(...this.placed().toSorted(worse(this.cameras.open)).map((camera) => this.row(camera)));
    if (held) byId("lists").querySelector(`[data-place="${CSS.escape(held)}"]`)?.focus();
  }

  row(camera) {
    const place = placeOf(camera);
    const open = this.cameras.open.get(place);
    return make("li", { "data-state": camera.state },
      make("button", { type: "button", "data-place": place, onclick: () => this.choose(place) },
        make("span", { class: "name", text: this.cameras.name(camera) }),
        open && make("span", { class: "count severity", "data-severity": open.severity, title: t("count_open", { count: open.count }), text: open.count }),
        make("span", { class: "how", text: t(`camera_${camera.state}`) }),
        camera.simulated && make("span", { class: "mark-simulated", text: t("simulated_short") }),
      ),
    );
  }
}

// Those with open alerts come first, then those that do not deliver.
const worse = (open) => (a, b) => {
  const rank = (camera) => [open.has(placeOf(camera)) ? 0 : 1, WORST_FIRST.indexOf(camera.state)];
  const [left, right] = [rank(a), rank(b)];
  return left[0] - right[0] || left[1] - right[1];
};

begin((me) => new MapPage(me).start());
