// The supervisors' page: who looked for plates, when and why, and whether the log is whole.

import { ask } from "./api.js";
import { openDesk } from "./desk.js";
import { byId, make, show } from "./dom.js";
import * as format from "./format.js";
import { named, t } from "./i18n.js";
import { utcOf } from "./local_time.js";
import { begin } from "./shell.js";

const PAGE = 100;
const DEEDS = [
  "search", "view", "companions", "export", "pack", "hold", "release", "purge", "watch_make", "watch_change", "watch_remove", "watch_view", "watch_put",
  "watch_take_off", "watch_import", "watch_export",
];

class AuditPage {
  constructor(me) {
    this.entries = [];
    this.verdict = null; // what the last check of the chain found
    this.next = null;
    this.form = byId("filter");
    this.shell = openDesk(me, { cameras() {}, language: () => this.draw() });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.load();
    });
    this.form.addEventListener("reset", () => setTimeout(() => this.load())); // the fields are empty only then
    byId("more").addEventListener("click", () => this.load(this.next));
    byId("verify").addEventListener("click", () => this.verify());
  }

  // Offers what there is to filter by, in the reader's words.
  offer() {
    const { what } = this.form.elements;
    const chosen = what.value;
    what.replaceChildren(make("option", { value: "", text: t("any") }), ...DEEDS.map((deed) => make("option", { value: deed, text: named("deed", deed) })));
    what.value = chosen;
  }

  start() {
    this.load();
    this.verify();
  }

  async load(before) {
    const { who, what, case: file, since, until } = this.form.elements;
    const wanted = { who: who.value.trim(), what: what.value, case: file.value.trim(), since: utcOf(since.value), until: utcOf(until.value), before };
    const query = new URLSearchParams({ limit: PAGE, ...Object.fromEntries(Object.entries(wanted).filter(([, value]) => value)) });
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      const page = await ask(`audit?${query}`);
      if (turn !== this.turn) return; // something else was asked for meanwhile
      this.entries = before ? [...this.entries, ...page.entries] : page.entries;
      this.next = page.next;
      this.shell.trouble("");
      this.draw();
    } catch (error) {
      this.shell.failed(error);
    }
  }

  async verify() {
    this.verdict = null;
    this.drawChain();
    try {
      this.verdict = await ask("audit/verify");
      this.drawChain();
    } catch (error) {
      this.shell.failed(error);
    }
  }

  draw() {
    this.offer();
    byId("entries").replaceChildren(...this.entries.map(row));
    show(byId("nothing"), this.entries.length ? "" : t("no_entries"));
    byId("more").hidden = this.next === null;
    this.drawChain();
  }

  drawChain() {
    const { verdict } = this;
    byId("chain").dataset.state = verdict ? String(verdict.whole) : "checking";
    byId("chain").textContent = verdict ? (verdict.whole ? t("chain_whole") : t("chain_broken", { problem: verdict.problem })) : t("chain_checking");
    byId("head").textContent = verdict?.head ?? "";
    byId("verify").disabled = !verdict;
  }
}

function row({ number, at, who, what, purpose, case: file, details }) {
  const facts = Object.entries(details).map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return make("tr", {},
    make("td", { class: "number", text: number }),
    make("td", {}, make("time", { datetime: at, title: format.fullTime(at), text: format.time(at) })),
    make("td", { class: "who-did", text: who }),
    make("td", { text: named("deed", what) }),
    make("td", { class: "purpose", text: purpose }),
    make("td", { class: "case", text: file }),
    make("td", { class: "details" }, ...facts.map((fact) => make("span", { text: fact }))),
  );
}

begin((me) => new AuditPage(me).start());
