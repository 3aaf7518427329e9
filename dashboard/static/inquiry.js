// Why somebody looks: the purpose and the case, asked once, shown all the time, and kept in this tab alone.

import { ask } from "./api.js";
import { byId } from "./dom.js";
import { t } from "./i18n.js";

const KEPT = "inquiry";
const SHORTEST = 3; // characters, as the API demands

export class Inquiry {
  // `changed()` is told when there is another purpose or case.
  constructor(me, changed) {
    this.me = me;
    this.changed = changed;
    this.dialog = byId("inquiry");
    this.form = this.dialog.querySelector("form");
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    this.said = kept?.who === me.name ? { purpose: kept.purpose, case: kept.case } : null;
    byId("change-inquiry")?.addEventListener("click", () => this.open());
    byId("inquiry-cancel").addEventListener("click", () => this.dialog.close());
    this.form.addEventListener("input", ({ target }) => target.setCustomValidity(""));
    this.form.addEventListener("submit", (event) => this.keep(event));
    this.draw();
  }

  // Asks for purpose and case; returns them, or null when the question was put away.
  async open() {
    this.answered = false;
    const { elements } = this.form;
    for (const name of ["purpose", "case"]) elements[name].value = this.said?.[name] ?? "";
    if (!this.dialog.open) this.dialog.showModal();
    await new Promise((done) => this.dialog.addEventListener("close", done, { once: true }));
    return this.answered ? this.said : null;
  }

  keep(event) {
    const { elements } = this.form;
    for (const name of ["purpose", "case"]) {
      const field = elements[name];
      field.value = field.value.trim();
      if (field.value.length >= SHORTEST) continue;
      event.preventDefault();
      field.setCustomValidity(t("why_short"));
      field.reportValidity();
      return;
    }
    this.answered = true;
    this.said = { purpose: elements.purpose.value, case: elements.case.value };
    sessionStorage.setItem(KEPT, JSON.stringify({ who: this.me.name, ...this.said }));
    this.draw();
    this.changed();
  }

  // Pages that ask each time show nothing meanwhile.
  draw() {
    if (!byId("purpose")) return;
    byId("purpose").textContent = this.said?.purpose ?? "–";
    byId("case").textContent = this.said?.case ?? "–";
  }

  // Returns purpose and case, asked for when nobody has said them yet; null when the question was put away.
  async reason() {
    return this.said ?? this.open();
  }

  // Asks the API under this purpose and case; returns null when there is none.
  async post(path, body, send = ask) {
    const why = await this.reason();
    return why && send(path, { method: "POST", body: { ...why, ...body } });
  }
}
