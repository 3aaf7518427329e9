// The plane with what every map of the page has: the city's own lines, the buttons to zoom, and the scale bar.

import { ask } from "./api.js";
import { byId, show } from "./dom.js";
import { MapView } from "./map_view.js";

const STEP = 1.6;

export class CityMap {
  // `moved()` is asked after every change of what is seen; `spots()` returns what is to be seen as a whole.
  constructor(moved, spots) {
    this.view = new MapView(byId("map"), () => {
      this.drawBar();
      moved();
    });
    byId("closer").addEventListener("click", () => this.view.zoom(STEP));
    byId("farther").addEventListener("click", () => this.view.zoom(1 / STEP));
    byId("whole").addEventListener("click", () => this.view.fit(spots()));
    byId("map").addEventListener("keydown", (event) => event.key === "0" && this.view.fit(spots()));
  }

  // Looks at a place, given as latitude and longitude; the first one is the middle of the projection.
  begin(location) {
    if (this.view.origin) return;
    this.view.startAt(location);
    this.view.fit([this.view.project(...location)]);
  }

  // Draws the city's own lines, when the site file names a file of them.
  async drawGround() {
    const map = await ask("map");
    if (!map) return;
    const [first] = Object.values(map.lines)[0][0];
    this.begin([first[1], first[0]]);
    this.view.putGround(map.lines);
    show(byId("attribution"), map.attribution);
  }

  drawBar() {
    const { metres, pixels } = this.view.bar();
    byId("scale").style.width = `${pixels.toFixed(0)}px`;
    byId("scale").textContent = metres < 1_000 ? `${metres} m` : `${metres / 1_000} km`;
  }
}

// Returns the middle of places that have a `location`.
export function middleOf(places) {
  const [latitudes, longitudes] = [places.map((place) => place.location[0]), places.map((place) => place.location[1])];
  return [latitudes, longitudes].map((values) => (Math.min(...values) + Math.max(...values)) / 2);
}
