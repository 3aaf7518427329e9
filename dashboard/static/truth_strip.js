// The strip below the picture: all that is marked along the recording, and where we are.

import { make } from "./dom.js";
import { isEvent } from "./truth_marks.js";

export class Strip {
  // `wanted(time)` is called when somebody points at a time.
  constructor(strip, bars, head, { wanted, chosen }) {
    this.strip = strip;
    this.bars = bars;
    this.head = head;
    this.chosen = chosen;
    this.length = 0;
    const point = (event) => {
      const seen = strip.getBoundingClientRect();
      wanted(((event.clientX - seen.left) / seen.width) * this.length);
    };
    strip.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.length) return;
      strip.setPointerCapture(event.pointerId);
      this.pointing = true;
      point(event);
    });
    strip.addEventListener("pointermove", (event) => this.pointing && point(event));
    for (const name of ["pointerup", "pointercancel"]) strip.addEventListener(name, () => (this.pointing = false));
  }

  at(time) {
    this.head.style.left = this.part(time);
  }

  draw(marks) {
    this.length = marks.duration;
    const lanes = []; // when the last bar of each lane ends
    this.bars.replaceChildren(...marks.sorted.map((mark) => {
      const { start_s: start, due_s: due } = mark.entry;
      const end = marks.end(mark);
      const free = lanes.findIndex((until) => until < start);
      const lane = free < 0 ? lanes.length : free;
      lanes[lane] = end;
      const bar = make("div", { class: `bar ${mark.what}${mark.id === marks.chosen ? " chosen" : ""}` });
      bar.style.left = this.part(start);
      bar.style.width = this.part(end - start);
      bar.style.top = `${lane * 0.85}rem`;
      bar.addEventListener("pointerdown", () => this.chosen(mark.id));
      if (isEvent(mark) && end > start) {
        const tick = make("i", { class: "due" });
        tick.style.left = `${Math.min((100 * (due - start)) / (end - start), 100)}%`;
        bar.append(tick);
      }
      return bar;
    }));
    this.bars.style.height = `${Math.max(lanes.length, 1) * 0.85}rem`;
  }

  part(time) {
    return `${this.length ? (100 * time) / this.length : 0}%`;
  }
}
