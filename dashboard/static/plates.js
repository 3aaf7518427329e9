// The police's page: looks for plates, shows passes from near, with whom and along which way.

import { download, Refused } from "./api.js";
import { placeOf } from "./camera_list.js";
import { CaseFile } from "./case_file.js";
import { openDesk } from "./desk.js";
import { byId, make, show } from "./dom.js";
import { takeOver } from "./handover.js";
import { t } from "./i18n.js";
import { Inquiry } from "./inquiry.js";
import { companionsOf } from "./plate_companions.js";
import { PlateForm } from "./plate_form.js";
import { canonical } from "./plate_misread.js";
import { PlatePass } from "./plate_pass.js";
import { PlateRoute } from "./plate_route.js";
import { PlateRows } from "./plate_rows.js";
import { begin } from "./shell.js";

const PAGE = 50;

class PlatesPage {
  constructor(me) {
    this.asked = null; // the last search
    this.next = null;
    const failed = (error) => this.shell.failed(error);
    const cameraName = (read) => this.shell.cameras.name(read);
    const post = (path, body) => this.inquiry.post(path, body);
    const open = (found) => this.open(found);
    this.form = new PlateForm(byId("search"), (query) => this.search(query));
    this.rows = new PlateRows({ open, cameraName });
    this.shell = openDesk(me, { cameras: () => this.camerasChanged(), language: () => this.redraw() });
    this.inquiry = new Inquiry(me, () => this.clear());
    this.caseFile = new CaseFile(me, {
      reason: () => this.inquiry.reason(), failed, announce: (text) => this.shell.announce(text),
    });
    this.pass = new PlatePass({ deeds: (read) => this.deeds(read), back: () => this.showList(), cameraName, failed });
    this.route = new PlateRoute({ post, open, back: () => this.showPass(), cameras: this.shell.cameras, failed });
    this.post = post;
    this.listenToPerson();
    this.drawFound();
    this.begin(takeOver());
  }

  // Looks for the pass that another page has handed over.
  async begin(pass) {
    const why = await this.inquiry.reason();
    if (!pass || !why) return;
    this.form.around(pass.plate, new Date(pass.at));
    await this.search(this.form.query());
    this.rows.choice.id = pass.hit;
    this.rows.press();
  }

  async search(query) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    byId("found").ariaBusy = "true";
    const found = await this.attempt(() => this.inquiry.post("plates/search", { ...query, limit: PAGE }));
    if (turn !== this.turn) return; // something else was looked for meanwhile
    byId("found").ariaBusy = "false";
    if (!found) return;
    this.clear();
    this.asked = query;
    this.take(found);
    if (this.narrow.matches) byId("search-fold").open = false;
    byId("rows").focus();
  }

  async more() {
    byId("more").disabled = true;
    const found = await this.attempt(() => this.inquiry.post("plates/search", { ...this.asked, limit: PAGE, cursor: this.next }));
    byId("more").disabled = false;
    if (found) this.take(found);
  }

  take(found) {
    this.next = found.next;
    this.rows.append(found, this.asked.fuzzy && canonical(this.asked.plate));
    this.drawFound();
  }

  // Another purpose or case: what was found under the old one is put away.
  clear() {
    this.asked = null;
    this.next = null;
    this.rows.clear();
    this.pass.clear();
    this.showList();
    this.drawFound();
  }

  drawFound() {
    const count = this.rows.reads.size;
    byId("count").textContent = count ? t(this.next ? "passes_found_so_far" : "passes_found", { count }) : "";
    show(byId("nothing"), count ? "" : t(this.asked ? "no_passes" : "not_yet_looked"));
    byId("more").hidden = this.next === null;
    byId("export").hidden = !count || this.asked.fuzzy === true;
  }

  open(found) {
    document.body.dataset.view = "detail";
    byId("route").hidden = true;
    this.shell.trouble("");
    this.pass.open(found);
  }

  showList() {
    delete document.body.dataset.view;
    byId("route").hidden = true;
    byId("rows").focus();
  }

  showPass() {
    document.body.dataset.view = "detail";
    byId("route").hidden = true;
  }

  showRoute(read) {
    document.body.dataset.view = "route";
    byId("route").hidden = false;
    byId("leave-route").focus();
    this.route.show(read, this.asked ?? {});
  }

  deeds(read) {
    const look = (more) => this.form.only(read.plate, more);
    const button = (text, onclick) => make("button", { type: "button", text: t(text), onclick });
    return [
      make("div", { class: "buttons pass-deeds" },
        button("all_passes", () => look()), button("misreads", () => look({ fuzzy: true, hit: read.hit })), button("route_on_map", () => this.showRoute(read))),
      this.caseFile.section(`plates/reads/${read.hit}`, read.hit),
      companionsOf(read, { post: this.post, look: (plate) => this.form.only(plate), failed: (error) => this.shell.failed(error) }),
    ];
  }

  // Cameras change their state often, and their names hardly ever.
  camerasChanged() {
    const names = this.shell.cameras.byName().map((camera) => `${placeOf(camera)} ${camera.name}`).join("\n");
    if (names === this.names) return;
    this.names = names;
    this.redraw();
  }

  redraw() {
    this.form.offer(this.shell.cameras);
    this.rows.redraw();
    this.pass.draw();
    this.route.draw();
    this.drawFound();
  }

  // Searches and takes away; what is wrong with what was typed is said beside it.
  async attempt(act) {
    try {
      const done = await act();
      this.shell.trouble("");
      return done;
    } catch (error) {
      if (error instanceof Refused && error.status === 422) this.form.problem(error.message);
      else this.shell.failed(error);
      return null;
    }
  }

  listenToPerson() {
    this.narrow = matchMedia("(max-width: 60rem)");
    this.narrow.addEventListener("change", () => (byId("search-fold").open = true));
    byId("more").addEventListener("click", () => this.more());
    byId("export").addEventListener("click", () => this.attempt(() => this.inquiry.post("plates/export", this.asked, download)));
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, video, dialog, .map")) return;
    const listed = !document.body.dataset.view || !this.narrow.matches;
    const deeds = {
      ArrowDown: () => listed && this.rows.choice.move(1), ArrowUp: () => listed && this.rows.choice.move(-1),
      j: () => listed && this.rows.choice.move(1), k: () => listed && this.rows.choice.move(-1),
      Enter: () => event.target === byId("rows") && this.rows.press(),
      "/": () => this.typeAgain(),
      Escape: () => (document.body.dataset.view === "route" ? this.showPass() : this.showList()),
    };
    if (!Object.hasOwn(deeds, event.key)) return;
    if (event.key.startsWith("Arrow") || event.key === "/") event.preventDefault();
    deeds[event.key]();
  }

  typeAgain() {
    byId("search-fold").open = true;
    this.form.elements.plate.select();
  }
}

begin((me) => new PlatesPage(me));
