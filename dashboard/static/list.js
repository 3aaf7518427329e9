// The list of alerts: one row an incident, newest first, changed in place.

import { byId, make } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";
import { RowChoice } from "./row_choice.js";
import { WATCH_LIST } from "./watch_match.js";

const MOST_ROWS = 600; // beyond that the oldest rows leave; "show older alerts" brings them back

const newerFirst = (a, b) => (a.began === b.began ? (a.id < b.id ? 1 : -1) : a.began < b.began ? 1 : -1);

export class List {
  // `select(alert)` is told which alert is chosen; `cameraName(alert)` names its camera.
  constructor({ select, cameraName }) {
    this.rows = byId("rows");
    this.cameraName = cameraName;
    this.alerts = [];
    this.nodes = new Map();
    this.choice = new RowChoice(this.rows, (id, byHand) => select(id === null ? null : this.find(id), byHand));
    this.hasMore = false;
  }

  // Begins anew with one page of the list.
  fill(alerts, hasMore) {
    this.rows.replaceChildren();
    this.alerts = [];
    this.nodes.clear();
    this.append(alerts, hasMore);
  }

  append(alerts, hasMore) {
    for (const alert of alerts) this.put(alert, false);
    this.hasMore = hasMore;
    this.choice.mark();
  }

  find(id) {
    return this.alerts.find((alert) => alert.id === id) ?? null;
  }

  last() {
    return this.alerts.at(-1) ?? null;
  }

  // Puts an alert where it belongs, or changes the row it has. A row older than all that were loaded waits for
  // "show older alerts".
  put(alert, fresh) {
    const held = this.nodes.get(alert.id);
    if (held) {
      this.alerts[this.alerts.findIndex((other) => other.id === alert.id)] = alert;
      this.draw(held, alert);
      return;
    }
    if (fresh && this.hasMore && this.alerts.length && newerFirst(this.last(), alert) < 0) return;
    let low = 0;
    let high = this.alerts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (newerFirst(this.alerts[middle], alert) < 0) low = middle + 1;
      else high = middle;
    }
    const node = make("li", { role: "option", id: `alert-${alert.id}`, "data-id": alert.id });
    if (fresh) node.classList.add("fresh");
    this.draw(node, alert);
    this.rows.insertBefore(node, this.rows.children[low] ?? null);
    this.alerts.splice(low, 0, alert);
    this.nodes.set(alert.id, node);
    if (fresh && this.alerts.length > MOST_ROWS) this.drop(this.last().id, true);
  }

  // Takes a row away; when it was chosen, the one below is chosen instead.
  remove(id) {
    const at = this.alerts.findIndex((alert) => alert.id === id);
    if (at < 0) return;
    this.drop(id, false);
    if (this.choice.id === id) {
      const next = this.alerts[at] ?? this.alerts[at - 1] ?? null;
      this.choice.choose(next?.id ?? null);
    }
  }

  drop(id, comesBack) {
    this.alerts.splice(this.alerts.findIndex((alert) => alert.id === id), 1);
    this.nodes.get(id).remove();
    this.nodes.delete(id);
    if (comesBack) this.hasMore = true;
  }

  redraw() {
    for (const alert of this.alerts) this.draw(this.nodes.get(alert.id), alert);
  }

  draw(node, alert) {
    node.dataset.severity = alert.severity;
    node.dataset.state = alert.state;
    node.setAttribute("aria-selected", String(alert.id === this.choice.id));
    node.replaceChildren(
      make("span", { class: "severity", "data-severity": alert.severity, text: t(`severity_${alert.severity}`) }),
      make("span", { class: "what" }, format.kind(alert.kind), alert.kind === WATCH_LIST && ` · ${alert.details.display}`),
      make("time", { datetime: alert.began, title: format.fullTime(alert.began), text: format.time(alert.began) }),
      make("span", { class: "where", text: this.cameraName(alert) }),
      make("span", { class: "phase", "data-phase": alert.phase, text: t(`phase_${alert.phase}`) }),
      make("span", { class: "state", "data-state": alert.state, text: t(`state_${alert.state}`) }),
    );
  }
}
