// The engineers' page: marks what really happens in a recording, picture by picture.

import { ask, Refused } from "./api.js";
import { byId, make, show } from "./dom.js";
import { startLanguage, t } from "./i18n.js";
import { clock, MarkList } from "./truth_list.js";
import { Marks, isEvent } from "./truth_marks.js";
import { Player } from "./truth_player.js";
import { Stage } from "./truth_stage.js";
import { Strip } from "./truth_strip.js";

const COPY = { codec: "ffmpeg -i IN -c:v libx264 -pix_fmt yuv420p -an OUT.mp4", length: "ffmpeg -i IN -c copy -an OUT.mkv" };
const OFF = 0.5; // seconds by which the truth may miss the recording's length

class Page {
  constructor() {
    this.clip = null;
    this.clips = [];
    this.kinds = [];
    this.kind = null; // of the next event
    this.marks = new Marks(() => this.draw());
    this.player = new Player(byId("video"), {
      opened: () => this.opened(), moved: () => this.moved(), failed: (why) => this.cannot(why),
    });
    this.stage = new Stage(byId("screen"), byId("boxes"), { drawn: (box) => this.drawn(box), mayDraw: () => this.player.ready });
    this.strip = new Strip(byId("strip"), byId("bars"), byId("head"), {
      wanted: (time) => this.player.seek(time), chosen: (id) => this.marks.choose(id),
    });
    this.rows = new MarkList(byId("marks"), byId("fields"), {
      chosen: (id) => this.goTo(id), set: (name, value) => this.set(name, value), remove: () => this.marks.remove(),
    });
    this.listen();
    this.draw();
  }

  async start() {
    const { clips, kinds } = await ask("clips");
    [this.clips, this.kinds, this.kind] = [clips, kinds, kinds[0]];
    this.rows.kinds(kinds);
    this.drawClips();
    const linked = clips.find((clip) => clip.id === /^#clip=(\w+)$/.exec(location.hash)?.[1]);
    if (linked) await this.open(linked);
  }

  drawClips() {
    show(byId("no-clips"), this.clips.length ? "" : t("no_recordings"));
    byId("clips").replaceChildren(...this.clips.map((clip) => make("li", {},
      make("button", { type: "button", "aria-current": clip.id === this.clip?.id && "true", onclick: () => this.attempt(() => this.leaveFor(clip)) },
        make("span", { class: "name", text: clip.name }),
        clip.marked && make("span", { class: "note", text: t("has_truth") })))));
  }

  async leaveFor(clip) {
    if (this.marks.dirty) {
      const choice = await this.asked();
      if (choice === "save") await this.save();
      if (choice !== "discard" && this.marks.dirty) return;
    }
    await this.open(clip);
  }

  asked() {
    const dialog = byId("leave");
    dialog.returnValue = "stay";
    dialog.showModal();
    return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue), { once: true }));
  }

  async open(clip) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const kept = await ask(`clips/${clip.id}/truth`);
    if (turn !== this.turn) return; // another was chosen meanwhile
    this.clip = clip;
    this.loaded = false;
    this.kept = kept;
    this.marks.clear();
    history.replaceState(null, "", `#clip=${clip.id}`);
    this.trouble("");
    for (const id of ["choose", "cannot", "newer"]) byId(id).hidden = true;
    byId("screen").hidden = false;
    this.player.open(`/api/v1/clips/${clip.id}/video`);
    this.drawClips();
    this.draw();
  }

  // The recording can be shown, so its length is known.
  opened() {
    const said = this.kept.duration_s;
    const real = this.player.length;
    this.loaded = true;
    this.marks.take({ ...this.kept, duration_s: said ?? real });
    this.stage.fit(this.player.video);
    if (said !== null && Math.abs(said - real) > OFF) {
      this.marks.duration = real;
      this.trouble(t("length_differs", { said, real }));
    }
    if (this.kept.events.length) this.kind = this.kept.events[0].kind;
    byId("screen").focus();
    this.draw();
  }

  cannot(why) {
    byId("screen").hidden = true;
    show(byId("cannot"), t(`failed_${why}`, { command: COPY[why] }));
    this.draw();
  }

  async save() {
    if (byId("save").disabled) return;
    const { version } = this.kept;
    const headers = version === null ? { "If-None-Match": "*" } : { "If-Match": `"${version}"` };
    byId("save").disabled = true;
    try {
      const sent = this.marks.text();
      this.kept = await ask(`clips/${this.clip.id}/truth`, { method: "PUT", body: this.marks.payload(), headers, stay: true });
      this.marks.kept = sent;
      this.clip.marked = true;
      byId("newer").hidden = true;
      this.trouble("");
      this.drawClips();
    } catch (error) {
      if (error.status !== 412) throw error;
      byId("newer").hidden = false;
    } finally {
      this.draw();
    }
  }

  async takeTheirs() {
    this.kept = await ask(`clips/${this.clip.id}/truth`);
    byId("newer").hidden = true;
    this.marks.take({ ...this.kept, duration_s: this.kept.duration_s ?? this.player.length }, { again: true });
  }

  // What can be shown of the moment: called with every picture.
  moved() {
    const { now, ready } = this.player;
    byId("now").textContent = ready ? `${clock(now)} / ${clock(this.marks.duration)}` : "–";
    this.strip.at(ready ? now : 0);
    const seen = this.marks.list.filter((mark) => mark.entry.box && (mark.id === this.marks.chosen || this.marks.isAt(mark, now)));
    this.stage.show(seen.map((mark) => [mark.entry.box, mark.id === this.marks.chosen ? "chosen" : "other"]));
  }

  draw() {
    const { ready } = this.player;
    for (const id of ["back", "play", "forward", "add-event", "add-ignored"]) byId(id).disabled = !ready;
    byId("save").disabled = !this.loaded || !this.marks.dirty;
    byId("undo").disabled = !this.marks.past.length;
    byId("redo").disabled = !this.marks.future.length;
    byId("no-marks").hidden = !this.loaded || this.marks.list.length > 0;
    const state = this.marks.dirty ? "not_saved" : this.kept?.version ? "saved" : "nothing_saved";
    byId("state").textContent = this.loaded ? t(state) : "";
    byId("state").dataset.state = state;
    this.rows.draw(this.marks);
    this.strip.draw(this.marks);
    this.moved();
  }

  add(what) {
    if (!this.player.ready) return;
    if (what === "event") this.marks.addEvent(this.player.now, this.kind);
    else this.marks.addIgnored(this.player.now, this.kind);
  }

  drawn(box) {
    if (!this.marks.current || !isEvent(this.marks.current)) this.add("event");
    this.marks.setBox(box);
  }

  goTo(id) {
    this.marks.choose(id);
    this.player.seek(this.marks.current.entry.start_s);
  }

  move(way) {
    const mark = this.marks.move(way);
    if (mark) this.player.seek(mark.entry.start_s);
  }

  // Changes a field of the chosen mark: what was typed, or "now" for the time on the screen.
  set(name, value) {
    const mark = this.marks.current;
    if (!mark || (name !== "kind" && !isEvent(mark) && !["start_s", "end_s"].includes(name))) return;
    this.trouble("");
    if (name === "kind") {
      this.kind = value;
      this.marks.setKind(value);
    } else if (name === "box") this.setBox(value);
    else this.setTime(name, value);
    this.rows.draw(this.marks);
  }

  setBox(text) {
    const box = numbers(text);
    if (text.trim() === "") this.marks.setBox(null);
    else if (box.length === 4 && box.every((corner) => corner >= 0 && corner <= 1) && box[0] < box[2] && box[1] < box[3]) this.marks.setBox(box);
    else this.trouble(t("wrong_box"));
  }

  setTime(name, text) {
    const endless = name === "end_s" && text.trim() === "";
    const [time, ...more] = text === "now" ? [this.player.now] : numbers(text);
    if (!endless && (more.length || !(time >= 0 && time <= this.marks.duration))) {
      this.trouble(t("wrong_number", { length: this.marks.duration }));
    } else if (!this.marks.setTime(name, endless ? null : time)) this.trouble(t("wrong_order"));
  }

  trouble(text) {
    show(byId("trouble"), text);
  }

  async attempt(act) {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.trouble(error.message || t("no_answer"));
    }
  }

  listen() {
    byId("play").addEventListener("click", () => this.player.toggle());
    byId("back").addEventListener("click", () => this.player.step(-1));
    byId("forward").addEventListener("click", () => this.player.step(1));
    byId("speed").addEventListener("change", ({ target }) => (this.player.video.playbackRate = Number(target.value)));
    byId("add-event").addEventListener("click", () => this.add("event"));
    byId("add-ignored").addEventListener("click", () => this.add("ignore"));
    byId("undo").addEventListener("click", () => this.marks.undo());
    byId("redo").addEventListener("click", () => this.marks.redo());
    byId("save").addEventListener("click", () => this.attempt(() => this.save()));
    byId("theirs").addEventListener("click", () => this.attempt(() => this.takeTheirs()));
    for (const [id, key] of [["play", "play"], ["back", "picture_back"], ["forward", "picture_forward"]]) {
      byId(id).title = t(key);
      byId(id).setAttribute("aria-label", t(key));
    }
    document.addEventListener("keydown", (event) => this.pressed(event));
    window.addEventListener("beforeunload", (event) => this.marks.dirty && event.preventDefault());
  }

  pressed(event) {
    if (byId("leave").open || event.altKey) return;
    const command = event.ctrlKey || event.metaKey;
    const typing = event.target.closest?.("input, textarea, select");
    const name = `${command ? "Ctrl+" : ""}${event.shiftKey ? "Shift+" : ""}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`;
    const deed = this.deeds()[name] ?? (/^[1-9]$/.test(name) && this.kinds[name - 1] && (() => this.set("kind", this.kinds[name - 1])));
    if (!deed || (typing && name !== "Ctrl+s" && name !== "Escape") || (name === " " && event.target.closest?.("button"))) return;
    event.preventDefault();
    deed();
  }

  deeds() {
    const { player, marks } = this;
    return {
      " ": () => player.toggle(),
      ArrowRight: () => player.step(1), ArrowLeft: () => player.step(-1),
      "Shift+ArrowRight": () => player.seek(player.now + 1), "Shift+ArrowLeft": () => player.seek(player.now - 1),
      Home: () => player.seek(0), End: () => player.seek(marks.duration),
      n: () => this.add("event"), i: () => this.add("ignore"),
      s: () => this.set("start_s", "now"), d: () => this.set("due_s", "now"), e: () => this.set("end_s", "now"),
      x: () => this.set("box", ""),
      ArrowDown: () => this.move(1), ArrowUp: () => this.move(-1),
      Delete: () => marks.remove(),
      Escape: () => { this.stage.cancel(); byId("screen").focus(); },
      "Ctrl+z": () => marks.undo(), "Ctrl+Shift+z": () => marks.redo(), "Ctrl+y": () => marks.redo(),
      "Ctrl+s": () => this.attempt(() => this.save()),
    };
  }
}

// "0,2; 0,3" and "0.2, 0.3" are two numbers each.
const numbers = (text) => text.trim().replace(/,(?=\s)/g, " ").replaceAll(",", ".").split(/[\s;]+/).map((word) => (/^[\d.]+$/.test(word) ? Number(word) : NaN));

startLanguage(document.body.dataset.language);
const page = new Page();
page.attempt(() => page.start());
