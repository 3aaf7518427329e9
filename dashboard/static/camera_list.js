// What is known of the cameras that one may see, whatever page shows it.

export const WORST_FIRST = ["lost", "unavailable", "degraded", "connecting", "stopped", "online"];

export const placeOf = (camera) => `${camera.site}/${camera.camera}`;

export class CameraList {
  constructor() {
    this.cameras = [];
    this.sites = [];
    this.broker = "lost";
    this.open = new Map(); // place -> { count, severity } of its open alerts
  }

  put({ cameras, sites, broker }) {
    Object.assign(this, { cameras, sites, broker });
  }

  putOpen(counts) {
    this.open = new Map(counts.map((one) => [placeOf(one), one]));
  }

  find(place) {
    return this.cameras.find((one) => placeOf(one) === place) ?? null;
  }

  name(alert) {
    const name = this.find(placeOf(alert))?.name ?? alert.camera;
    return this.sites.length > 1 ? `${name} (${alert.site})` : name;
  }

  // What the connection indicator has to say beyond the page's own line.
  trouble() {
    if (this.broker !== "connected") return "broker";
    return this.sites.some((site) => site.engine === "offline") ? "engine" : "";
  }

  // By name, so that nobody's place on a wall changes by itself.
  byName() {
    return this.cameras.toSorted((a, b) => this.name(a).localeCompare(this.name(b)) || placeOf(a).localeCompare(placeOf(b)));
  }
}
