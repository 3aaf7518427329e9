// The police's watch-lists: which plates raise an alert when one passes, why, how urgently and how long.

import { ask, download } from "./api.js";
import { openDesk } from "./desk.js";
import { byId, make, show } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";
import { fieldOf, utcOf } from "./local_time.js";
import { plateSign } from "./plate_sign.js";
import { Question } from "./question.js";
import { begin } from "./shell.js";
import { WatchImport } from "./watch_import.js";

const PAGE = 100;

class WatchListsPage {
  constructor(me) {
    this.me = me;
    this.lists = [];
    this.list = null;
    this.entries = [];
    this.next = null;
    this.shell = openDesk(me, { cameras() {}, language: () => this.draw() });
    this.editor = new Question("list-editor", (elements) => this.saveList(elements));
    this.entryEditor = new Question("entry-editor", (elements) => this.saveEntry(elements));
    this.importer = new WatchImport(() => this.reload());
    this.asker = new Question("asker", () => this.confirmed());
    byId("owner-field").hidden = me.role !== "supervisor";
    this.listenToPerson();
    this.attempt(() => this.loadLists());
  }

  async loadLists() {
    this.lists = await ask("watch-lists");
    this.list = this.lists.find((list) => list.id === this.list?.id) ?? null;
    this.draw();
  }

  // Shows a list with its plates; the look is written into the log.
  async open(list) {
    this.list = list;
    this.entries = [];
    byId("look").reset();
    await this.look();
  }

  async look(cursor) {
    const { list } = this;
    const plate = byId("look").elements.plate.value.trim() || undefined;
    show(byId("look-problem"), "");
    try {
      const page = await ask(`watch-lists/${list.id}/entries/search`, { method: "POST", body: { plate, limit: PAGE, cursor } });
      if (this.list !== list) return; // another was chosen meanwhile
      this.entries = cursor ? [...this.entries, ...page.entries] : page.entries;
      this.next = page.next;
      this.draw();
    } catch (error) {
      if (error.status !== 422) throw error;
      show(byId("look-problem"), error.message);
    }
  }

  async reload() {
    await this.loadLists();
    if (this.list) await this.look();
  }

  async saveList({ name, purpose, case: file, priority, misreads, valid_from: from, valid_until: until, owner }) {
    const body = {
      name: name.value, purpose: purpose.value, case: file.value, priority: priority.value, misreads: misreads.checked,
      valid_from: utcOf(from.value) ?? null, valid_until: utcOf(until.value) ?? null, owner: owner.value.trim() || null,
    };
    const { edited } = this;
    const kept = await ask(edited ? `watch-lists/${edited.id}` : "watch-lists", { method: edited ? "PUT" : "POST", body });
    await this.loadLists();
    const mine = this.lists.find((list) => list.id === kept.id);
    if (!edited && mine) await this.open(mine);
  }

  async saveEntry({ plate, note, priority, valid_from: from, valid_until: until }) {
    const body = {
      plate: plate.value, note: note.value, priority: priority.value || null,
      valid_from: utcOf(from.value) ?? null, valid_until: utcOf(until.value) ?? null,
    };
    const { entry, replaced } = await ask(`watch-lists/${this.list.id}/entries`, { method: "POST", body });
    this.shell.announce(t(replaced ? "plate_replaced" : "plate_put", { plate: entry.display }));
    await this.reload();
  }

  // Asks before something is gone for good.
  askFirst(text, confirmed) {
    this.confirmed = confirmed;
    byId("asker-title").textContent = text;
    this.asker.open({});
  }

  draw() {
    byId("lists").replaceChildren(...this.lists.map((list) => this.listRow(list)));
    show(byId("no-lists"), this.lists.length ? "" : t("no_lists"));
    byId("choose").hidden = this.list !== null;
    byId("chosen").hidden = this.list === null;
    if (this.list) this.drawChosen();
  }

  listRow(list) {
    return make("li", {}, make("button", { type: "button", "aria-current": this.list?.id === list.id && "true", onclick: () => this.attempt(() => this.open(list)) },
      make("span", { class: "name", text: list.name }),
      severity(list.priority),
      make("span", { class: "about", text: [t("plates_on", { count: list.entries }), list.owner !== this.me.name && list.owner].filter(Boolean).join(" · ") }),
      !list.active && make("span", { class: "off", text: t("not_valid_now") }),
    ));
  }

  drawChosen() {
    const { list } = this;
    const pairs = [
      [t("purpose"), list.purpose], [t("case"), list.case], [t("owner"), list.owner], [t("validity"), validity(list)],
      [t("misreads"), t(list.misreads ? "yes" : "no")],
    ];
    byId("head").replaceChildren(
      make("h2", { id: "list-title" }, list.name, " ", severity(list.priority)),
      make("dl", {}, ...pairs.flatMap(([name, value]) => [make("dt", { text: name }), make("dd", { text: value })])));
    byId("entries").replaceChildren(...this.entries.map((entry) => this.entryRow(entry)));
    show(byId("no-entries"), this.entries.length ? "" : t(byId("look").elements.plate.value ? "no_such_plates" : "empty_list"));
    byId("more").hidden = this.next === null;
  }

  entryRow(entry) {
    const change = () => this.entryEditor.open({ plate: entry.display, note: entry.note, priority: entry.priority, ...fields(entry) });
    const takeOff = () => this.askFirst(t("take_off_plate", { plate: entry.display }), async () => {
      await ask(`watch-lists/${this.list.id}/entries/${entry.id}`, { method: "DELETE" });
      await this.reload();
    });
    const button = (text, act) => make("button", { type: "button", text: t(text), "aria-label": `${t(text)} ${entry.display}`, onclick: act });
    return make("li", {},
      plateSign(entry),
      make("span", { class: "note", text: entry.note }),
      make("span", { class: "about" }, entry.priority && severity(entry.priority), validity(entry), !entry.usual && make("span", { class: "off", text: t("unusual") })),
      make("span", { class: "deeds" }, button("change", change), button("take_off", takeOff)));
  }

  editList(list) {
    this.edited = list;
    this.editor.open(list ? { ...plain(list), ...fields(list) } : { priority: "high", misreads: true });
  }

  async attempt(act) {
    try {
      await act();
      this.shell.trouble("");
    } catch (error) {
      this.shell.failed(error);
    }
  }

  listenToPerson() {
    const on = (id, act) => byId(id).addEventListener("click", act);
    on("new-list", () => this.editList(null));
    on("change-list", () => this.editList(this.list));
    on("new-entry", () => this.entryEditor.open({}));
    on("import", () => this.importer.open(this.list));
    on("export", () => this.attempt(() => download(`watch-lists/${this.list.id}/export`)));
    on("more", () => this.attempt(() => this.look(this.next)));
    on("remove-list", () => this.askFirst(t("remove_list", { name: this.list.name, count: this.list.entries }), async () => {
      await ask(`watch-lists/${this.list.id}`, { method: "DELETE" });
      await this.reload();
    }));
    byId("look").addEventListener("submit", (event) => {
      event.preventDefault();
      this.attempt(() => this.look());
    });
  }
}

const severity = (name) => make("span", { class: "severity", "data-severity": name, text: t(`severity_${name}`) });

const plain = ({ name, purpose, case: file, priority, misreads, owner }) => ({ name, purpose, case: file, priority, misreads, owner });

// What stands in the fields of something that has dates.
function fields({ valid_from: from, valid_until: until }) {
  return { valid_from: from && fieldOf(new Date(from)), valid_until: until && fieldOf(new Date(until)) };
}

function validity({ valid_from: from, valid_until: until }) {
  const [since, end] = [from, until].map((iso) => iso && format.time(iso, { seconds: false }));
  if (since && end) return t("valid_between", { since, end });
  if (since) return t("valid_since", { since });
  return end ? t("valid_to", { end }) : t("always_valid");
}

begin((me) => new WatchListsPage(me));
