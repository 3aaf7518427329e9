// Takes a table of plates in: all of it or what can be used, and tells of each cell that cannot.

import { ask } from "./api.js";
import { byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { Question } from "./question.js";
import { inWords } from "./refusals.js";

const SHOWN = 200; // problems; nobody reads on beyond that

export class WatchImport {
  // `done()` is told when plates were taken in.
  constructor(done) {
    this.done = done;
    this.question = new Question("importer", (elements) => this.send(elements));
  }

  open(list) {
    this.list = list;
    this.tell("", []);
    this.question.open({ partial: false, replace: false });
  }

  // Stays open as long as something is wrong, and tells what.
  async send({ file, partial, replace }) {
    this.tell(t("importing"), []);
    try {
      const query = new URLSearchParams({ partial: partial.checked, replace: replace.checked });
      const taken = await ask(`watch-lists/${this.list.id}/import?${query}`, { method: "POST", table: file.files[0] });
      this.tell(inWords(taken.detail), taken.problems);
      this.done();
      return taken.problems.length === 0;
    } catch (error) {
      this.tell("", error.said?.problems ?? []);
      throw error;
    }
  }

  tell(text, problems) {
    byId("imported").textContent = text;
    byId("problems").replaceChildren(...problems.slice(0, SHOWN).map(({ row, column, problem }) => make("li", {},
      make("b", { text: t("row", { row }) }), " ", make("code", { text: column }), " ", inWords(problem))));
    if (problems.length > SHOWN) byId("problems").append(make("li", { text: t("more_problems", { count: problems.length - SHOWN }) }));
  }
}
