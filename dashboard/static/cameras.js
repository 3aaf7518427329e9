// The list of cameras beside the alerts; what cannot be known is said to be unavailable.

import { WORST_FIRST } from "./camera_list.js";
import { byId, make } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";

// `choose(camera)` shows one camera's alerts only.
export function drawCameras(list, choose) {
  const sorted = list.cameras.toSorted(
    (a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || a.name.localeCompare(b.name),
  );
  byId("cameras").replaceChildren(...sorted.map((camera) => row(camera, choose)));
  if (!sorted.length) byId("cameras").append(make("li", { class: "none", text: t("no_cameras") }));
  const counts = WORST_FIRST.map((state) => [state, sorted.filter((camera) => camera.state === state).length]);
  byId("camera-sum").textContent = counts.filter(([, count]) => count)
    .map(([state, count]) => `${count} ${t(`camera_${state}`).toLowerCase()}`).join(" · ");
}

function row(camera, choose) {
  const since = t("since", { time: format.time(camera.since, { seconds: false }) });
  const simulated = camera.simulated ? ` · ${t("simulated_short")}` : "";
  return make("li", { "data-state": camera.state },
    make("button", { type: "button", title: t("show_only"), onclick: () => choose(camera) },
      make("span", { class: "name", text: camera.name }),
      make("span", { class: "how", text: t(`camera_${camera.state}`) }),
      make("span", { class: "since", title: format.fullTime(camera.since), text: since }),
      make("span", { class: "id", text: `${camera.camera}${simulated}` }),
      camera.reason && make("span", { class: "reason", text: t(camera.reason) }),
    ),
  );
}
