// A question that stands before the page: a form that stays open until what it asks for is done, and says what is wrong.

import { Refused } from "./api.js";
import { byId, show } from "./dom.js";
import { t } from "./i18n.js";

export class Question {
  // `act(elements)` does what was asked for; while it fails, the question stays and tells why.
  constructor(id, act) {
    this.dialog = byId(id);
    this.problem = byId(`${id}-problem`);
    this.form = this.dialog.querySelector("form");
    this.elements = this.form.elements;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.attempt(act);
    });
    this.form.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
  }

  // Opens it with what stands in its fields so far; boxes are ticked by true.
  open(values) {
    this.form.reset();
    show(this.problem, "");
    for (const [name, value] of Object.entries(values)) {
      const field = this.elements[name];
      if (field.type === "checkbox") field.checked = value;
      else field.value = value ?? "";
    }
    this.dialog.showModal();
  }

  async attempt(act) {
    const button = this.form.querySelector("[type=submit]");
    show(this.problem, "");
    button.disabled = true;
    try {
      if ((await act(this.elements)) !== false) this.dialog.close();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      show(this.problem, error.message || t("no_answer"));
    } finally {
      button.disabled = false;
    }
  }
}
