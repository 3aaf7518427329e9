// The boxes over the picture: shows those of the moment, and draws one by the mouse or a finger.

import { shape } from "./dom.js";

const SMALLEST = 0.004; // a box with a side below that fraction of the frame was a slip

export class Stage {
  // `drawn(box)` is called with a new box, in fractions of the frame.
  constructor(screen, boxes, { drawn, mayDraw }) {
    this.screen = screen;
    this.boxes = boxes;
    this.from = null;
    this.draft = null;
    screen.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !mayDraw()) return;
      event.preventDefault();
      screen.focus();
      screen.setPointerCapture(event.pointerId);
      this.from = this.place(event);
    });
    screen.addEventListener("pointermove", (event) => {
      if (!this.from) return;
      this.draft = spanned(this.from, this.place(event));
      this.drawDraft();
    });
    screen.addEventListener("pointerup", () => {
      const box = this.draft;
      this.cancel();
      if (box && box[2] - box[0] >= SMALLEST && box[3] - box[1] >= SMALLEST) drawn(box);
    });
    screen.addEventListener("pointercancel", () => this.cancel());
  }

  fit(video) {
    this.screen.style.setProperty("--ratio", String(video.videoWidth / video.videoHeight));
  }

  cancel() {
    this.from = this.draft = null;
    this.drawDraft();
  }

  // Shows boxes as [[box, class], …].
  show(shown) {
    this.boxes.replaceChildren(...shown.map(([box, style]) => this.rectangle(box, style)));
    this.drawDraft();
  }

  drawDraft() {
    this.boxes.querySelector(".draft")?.remove();
    if (this.draft) this.boxes.append(this.rectangle(this.draft, "draft"));
  }

  place(event) {
    const seen = this.screen.getBoundingClientRect();
    const within = (value) => Math.min(Math.max(value, 0), 1);
    return [within((event.clientX - seen.left) / seen.width), within((event.clientY - seen.top) / seen.height)];
  }

  rectangle([x1, y1, x2, y2], style) {
    return shape(this.boxes, "rect", { x: x1, y: y1, width: x2 - x1, height: y2 - y1, class: style });
  }
}

function spanned([x1, y1], [x2, y2]) {
  return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
}
