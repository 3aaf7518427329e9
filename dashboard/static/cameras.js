// How each camera is; what cannot be known is said to be unavailable.

import { byId, make, show } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";

const WORST_FIRST = ["lost", "unavailable", "degraded", "connecting", "stopped", "online"];

export class Cameras {
  // `choose(camera)` shows one camera's alerts only.
  constructor(choose) {
    this.choose = choose;
    this.list = { cameras: [], sites: [], broker: "lost" };
  }

  put(list) {
    this.list = list;
    this.draw();
  }

  find(site, camera) {
    return this.list.cameras.find((one) => one.site === site && one.camera === camera) ?? null;
  }

  name(alert) {
    const name = this.find(alert.site, alert.camera)?.name ?? alert.camera;
    return this.list.sites.length > 1 ? `${name} (${alert.site})` : name;
  }

  // What the connection indicator has to say beyond the page's own line.
  trouble() {
    if (this.list.broker !== "connected") return "broker";
    return this.list.sites.some((site) => site.engine === "offline") ? "engine" : "";
  }

  draw() {
    const sorted = this.list.cameras.toSorted(
      (a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || a.name.localeCompare(b.name),
    );
    byId("cameras").replaceChildren(...sorted.map((camera) => this.row(camera)));
    if (!sorted.length) byId("cameras").append(make("li", { class: "none", text: t("no_cameras") }));
    const counts = WORST_FIRST.map((state) => [state, sorted.filter((camera) => camera.state === state).length]);
    byId("camera-sum").textContent = counts.filter(([, count]) => count)
      .map(([state, count]) => `${count} ${t(`camera_${state}`).toLowerCase()}`).join(" · ");
    show(byId("simulated"), sorted.some((camera) => camera.simulated) ? t("simulated") : "");
  }

  row(camera) {
    const since = t("since", { time: format.time(camera.since, { seconds: false }) });
    const simulated = camera.simulated ? ` · ${t("simulated_short")}` : "";
    return make("li", { "data-state": camera.state },
      make("button", { type: "button", title: t("show_only"), onclick: () => this.choose(camera) },
        make("span", { class: "name", text: camera.name }),
        make("span", { class: "how", text: t(`camera_${camera.state}`) }),
        make("span", { class: "since", title: format.fullTime(camera.since), text: since }),
        make("span", { class: "id", text: `${camera.camera}${simulated}` }),
        camera.reason && make("span", { class: "reason", text: t(camera.reason) }),
      ),
    );
  }
}
