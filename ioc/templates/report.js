"use strict";
// A cursor on each drawing that says the time, and on a curve its value; and a folded part opens when it is led to.

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const rest = `${Math.floor(whole / 60) % 60}:${two(whole % 60)}`;
  return whole < 3600 ? rest : `${Math.floor(whole / 3600)}:${rest.padStart(5, "0")}`;
};

const numbers = (drawing, ...names) => names.map((name) => Number(drawing.dataset[name]));

const valueAt = (points, x) => {
  for (let n = 1; n < points.length; n += 1) {
    const [before, after] = [points[n - 1], points[n]];
    if (before.x <= x && x <= after.x) {
      return after.x === before.x ? after.y : before.y + (after.y - before.y) * (x - before.x) / (after.x - before.x);
    }
  }
  return points.length ? points[points.length - 1].y : NaN;
};

for (const drawing of document.querySelectorAll("svg[data-begin]")) {
  const [from, until, low, high] = numbers(drawing, "begin", "end", "left", "right");
  const [top, bottom, highest] = numbers(drawing, "top", "bottom", "highest");
  const cursor = drawing.querySelector(".cursor");
  const text = drawing.querySelector(".reading");
  const curve = drawing.querySelector("polyline");
  drawing.addEventListener("pointermove", (event) => {
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    const x = Math.min(Math.max(place.x, low), high);
    const time = clock(from + (until - from) * (x - low) / (high - low));
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    const value = curve && highest * (bottom - valueAt([...curve.points], x)) / (bottom - top);
    text.textContent = curve ? `${time}: ${Number(value.toPrecision(3))} ${drawing.dataset.unit}` : time;
    const late = x > (low + high) / 2;
    text.setAttribute("x", late ? x - 5 : x + 5);
    text.setAttribute("text-anchor", late ? "end" : "start");
    drawing.classList.add("read");
  });
  drawing.addEventListener("pointerleave", () => drawing.classList.remove("read"));
}

const open = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  for (let part = target; part; part = part.parentElement) {
    if (part.tagName === "DETAILS") part.open = true;
  }
  if (target) target.scrollIntoView({ block: "center" });
};
addEventListener("hashchange", open);
open();
