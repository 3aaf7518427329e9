// One camera from near: its live picture, how it is, and its open alerts.

import { ask } from "./api.js";
import { make } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";
import { LivePicture } from "./live_picture.js";

const SHOWN = 20;

export class CameraPanel {
  // `close()` is asked when the reader goes back.
  constructor(place, shell, close) {
    this.place = place;
    this.shell = shell;
    this.back = make("button", { type: "button", class: "back plain", onclick: close });
    this.head = make("header", {});
    this.title = make("h3", {});
    this.list = make("ul", { class: "open-alerts" });
    this.all = make("a", {});
    this.shown = ""; // the camera's place
    this.alerts = [];
  }

  show(place) {
    if (place === this.shown) return;
    this.picture?.stop();
    this.shown = place;
    this.alerts = [];
    this.place.hidden = !place;
    if (!place) return;
    this.picture = new LivePicture(this.camera());
    this.place.replaceChildren(this.back, this.head, this.picture.element,
      make("div", { class: "about" }, this.title, this.list, make("p", {}, this.all)));
    this.draw();
    this.picture.start();
    this.load();
    this.back.focus();
  }

  // What is known of the camera; of one that only its alerts tell of, its names.
  camera() {
    const [site, camera] = this.shown.split("/");
    return this.shell.cameras.find(this.shown)
      ?? { site, camera, name: camera, state: "unavailable", since: null, reason: "", simulated: false };
  }

  async load() {
    if (!this.shown) return;
    const place = this.shown;
    const { site, camera } = this.camera();
    try {
      const page = await ask(`alerts?${new URLSearchParams({ state: "open", site, camera, limit: SHOWN })}`);
      if (place !== this.shown) return;
      this.alerts = page.alerts;
      this.drawAlerts();
    } catch (error) {
      this.shell.failed(error);
    }
  }

  draw() {
    if (!this.shown) return;
    const camera = this.camera();
    const since = camera.since && t("since", { time: format.time(camera.since, { seconds: false }) });
    this.picture.name(`${camera.name}, ${t(`camera_${camera.state}`)}`);
    this.back.textContent = `← ${t("back_to_all")}`;
    this.head.dataset.state = camera.state;
    this.head.replaceChildren(...[
      make("h2", { text: camera.name }),
      make("span", { class: "how", text: t(`camera_${camera.state}`) }),
      make("span", { class: "since", text: [since, camera.camera].filter(Boolean).join(" · ") }),
      camera.simulated && make("span", { class: "mark-simulated", text: t("simulated_short") }),
      camera.reason && make("span", { class: "reason", text: t(camera.reason) }),
    ].filter(Boolean));
    this.title.textContent = t("open_alerts");
    this.all.textContent = t("all_of_camera");
    this.all.href = `/#camera=${this.shown}`;
    this.drawAlerts();
  }

  drawAlerts() {
    this.list.replaceChildren(...this.alerts.map((alert) => make("li", {},
      make("a", { href: `/#alert=${alert.id}`, "data-severity": alert.severity },
        make("span", { class: "severity", "data-severity": alert.severity, text: t(`severity_${alert.severity}`) }),
        make("span", { class: "what", text: format.kind(alert.kind) }),
        make("time", { datetime: alert.began, title: format.fullTime(alert.began), text: format.time(alert.began) }),
        make("span", { class: "phase", text: `${t(`phase_${alert.phase}`)} · ${t(`state_${alert.state}`)}` }),
      ))));
    if (!this.alerts.length) this.list.append(make("li", { class: "none", text: t("nothing_open_here") }));
  }
}
