// The list of what is marked, and the fields of the mark that is chosen.

import { make } from "./dom.js";
import { kind as kindName } from "./format.js";
import { t } from "./i18n.js";
import { isEvent } from "./truth_marks.js";

export function clock(seconds) {
  const whole = Math.floor(seconds / 60);
  return `${whole}:${(seconds - whole * 60).toFixed(3).padStart(6, "0")}`;
}

export class MarkList {
  constructor(list, fields, { chosen, set, remove }) {
    this.list = list;
    this.fields = fields;
    this.chosen = chosen;
    fields.addEventListener("change", ({ target }) => set(target.name, target.value));
    fields.addEventListener("submit", (event) => event.preventDefault());
    fields.addEventListener("click", ({ target }) => {
      const name = target.closest("[data-now]")?.dataset.now;
      if (name) set(name, "now");
      if (target.closest("#remove")) remove();
    });
  }

  kinds(names) {
    this.fields.elements.kind.replaceChildren(...names.map((name) => make("option", { value: name, text: kindName(name) })));
  }

  draw(marks) {
    this.list.replaceChildren(...marks.sorted.map((mark) => this.row(mark, mark.id === marks.chosen)));
    this.list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    const mark = marks.current;
    this.list.setAttribute("aria-activedescendant", mark ? `mark-${mark.id}` : "");
    this.fields.hidden = !mark;
    if (mark) this.fill(mark);
  }

  row(mark, chosen) {
    const { kind, start_s: start, due_s: due, end_s: end, box } = mark.entry;
    const name = isEvent(mark) ? kindName(kind) : t("ignored", { kind: kindName(kind) });
    const more = isEvent(mark) && [t("due_at", { time: clock(due) }), box ? null : t("anywhere")].filter(Boolean).join(", ");
    return make("li", { id: `mark-${mark.id}`, role: "option", class: mark.what, "aria-selected": String(chosen), onclick: () => this.chosen(mark.id) },
      make("b", { text: name }),
      make("span", { class: "times", text: `${clock(start)} – ${end === undefined || end === null ? t("to_the_end") : clock(end)}` }),
      more && make("span", { class: "more", text: more }),
    );
  }

  fill(mark) {
    for (const part of this.fields.querySelectorAll("[data-only]")) part.hidden = part.dataset.only !== mark.what;
    const { elements } = this.fields;
    if (![...elements.kind.options].some((option) => option.value === mark.entry.kind)) {
      elements.kind.append(make("option", { value: mark.entry.kind, text: mark.entry.kind }));
    }
    elements.kind.value = mark.entry.kind;
    for (const name of ["start_s", "due_s", "end_s"]) elements[name].value = mark.entry[name] ?? "";
    elements.box.value = mark.entry.box?.join(" ") ?? "";
  }
}
