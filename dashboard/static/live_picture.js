// One camera's live picture: asks for the next while it can be seen, and never lets an old one look live.

import { toLogin } from "./api.js";
import { make } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";
import { boxesWanted, drawBoxes, tracksOf } from "./picture_marks.js";

const PAUSE_MS = 1_000;
const PATIENCE_MS = 4_000; // at most, after answers that brought no picture
const FRESH_S = 5; // an older picture is shown as frozen

export class LivePicture {
  constructor(camera) {
    this.url = `/api/v1/cameras/${encodeURIComponent(camera.site)}/${encodeURIComponent(camera.camera)}/live.jpg`;
    this.canvas = make("canvas", { width: 480, height: 270, role: "img" });
    this.said = make("span", { class: "age" });
    this.element = make("span", { class: "live", "data-live": "waiting" }, this.canvas, this.said);
    this.bitmap = null;
    this.tracks = [];
    this.tag = "";
    this.came = null; // when the newest picture came, in performance.now()'s milliseconds
    this.taken = null; // and when it was taken
    this.misses = 0;
    this.seen = false;
    this.watcher = new IntersectionObserver(([entry]) => this.see(entry.isIntersecting));
    this.woken = () => this.again(0);
    this.paint = this.paint.bind(this);
  }

  start() {
    this.watcher.observe(this.element);
    document.addEventListener("visibilitychange", this.woken);
    document.addEventListener("boxes", this.paint);
    this.ticking = setInterval(() => this.draw(), 1_000);
    this.draw();
  }

  stop() {
    this.seen = false;
    this.watcher.disconnect();
    document.removeEventListener("visibilitychange", this.woken);
    document.removeEventListener("boxes", this.paint);
    clearInterval(this.ticking);
    clearTimeout(this.timer);
    this.bitmap?.close();
    this.bitmap = null;
  }

  name(text) {
    this.canvas.setAttribute("aria-label", text);
  }

  see(seen) {
    this.seen = seen;
    this.again(0);
  }

  again(wait) {
    clearTimeout(this.timer);
    if (this.seen && !document.hidden) this.timer = setTimeout(() => this.look(), wait);
  }

  async look() {
    if (this.looking) return;
    this.looking = true;
    const came = await this.fetch().catch(() => false); // no answer: the picture's age tells
    this.looking = false;
    this.draw();
    this.misses = came ? 0 : this.misses + 1;
    this.again(Math.min(PAUSE_MS * Math.max(this.misses, 1), PATIENCE_MS));
  }

  // Returns whether the newest picture is on the canvas.
  async fetch() {
    const answer = await fetch(this.url, { cache: "no-store", headers: this.tag ? { "If-None-Match": this.tag } : {} });
    if (answer.status === 401) toLogin();
    if (answer.status === 200) {
      const bytes = await answer.arrayBuffer();
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
      this.bitmap?.close();
      this.bitmap = bitmap;
      this.tracks = tracksOf(bytes);
      this.paint();
      this.tag = answer.headers.get("ETag");
    }
    if (answer.headers.has("Last-Modified")) { // only now: a picture that cannot be drawn does not make the last one young
      this.taken = answer.headers.get("Last-Modified");
      this.came = performance.now() - Number(answer.headers.get("Age")) * 1_000;
    }
    return answer.status === 200 || answer.status === 304;
  }

  paint() {
    if (!this.bitmap) return;
    [this.canvas.width, this.canvas.height] = [this.bitmap.width, this.bitmap.height];
    this.canvas.getContext("2d").drawImage(this.bitmap, 0, 0);
    if (boxesWanted()) drawBoxes(this.canvas, this.tracks);
  }

  draw() {
    const age = this.came === null ? null : (performance.now() - this.came) / 1_000;
    const state = age === null ? "waiting" : age < FRESH_S ? "live" : "frozen";
    this.element.dataset.live = state;
    this.said.textContent = state === "waiting" ? t("picture_waiting")
      : state === "live" ? t("picture_age", { s: Math.max(0, Math.floor(age)) })
      : t("picture_frozen", { time: format.time(new Date(this.taken).toISOString()) });
  }
}
