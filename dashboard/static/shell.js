// What all signed-in pages share: the bar, the language, the cameras, and the line on which changes come.

import { ask, Refused, signOut, toLogin } from "./api.js";
import { CameraList } from "./camera_list.js";
import { byId, make, show } from "./dom.js";
import { Feed } from "./feed.js";
import { keepLanguage, language, startLanguage, t } from "./i18n.js";

export class Shell {
  // `on` has alert(alert, change), cameras(), reset() and language(), each when that changed.
  constructor(me, on) {
    this.me = me;
    this.on = on;
    this.cameras = new CameraList();
    this.connected = false;
    this.followed = false;
    this.feed = new Feed({
      alert: (alert, change) => {
        on.alert(alert, change);
        this.tally();
      },
      cameras: (list) => this.putCameras(list),
      reset: () => on.reset(),
      ended: toLogin,
      broken: () => ask("me").catch(() => {}), // leads to the login when the session ended
      line: (connected) => this.lineChanged(connected),
    });
    byId("person").textContent = me.name;
    byId("to-plates").hidden = !me.may_search;
    byId("to-watch-lists").hidden = !me.may_search;
    byId("to-audit").hidden = !me.may_audit;
    byId("to-truth").hidden = !me.may_mark;
    byId("to-users").hidden = me.role !== "admin";
    byId("language").value = language();
    for (const link of byId("places").children) {
      if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
    }
    this.listenToPerson();
    this.drawLine();
  }

  // Follows what comes after change number `place`.
  follow(place) {
    this.followed = true;
    this.feed.open(place);
    this.tally();
  }

  putCameras(list) {
    this.cameras.put(list);
    show(byId("simulated"), list.cameras.some((camera) => camera.simulated) ? t("simulated") : "");
    this.drawLine();
    this.on.cameras();
  }

  lineChanged(connected) {
    this.connected = connected;
    this.drawLine();
  }

  drawLine() {
    const trouble = this.cameras.trouble();
    const state = this.connected ? trouble || "live" : this.followed ? "reconnecting" : "connecting";
    byId("line").dataset.state = state;
    byId("line").querySelector(".text").textContent = t(`line_${state}`);
  }

  // Asks for the numbers of new and acknowledged alerts, at most once a second.
  tally() {
    this.tallying ??= setTimeout(async () => {
      this.tallying = undefined;
      const { alerts } = await ask("health").catch(() => ({}));
      if (!alerts) return;
      document.title = (alerts.new ? `(${alerts.new}) ` : "") + document.querySelector("h1").textContent;
      byId("tallies").replaceChildren(...["new", "acknowledged"].map((state) =>
        make("span", { "data-state": state }, make("b", { text: alerts[state] }), ` ${t(`tally_${state}`)}`)));
    }, this.tallied ? 1_000 : 0);
    this.tallied = true;
  }

  announce(text) {
    byId("announce").textContent = text;
  }

  trouble(text) {
    show(byId("trouble"), text);
  }

  failed(error) {
    if (!(error instanceof Refused)) throw error;
    if (error.status !== 401) this.trouble(error.message || t("no_answer"));
  }

  listenToPerson() {
    byId("language").addEventListener("change", (event) => {
      keepLanguage(event.target.value);
      this.putCameras(this.cameras);
      this.on.language();
      this.tally();
    });
    byId("sign-out").addEventListener("click", signOut);
  }
}

// Begins a page with whoever is signed in; `start(me)` is asked once.
export function begin(start) {
  startLanguage(document.body.dataset.language);
  ask("me").then((me) => (me.must_change_password ? toLogin() : start(me))).catch(() => {
    show(byId("trouble"), t("no_answer"));
  });
}
