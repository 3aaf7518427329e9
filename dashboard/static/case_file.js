// What can be kept of a record for a case: its evidence as one sealed file, and the record itself beyond its time.

import { ask, download } from "./api.js";
import { make } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";

export class CaseFile {
  // `reason()` returns purpose and case, or null; `failed(error)` and `announce(text)` tell the reader.
  constructor(me, { reason, failed, announce }) {
    Object.assign(this, { me, reason, failed, announce });
  }

  // Returns the section of a record that the API has at `path`; null for whoever may keep nothing.
  section(path, id) {
    if (!this.me.may_issue) return null;
    const holds = make("ul", { class: "holds" });
    const button = (text, act) => make("button", { type: "button", text: t(text), onclick: (event) => this.attempt(event.currentTarget, act) });
    if (this.me.may_search) this.load(id, holds);
    return make("section", { class: "part", "aria-labelledby": "case-file-title" },
      make("h3", { id: "case-file-title", text: t("for_the_case") }),
      make("div", { class: "buttons" },
        button("save_pack", () => this.pack(path)),
        this.me.may_search && button("hold", () => this.hold(path, id, holds))),
      holds);
  }

  async pack(path) {
    const why = await this.reason();
    if (why) this.announce(t("saved_as", { name: await download(`${path}/pack`, { method: "POST", body: why }) }));
  }

  async hold(path, id, holds) {
    const why = await this.reason();
    if (!why) return;
    await ask(`${path}/hold`, { method: "POST", body: why });
    await this.load(id, holds);
  }

  async load(id, holds) {
    try {
      const page = await ask(`holds?record=${id}`);
      holds.replaceChildren(...page.holds.map((hold) => this.row(hold, () => this.load(id, holds))));
    } catch (error) {
      this.failed(error);
    }
  }

  row(hold, again) {
    const release = async () => {
      const why = await this.reason();
      if (!why) return;
      await ask(`holds/${hold.id}/release`, { method: "POST", body: why });
      await again();
    };
    return make("li", {},
      make("span", { text: t("held_for", { case: hold.case, who: hold.placed_by, time: format.time(hold.placed_at) }) }),
      make("q", { text: hold.purpose }),
      this.me.role === "supervisor" && make("button", { type: "button", text: t("release"), onclick: (event) => this.attempt(event.currentTarget, release) }));
  }

  // A large pack takes a while: it is asked for once.
  async attempt(button, act) {
    button.disabled = true;
    try {
      await act();
    } catch (error) {
      this.failed(error);
    } finally {
      button.disabled = false;
    }
  }
}
