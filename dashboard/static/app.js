// The page: loads the list once, then follows the changes.

import { ask } from "./api.js";
import { placeOf } from "./camera_list.js";
import { drawCameras } from "./cameras.js";
import { CaseFile } from "./case_file.js";
import { Detail } from "./detail.js";
import { byId, make, show } from "./dom.js";
import * as format from "./format.js";
import { List } from "./list.js";
import { t } from "./i18n.js";
import { Inquiry } from "./inquiry.js";
import { begin, Shell } from "./shell.js";
import { WATCH_LIST } from "./watch_match.js";

const KINDS = ["illegal_parking", "overcrowding", "littering", "loitering", "flood", "fire", "smoke", "camera_health"];
const PAGE = 100;

class Page {
  constructor(me) {
    this.scope = "open";
    this.loaded = 0; // number of the last change that the list shows
    this.fresh = [];
    this.kinds = new Set(me.may_search ? [...KINDS, WATCH_LIST] : KINDS);
    this.shell = new Shell(me, {
      alert: (alert, change) => this.changed(alert, change),
      cameras: () => this.camerasChanged(),
      reset: () => this.load(),
      language: () => {
        this.detail.draw();
        this.drawList();
      },
    });
    this.cameras = this.shell.cameras;
    const cameraName = (alert) => this.cameras.name(alert);
    const inquiry = new Inquiry(me, () => {});
    this.list = new List({ select: (alert, byHand) => this.open(alert, byHand), cameraName });
    this.detail = new Detail({
      act: (alert, deed, note) => this.act(alert, deed, note), back: () => this.showList(), cameraName,
      mayAct: (alert) => this.mayAct(alert),
      caseFile: new CaseFile(me, {
        reason: () => inquiry.open(), failed: (error) => this.shell.failed(error), announce: (text) => this.shell.announce(text),
      }),
    });
  }

  async start() {
    this.listenToPerson();
    this.drawFilters();
    if (matchMedia("(max-width: 60rem)").matches) byId("cameras-fold").open = false;
    this.filterLinked();
    await this.load();
    await this.openLinked();
    this.shell.follow(this.loaded);
  }

  query(cursor) {
    const query = new URLSearchParams({ limit: PAGE });
    if (this.scope === "open") query.set("state", "open");
    if (byId("kind").value) query.set("kind", byId("kind").value);
    if (byId("camera").value) {
      const [site, camera] = byId("camera").value.split("/");
      query.set("site", site);
      query.set("camera", camera);
    }
    if (cursor) query.set("cursor", cursor);
    return `alerts?${query}`;
  }

  fits(alert) {
    return (this.scope === "all" || alert.state !== "closed")
      && (!byId("kind").value || byId("kind").value === alert.kind)
      && (!byId("camera").value || byId("camera").value === placeOf(alert));
  }

  async load() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      const [page, cameras] = await Promise.all([ask(this.query()), ask("cameras")]);
      if (turn !== this.turn) return; // the filters changed meanwhile
      this.shell.putCameras(cameras);
      this.loaded = page.change;
      for (const alert of page.alerts) this.noteKind(alert.kind);
      this.list.fill(page.alerts, page.next !== null);
      this.shell.trouble("");
      if (this.detail.alert) this.detail.show(this.list.find(this.detail.alert.id) ?? this.detail.alert);
      this.drawList();
    } catch (error) {
      this.shell.failed(error);
    }
  }

  async loadMore() {
    byId("more").disabled = true;
    try {
      const page = await ask(this.query(this.list.last()?.id));
      this.list.append(page.alerts, page.next !== null);
    } catch (error) {
      this.shell.failed(error);
    }
    byId("more").disabled = false;
    this.drawList();
  }

  // A link such as /#camera=site/camera shows that camera's alerts only.
  filterLinked() {
    const place = /^#camera=([\w.-]+\/[\w.-]+)$/.exec(location.hash)?.[1];
    if (!place) return;
    byId("camera").append(make("option", { value: place, text: place }));
    byId("camera").value = place;
  }

  // A link such as /#alert=… opens that alert.
  async openLinked() {
    const id = /^#alert=([0-9a-f-]{36})$/.exec(location.hash)?.[1];
    if (!id) return;
    const alert = this.list.find(id) ?? (await ask(`alerts/${id}`).catch(() => null));
    if (!alert) return;
    this.list.choice.id = id;
    this.list.choice.mark();
    this.open(alert, true);
  }

  open(alert, byHand = false) {
    history.replaceState(null, "", alert ? `#alert=${alert.id}` : location.pathname);
    this.detail.show(alert);
    if (byHand && alert) document.body.dataset.view = "detail";
    if (!alert) this.showList();
  }

  showList() {
    delete document.body.dataset.view;
    byId("rows").focus();
  }

  changed(alert, change) {
    if (change <= this.loaded) return; // the list was loaded after that
    this.noteKind(alert.kind);
    const known = this.list.find(alert.id) !== null;
    if (this.fits(alert)) this.list.put(alert, true);
    else this.list.remove(alert.id);
    if (this.detail.alert?.id === alert.id) this.detail.show(alert);
    if (!known && alert.state === "new" && alert.phase === "raised" && this.fits(alert)) this.announceFresh(alert);
    this.drawList();
  }

  camerasChanged() {
    drawCameras(this.cameras, (camera) => this.onlyCamera(camera));
    this.drawFilters();
    this.list.redraw();
  }

  // Alerts of watch-lists are for the police, the others for operators.
  mayAct(alert) {
    const { me } = this.shell;
    return alert.kind === WATCH_LIST ? me.may_search : me.may_act;
  }

  async act(alert, deed, note) {
    if (!this.mayAct(alert) || this.acting || alert.state === "closed" || (deed === "acknowledge" && alert.state !== "new")) return;
    this.acting = true;
    try {
      const after = await ask(`alerts/${alert.id}/${deed}`, { method: "POST", body: { note: note || null } });
      this.shell.trouble("");
      this.shell.announce(t(deed === "close" ? "done_closed" : "done_acknowledged", { what: this.inShort(alert) }));
      this.detail.note = null;
      if (this.fits(after)) this.list.put(after, false);
      else this.list.remove(after.id);
      if (this.detail.alert?.id === after.id) this.detail.show(after);
      this.drawList();
    } catch (error) {
      this.shell.failed(error);
    } finally {
      this.acting = false;
    }
  }

  drawList() {
    byId("more").hidden = !this.list.hasMore;
    const plain = this.scope === "open" && !byId("kind").value && !byId("camera").value;
    show(byId("empty"), this.list.alerts.length ? "" : t(plain ? "nothing_open" : "nothing"));
  }

  drawFilters() {
    this.options(byId("kind"), t("any_kind"), [...this.kinds].map((kind) => [kind, format.kind(kind)]));
    const cameras = this.cameras.cameras.map((one) => [placeOf(one), this.cameras.name(one)]);
    this.options(byId("camera"), t("any_camera"), cameras);
  }

  options(select, any, pairs) {
    const chosen = select.value;
    if (chosen && !pairs.some(([value]) => value === chosen)) pairs.push([chosen, chosen]);
    pairs.sort((a, b) => a[1].localeCompare(b[1]));
    select.replaceChildren(...[["", any], ...pairs].map(([value, text]) => make("option", { value, text })));
    select.value = chosen;
  }

  noteKind(kind) {
    if (this.kinds.has(kind)) return;
    this.kinds.add(kind);
    this.drawFilters();
  }

  onlyCamera(camera) {
    const value = placeOf(camera);
    byId("camera").value = byId("camera").value === value ? "" : value;
    this.load();
  }

  inShort(alert) {
    return `${format.kind(alert.kind)}, ${t(`severity_${alert.severity}`)}, ${this.cameras.name(alert)}`;
  }

  // Says what is new once for all that comes within a second: a reader of screens is not drowned.
  announceFresh(alert) {
    this.fresh.push(alert);
    this.speaking ??= setTimeout(() => {
      this.shell.announce(t("new_alert", { what: this.fresh.slice(-3).map((one) => this.inShort(one)).join("; ") }));
      this.fresh = [];
      this.speaking = undefined;
    }, 1_000);
  }

  listenToPerson() {
    byId("more").addEventListener("click", () => this.loadMore());
    for (const id of ["kind", "camera"]) byId(id).addEventListener("change", () => this.load());
    byId("scope").addEventListener("click", (event) => {
      if (!event.target.dataset.scope) return;
      this.scope = event.target.dataset.scope;
      for (const button of byId("scope").children) button.setAttribute("aria-pressed", String(button.dataset.scope === this.scope));
      this.load();
    });
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, video")) return;
    const chosen = this.detail.alert;
    const note = this.detail.note?.value ?? "";
    const deeds = {
      j: () => this.list.choice.move(1), ArrowDown: () => this.list.choice.move(1),
      k: () => this.list.choice.move(-1), ArrowUp: () => this.list.choice.move(-1),
      a: () => chosen && this.act(chosen, "acknowledge", note),
      c: () => chosen && this.act(chosen, "close", note),
      Enter: () => chosen && event.target === byId("rows") && (document.body.dataset.view = "detail"),
      Escape: () => this.showList(),
    };
    if (!Object.hasOwn(deeds, event.key)) return;
    if (event.key.startsWith("Arrow")) event.preventDefault();
    deeds[event.key]();
  }
}

begin((me) => new Page(me).start());
