// Which row of a list box is chosen: by a click, or by moving from row to row.

export class RowChoice {
  // `chosen(id, byHand)` is told of every choice; a row has `role=option`, `data-id` and an id.
  constructor(rows, chosen) {
    this.rows = rows;
    this.chosen = chosen;
    this.id = null;
    rows.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.choose(row.dataset.id, true);
    });
  }

  choose(id, byHand = false) {
    this.id = id;
    this.mark();
    this.chosen(id, byHand);
  }

  move(step) {
    const { children } = this.rows;
    if (!children.length) return;
    const at = [...children].findIndex((row) => row.dataset.id === this.id);
    const next = children[at < 0 ? 0 : Math.min(Math.max(at + step, 0), children.length - 1)];
    this.choose(next.dataset.id);
    next.scrollIntoView({ block: "nearest" });
  }

  mark() {
    let marked = null;
    for (const row of this.rows.children) {
      const chosen = row.dataset.id === this.id;
      row.setAttribute("aria-selected", String(chosen));
      if (chosen) marked = row;
    }
    if (marked) this.rows.setAttribute("aria-activedescendant", marked.id);
    else this.rows.removeAttribute("aria-activedescendant");
  }
}
