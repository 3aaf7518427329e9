// One alert: its pictures, what happened in plain words, and what can be done about it.

import { ask } from "./api.js";
import { byId, make } from "./dom.js";
import * as format from "./format.js";
import { Gallery } from "./gallery.js";
import { t } from "./i18n.js";
import { toPass, WATCH_LIST, watchedPlate, watchFacts } from "./watch_match.js";
import { waterLine } from "./water_line.js";

export class Detail {
  // `act(alert, deed, note)` acknowledges or closes; `back()` returns to the list on a small screen.
  constructor({ act, back, cameraName, mayAct, caseFile }) {
    this.place = byId("detail");
    this.act = act;
    this.back = back;
    this.cameraName = cameraName;
    this.mayAct = mayAct;
    this.caseFile = caseFile;
    this.alert = null;
    this.history = [];
    this.gallery = new Gallery(() => this.draw());
    this.note = null;
    this.show(null);
  }

  async show(alert) {
    if (alert?.id !== this.alert?.id) {
      this.history = [];
      this.gallery.picture = null;
      this.note = null;
    }
    this.alert = alert;
    this.draw();
    if (!alert) return;
    try {
      const whole = await ask(`alerts/${alert.id}`);
      if (this.alert?.id !== alert.id) return;
      this.history = whole.history;
      this.drawHistory();
    } catch {
      // the list says that the line is broken; the history comes with the next change
    }
  }

  draw() {
    if (!this.alert) {
      this.place.replaceChildren(make("p", { class: "choose", id: "detail-title", text: t("choose") }));
      return;
    }
    const alert = this.alert;
    this.note ??= make("textarea", { id: "note", rows: 2, maxlength: 2000 });
    this.steps = make("ol", { class: "steps" });
    const typing = document.activeElement === this.note;
    const scroll = this.place.scrollTop;
    this.place.replaceChildren(...[
      make("button", { type: "button", class: "back plain", text: `← ${t("back")}`, onclick: () => this.back() }),
      this.head(alert),
      this.pictures(alert),
      this.words(alert),
      this.facts(alert),
      waterLine(alert),
      alert.kind === WATCH_LIST && make("div", { class: "buttons pass-deeds" }, toPass(alert)),
      this.deeds(alert),
      this.caseFile.section(`alerts/${alert.id}`, alert.id),
      make("h3", { text: t("history") }),
      this.steps,
    ].filter(Boolean));
    this.drawHistory();
    this.place.scrollTop = scroll;
    if (typing) this.note.focus();
  }

  head(alert) {
    return make("header", {},
      make("span", { class: "severity", "data-severity": alert.severity, text: t(`severity_${alert.severity}`) }),
      make("h2", { id: "detail-title", text: format.kind(alert.kind) }),
      make("span", { class: "state", "data-state": alert.state, text: t(`state_${alert.state}`) }),
      make("p", { class: "where", text: this.cameraName(alert) }),
    );
  }

  // Shown first is the latest picture of the incident while it lasted.
  pictures(alert) {
    const kept = alert.evidence.filter((item) => item.url);
    const usual = kept.findLast((item) => item.kind !== "clip" && (alert.phase !== "cleared" || item.at < alert.at));
    return this.gallery.draw(kept, `${format.kind(alert.kind)}, ${this.cameraName(alert)}`, usual);
  }

  words(alert) {
    if (alert.kind === WATCH_LIST) return watchedPlate(alert);
    const text = format.sentence(alert);
    return text ? make("p", { class: "sentence", text }) : null;
  }

  facts(alert) {
    const pairs = [
      [t("began"), stamp(alert.began)],
      ...(alert.kind === WATCH_LIST ? watchFacts(alert) : this.course(alert)),
      ...["acknowledged", "closed"].filter((deed) => alert[deed]).map((deed) => [t(`state_${deed}`), this.deed(alert[deed])]),
    ];
    return make("dl", {}, ...pairs.filter(Boolean).flatMap(([name, value]) => [make("dt", { text: name }), make("dd", {}, value)]));
  }

  // How an incident goes on, and what its rule tells of it.
  course(alert) {
    const lasted = (Date.parse(alert.at) - Date.parse(alert.began)) / 1000;
    const where = format.place(alert.subject);
    return [
      [t("last_news"), make("span", {}, stamp(alert.at), ` · ${t(`phase_${alert.phase}`)}`)],
      [t("lasted"), format.duration(lasted)],
      [t("rule"), alert.rule],
      where && [t("place"), where],
      ...format.facts(alert),
    ];
  }

  deed(deed) {
    return make("span", {}, `${format.time(deed.at)} ${t("by", { who: deed.who })}`,
      deed.note && make("q", { text: deed.note }));
  }

  deeds(alert) {
    if (!this.mayAct(alert)) return make("p", { class: "view-only", text: t("view_only") });
    if (alert.state === "closed") return null;
    const act = (deed) => () => this.act(alert, deed, this.note.value);
    return make("div", { class: "deeds" },
      make("label", { for: "note", text: t("note") }), this.note,
      make("div", { class: "buttons" },
        alert.state === "new" && make("button", { type: "button", class: "main", id: "acknowledge", text: t("acknowledge"), "aria-keyshortcuts": "a", onclick: act("acknowledge") }),
        make("button", { type: "button", class: "second", id: "close", text: t("close"), "aria-keyshortcuts": "c", onclick: act("close") }),
      ),
    );
  }

  drawHistory() {
    const words = (step) => t(["acknowledged", "closed"].includes(step.what) ? `state_${step.what}` : `phase_${step.what}`);
    this.steps?.replaceChildren(...this.history.toReversed().map((step) => make("li", { "data-what": step.what },
      make("time", { datetime: step.at, title: format.fullTime(step.at), text: format.time(step.at) }),
      make("span", { text: step.who ? `${words(step)} ${t("by", { who: step.who })}` : words(step) }),
      step.note && make("q", { text: step.note }),
    )));
  }
}

const stamp = (iso) => make("time", { datetime: iso, title: format.fullTime(iso), text: format.time(iso) });
