// Plates that went along with one: on several cameras, each time soon before or after it.

import { make } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";
import { thumbnail } from "./plate_rows.js";
import { plateSign } from "./plate_sign.js";

const SECONDS = [30, 60, 120, 300];
const CAMERAS = [2, 3, 4, 5];
const USUAL = { within_s: 60, cameras: 3 };

// Returns the section; `post(path, body)` asks the API, `look(plate)` looks for one of those found.
export function companionsOf(read, { post, look, failed }) {
  const choose = (name, values, text) => make("select", { name }, ...values.map((value) =>
    make("option", { value, selected: value === USUAL[name], text: text(value) })));
  const list = make("ol", { class: "companions" });
  const said = make("p", { class: "hint", role: "status" });
  const form = make("form", { class: "pair" },
    make("label", {}, make("span", { text: t("within") }), choose("within_s", SECONDS, format.duration)),
    make("label", {}, make("span", { text: t("on_cameras") }), choose("cameras", CAMERAS, String)),
    make("button", { text: t("look_for_companions") }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { within_s: within, cameras } = form.elements;
    try {
      const found = await post("plates/companions", { plate: read.plate, within_s: Number(within.value), cameras: Number(cameras.value) });
      if (!found) return;
      list.replaceChildren(...found.companions.map((one) => row(one, found.search, look)));
      said.textContent = found.companions.length ? "" : t("no_companions");
    } catch (error) {
      failed(error);
    }
  });
  return make("section", { class: "part", "aria-labelledby": "companions-title" },
    make("h3", { id: "companions-title", text: t("companions") }), form, said, list);
}

function row({ plate, cameras, latest }, search, look) {
  return make("li", {}, make("button", { type: "button", onclick: () => look(plate) },
    thumbnail(latest, search), plateSign(latest), make("span", { text: t("seen_with", { cameras, time: format.time(latest.at) }) })));
}
