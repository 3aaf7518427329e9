// One pass from near: what was seen, what was read of it and how surely, and what can be looked for from here.

import { ask } from "./api.js";
import { byId, make } from "./dom.js";
import * as format from "./format.js";
import { Gallery } from "./gallery.js";
import { named, t } from "./i18n.js";
import { described, plateSign, scoreBars } from "./plate_sign.js";

const LEAST = 0.005; // what is less likely would be shown as 0.00

export class PlatePass {
  // `deeds(read)` returns buttons and sections for what can be done; `back()` returns to the list on a small screen.
  constructor({ deeds, back, cameraName, failed }) {
    this.place = byId("detail");
    this.deeds = deeds;
    this.back = back;
    this.cameraName = cameraName;
    this.failed = failed;
    this.gallery = new Gallery(() => this.drawPictures());
    this.read = null;
    this.draw();
  }

  clear() {
    this.read = null;
    this.draw();
  }

  // Looks at a pass that a search found: the look is written into the log.
  async open({ read, search }) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      const seen = await ask(`plates/reads/${read.hit}`, { method: "POST", body: { search } });
      if (turn !== this.turn) return; // another was opened meanwhile
      this.read = seen;
      this.gallery.picture = null;
      this.draw();
      this.place.scrollTop = 0;
    } catch (error) {
      this.failed(error);
    }
  }

  draw() {
    if (!this.read) {
      this.place.replaceChildren(make("p", { class: "choose", id: "detail-title", text: t("choose_pass") }));
      return;
    }
    const { read } = this;
    this.pictures = make("div", {});
    this.place.replaceChildren(...[
      make("button", { type: "button", class: "back plain", text: `← ${t("back")}`, onclick: () => this.back() }),
      this.head(read),
      this.pictures,
      ...this.warnings(read),
      this.facts(read),
      ...this.readings(read),
      ...this.deeds(read),
    ].filter(Boolean));
    this.drawPictures();
  }

  head(read) {
    return make("header", { class: "pass-head" },
      make("h2", { id: "detail-title", "aria-label": read.display }, plateSign(read, { large: true })),
      make("p", { class: "where", text: `${this.cameraName(read)} · ${format.time(read.at)}` }),
    );
  }

  drawPictures() {
    const kept = this.read.evidence.filter((item) => item.url).map((item) => ({ ...item, url: `${item.url}&entry=${this.read.entry}` }));
    const crop = kept.find((item) => item.kind === "crop");
    this.pictures.replaceChildren(...[
      crop && make("img", { class: "crop", src: crop.url, alt: t("crop_of", { plate: this.read.display }) }),
      this.gallery.draw(kept.filter((item) => item !== crop), `${this.read.display}, ${this.cameraName(this.read)}`),
    ].filter(Boolean));
  }

  warnings({ valid, details }) {
    const said = [!valid && t("not_valid"), details.legible === false && t("not_legible")].filter(Boolean);
    return said.map((text) => make("p", { class: "caution", text }));
  }

  facts(read) {
    const stamp = (iso) => make("time", { datetime: iso, text: format.fullTime(iso) });
    const { raw, reads, height_px: height, first_seen: first, last_seen: last } = read.details;
    const seconds = (Date.parse(last) - Date.parse(first)) / 1000;
    const pairs = [
      [t("time"), stamp(read.at)],
      [t("camera"), `${this.cameraName(read)} (${read.camera})`],
      [t("seen_as"), described(read)],
      [t("plate_kind"), named("plate_kind", read.kind)],
      [t("plate_colour"), named("colour", read.colour)],
      read.province_name && [t("province"), read.province_name],
      typeof raw === "string" && [t("raw_read"), make("span", { class: "raw", text: raw })],
      [t("score"), make("span", { title: t("score_means"), text: format.score(read.score) })],
      Number.isInteger(reads) && [t("voted"), reads],
      typeof height === "number" && [t("character_height"), `${Math.round(height)} px`],
      seconds >= 0 && [t("in_sight"), format.duration(seconds)],
    ];
    return make("dl", {}, ...pairs.filter(Boolean).flatMap(([name, value]) => [make("dt", { text: name }), make("dd", {}, value)]));
  }

  readings(read) {
    const told = Array.isArray(read.details.alternatives) ? read.details.alternatives : [];
    const others = told.filter((one) => Array.isArray(one) && typeof one[0] === "string" && one[2] >= LEAST);
    const bars = scoreBars(read);
    return [
      bars && make("h3", { text: t("how_sure") }),
      bars,
      others.length > 0 && make("h3", { text: t("alternatives") }),
      others.length > 0 && make("ol", { class: "alternatives" }, ...others.map(([text, , score]) => make("li", {},
        make("b", { text }), make("span", { text: format.score(score) })))),
    ];
  }
}
