// Follows /api/v1/events: connects again by itself and goes on after the last change that it saw.

const SILENCE_MS = 25_000; // the server says something every ten seconds
const LONGEST_PAUSE_MS = 15_000;

export class Feed {
  // `on` has alert(alert, change), cameras(list), reset(), ended(), line(connected).
  constructor(on) {
    this.on = on;
    this.place = 0;
    this.pause = 0;
    this.heard = 0;
    this.source = null;
    this.timer = 0;
    setInterval(() => this.source && performance.now() - this.heard > SILENCE_MS && this.again(), 5_000);
    window.addEventListener("online", () => this.again(true));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && performance.now() - this.heard > SILENCE_MS) this.again(true);
    });
  }

  open(place) {
    this.place = place;
    this.again(true);
  }

  again(now = false) {
    this.source?.close();
    this.source = null;
    clearTimeout(this.timer);
    this.on.line(false);
    const wait = now ? 0 : this.pause * (0.5 + Math.random() / 2);
    this.pause = Math.min(Math.max(this.pause * 2, 1_000), LONGEST_PAUSE_MS);
    this.timer = setTimeout(() => this.connect(), wait);
  }

  connect() {
    this.heard = performance.now();
    const source = new EventSource(`/api/v1/events?after=${this.place}`);
    this.source = source;
    source.onopen = () => {
      this.heard = performance.now();
      this.pause = 0;
      this.on.line(true);
    };
    source.onerror = () => {
      if (this.source !== source) return;
      this.on.broken();
      this.again();
    };
    const listen = (name, act) =>
      source.addEventListener(name, (event) => {
        if (this.source !== source) return;
        this.heard = performance.now();
        const change = Number(event.lastEventId);
        if (change) this.place = change;
        act?.(event.data ? JSON.parse(event.data) : null, change);
      });
    listen("alert", this.on.alert);
    listen("cameras", this.on.cameras);
    listen("reset", this.on.reset);
    listen("ended", this.on.ended);
    listen("beat");
  }
}
