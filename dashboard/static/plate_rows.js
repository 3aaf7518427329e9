// What a search found: a row a pass, newest first, or a row a plate, likeliest first.

import { byId, make } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";
import { changes } from "./plate_misread.js";
import { described, plateSign } from "./plate_sign.js";
import { RowChoice } from "./row_choice.js";

export class PlateRows {
  // `open(read)` is asked for the row that is pressed; `cameraName(read)` names its camera.
  constructor({ open, cameraName }) {
    this.rows = byId("rows");
    this.cameraName = cameraName;
    this.reads = new Map(); // hit -> { read, search, asked, cost }
    this.choice = new RowChoice(this.rows, (hit, byHand) => byHand && open(this.reads.get(hit)));
  }

  clear() {
    this.rows.replaceChildren();
    this.reads.clear();
    this.choice.id = null;
    this.choice.mark();
  }

  // `found` has `search`, the number in the log, with `reads` or, for the plate that was `asked` for, `matches`.
  append({ search, reads, matches }, asked) {
    const found = [
      ...reads.map((read) => ({ read, search })),
      ...matches.map(({ latest, cost }) => ({ read: latest, search, asked, cost })),
    ];
    for (const one of found) {
      if (this.reads.has(one.read.hit)) continue;
      this.reads.set(one.read.hit, one);
      this.rows.append(this.row(one));
    }
  }

  // Opens the row that is chosen.
  press() {
    if (this.reads.has(this.choice.id)) this.choice.choose(this.choice.id, true);
  }

  redraw() {
    this.rows.replaceChildren(...[...this.reads.values()].map((one) => this.row(one)));
    this.choice.mark();
  }

  row({ read, search, asked, cost }) {
    const misread = cost > 0 ? changes(asked, read.plate) : [];
    return make("li", { role: "option", id: `hit-${read.hit}`, "data-id": read.hit, "aria-selected": "false" },
      thumbnail(read, search),
      plateSign(read, { marked: new Set(misread.filter((one) => one.found).map((one) => one.at)) }),
      make("span", { class: "what" }, described(read)),
      make("time", { datetime: read.at, title: format.fullTime(read.at), text: format.time(read.at) }),
      make("span", { class: "where", text: this.cameraName(read) }),
      make("span", { class: "score", title: t("score_means"), text: t("score_of", { score: format.score(read.score) }) }),
      asked !== undefined && make("span", { class: "why", text: misread.length ? reason(misread, cost) : t("as_asked") }),
    );
  }
}

// The close-up of the plate that the search opens.
export function thumbnail(read, search) {
  const crop = read.evidence.find((item) => item.kind === "crop" && item.url);
  const none = () => make("span", { class: "thumb none", text: "–", title: t("no_picture") });
  if (!crop) return none();
  const image = make("img", { class: "thumb", src: `${crop.url}&entry=${search}`, alt: "", loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(none()));
  return image;
}

function reason(misread, cost) {
  const said = misread.map(({ asked, found }) => {
    if (!found) return t("misread_missing", { asked });
    return asked ? t("misread_for", { asked, found }) : t("misread_more", { found });
  });
  return `${said.join(", ")} · ${t("misread_chance", { chance: format.chance(Math.exp(-cost)) })}`;
}
