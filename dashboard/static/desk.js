// A page that shows no alerts of its own: the bar, the cameras' names and the line on which changes come.

import { ask } from "./api.js";
import { Shell } from "./shell.js";

// Returns the shell; `on` has cameras() and language(), each when that changed.
export function openDesk(me, on) {
  const shell = new Shell(me, { alert() {}, reset() {}, ...on });
  Promise.all([ask("alerts?limit=1"), ask("cameras")]).then(([{ change }, cameras]) => {
    shell.putCameras(cameras);
    shell.follow(change);
  }).catch((error) => shell.failed(error));
  return shell;
}
