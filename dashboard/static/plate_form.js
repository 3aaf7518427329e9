// What is looked for: the fields of the search, and the query that they make.

import { placeOf } from "./camera_list.js";
import { byId, make, show } from "./dom.js";
import { fieldOf, utcOf } from "./local_time.js";
import { t } from "./i18n.js";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const WORDS = ["vehicle", "colour", "kind", "direction"];

export class PlateForm {
  // `search(query)` is asked when the form is sent.
  constructor(form, search) {
    this.form = form;
    this.elements = form.elements;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.problem("");
      search(this.query());
    });
    form.addEventListener("reset", () => this.problem(""));
    form.addEventListener("click", ({ target }) => target.dataset.hours !== undefined && this.since(target.dataset.hours));
  }

  since(hours) {
    this.elements.since.value = hours && fieldOf(new Date(Date.now() - hours * HOUR_MS));
    this.elements.until.value = "";
  }

  query() {
    const { plate, fuzzy, since, until, camera, province } = this.elements;
    const query = { plate: plate.value.trim() || undefined, fuzzy: fuzzy.checked || undefined, since: utcOf(since.value), until: utcOf(until.value) };
    for (const name of WORDS) query[name] = this.elements[name].value ? [this.elements[name].value] : undefined;
    [query.site, query.camera] = camera.value ? camera.value.split("/").map((name) => [name]) : [];
    query.province = province.value ? province.value.split(" ") : undefined;
    if (query.fuzzy && query.plate === this.seen?.plate) query.hit = this.seen.hit;
    return query;
  }

  // Looks for one plate, as it was found, at any time and place; `hit` is the pass whose misreads are looked for.
  only(plate, { fuzzy = false, hit } = {}) {
    this.form.reset();
    this.seen = { plate, hit };
    this.elements.plate.value = plate;
    this.elements.fuzzy.checked = fuzzy;
    this.form.requestSubmit();
  }

  // Fills in a plate within a minute or so of a time.
  around(plate, at) {
    this.form.reset();
    this.elements.plate.value = plate;
    this.elements.since.value = fieldOf(new Date(at - MINUTE_MS));
    this.elements.until.value = fieldOf(new Date(at.getTime() + 2 * MINUTE_MS));
  }

  problem(text) {
    show(byId("plate-problem"), text);
    this.elements.plate.setAttribute("aria-invalid", String(Boolean(text)));
  }

  // Offers the cameras that one may see, by name.
  offer(cameras) {
    const select = this.elements.camera;
    const chosen = select.value;
    select.replaceChildren(make("option", { value: "", text: t("any_camera") }),
      ...cameras.byName().map((camera) => make("option", { value: placeOf(camera), text: cameras.name(camera) })));
    select.value = chosen;
  }
}
