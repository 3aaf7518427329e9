// What the wall and the map have in common: they follow the cameras and how many alerts each has open.

import { ask } from "./api.js";
import { Shell } from "./shell.js";

const GATHER_MS = 500;

export class Watching {
  // `draw()` is asked whenever a camera, an open alert or the language changed; `news()` when alerts did.
  constructor(me, { draw, news }) {
    this.draw = draw;
    this.news = news;
    this.shell = new Shell(me, {
      alert: () => this.changed(),
      cameras: () => draw(),
      reset: () => this.load(),
      language: () => news(),
    });
    this.cameras = this.shell.cameras;
  }

  async start() {
    const change = await this.load();
    this.shell.follow(change);
  }

  // Returns the number of the last change that is shown.
  async load() {
    try {
      const { change } = await ask("alerts?limit=1");
      const [cameras, open] = await Promise.all([ask("cameras"), ask("cameras/open")]);
      this.cameras.putOpen(open);
      this.shell.putCameras(cameras);
      this.shell.trouble("");
      return change;
    } catch (error) {
      this.shell.failed(error);
      return 0;
    }
  }

  // Counts anew once for all that changes within half a second.
  changed() {
    this.counting ??= setTimeout(async () => {
      this.counting = undefined;
      try {
        this.cameras.putOpen(await ask("cameras/open"));
        this.draw();
        this.news();
      } catch (error) {
        this.shell.failed(error);
      }
    }, GATHER_MS);
  }
}
