// What is marked in a recording, with undo: events and stretches to ignore, as a truth file has them.

const STEPS = 500; // so many changes can be undone
const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;
export const isEvent = (mark) => mark.what === "event";

export class Marks {
  // `changed()` is called after every change.
  constructor(changed) {
    this.changed = changed;
    this.clear();
  }

  clear() {
    this.past = [];
    this.future = [];
    this.list = []; // {id, what: "event" or "ignore", entry}
    this.chosen = null; // id of the mark that keys and fields change
    this.count = 0;
    this.duration = 0;
    this.kept = this.text();
  }

  // Takes what the server keeps; `again` keeps the steps, so that what one had can be brought back.
  take({ duration_s: duration, events, ignore }, { again = false } = {}) {
    if (again) this.remember();
    else this.clear();
    this.duration = duration;
    const marked = [...events.map((entry) => ["event", entry]), ...ignore.map((entry) => ["ignore", entry])];
    this.list = marked.map(([what, entry]) => ({ id: ++this.count, what, entry }));
    this.chosen = null;
    this.kept = this.text();
    this.changed();
  }

  payload() {
    const of = (what) => this.list.filter((mark) => mark.what === what).map((mark) => mark.entry).sort((a, b) => a.start_s - b.start_s);
    return { duration_s: this.duration, events: of("event"), ignore: of("ignore") };
  }

  text() {
    return JSON.stringify(this.payload());
  }

  get dirty() {
    return this.text() !== this.kept;
  }

  get sorted() {
    return [...this.list].sort((a, b) => a.entry.start_s - b.entry.start_s || a.id - b.id);
  }

  get current() {
    return this.list.find((mark) => mark.id === this.chosen) ?? null;
  }

  end(mark) {
    return mark.entry.end_s ?? this.duration;
  }

  isAt(mark, time) {
    return mark.entry.start_s <= time && time <= this.end(mark);
  }

  choose(id) {
    this.chosen = id;
    this.changed();
  }

  // Chooses the next mark (1) or the one before (-1) and returns it.
  move(way) {
    const at = this.sorted.findIndex((mark) => mark.id === this.chosen);
    const next = this.sorted[at < 0 ? 0 : Math.min(Math.max(at + way, 0), this.list.length - 1)];
    if (next) this.choose(next.id);
    return next;
  }

  // The alert may be due after the recording's end: then the server says that the stretch is better ignored.
  addEvent(time, kind) {
    const start = this.time(time);
    this.add("event", { kind, start_s: start, due_s: round(start + this.dwell(kind), 3) });
  }

  addIgnored(time, kind) {
    this.add("ignore", { kind, start_s: this.time(time), end_s: this.duration });
  }

  add(what, entry) {
    this.remember();
    const mark = { id: ++this.count, what, entry };
    this.list = [...this.list, mark];
    this.chosen = mark.id;
    this.changed();
  }

  remove() {
    if (!this.current) return;
    const at = this.sorted.indexOf(this.current);
    this.remember();
    this.list = this.list.filter((mark) => mark.id !== this.chosen);
    this.chosen = this.sorted[Math.min(at, this.list.length - 1)]?.id ?? null;
    this.changed();
  }

  // Sets a time of the chosen mark; null is the end of the recording. Returns false when the order does not allow it.
  setTime(key, time) {
    const { entry, what } = this.current;
    const next = { ...entry, [key]: time === null ? null : this.time(time) };
    if (time === null && what === "ignore") next[key] = this.duration;
    if (key === "start_s" && what === "event") next.due_s = round(next.start_s + entry.due_s - entry.start_s, 3);
    if (next.end_s === null) delete next.end_s;
    const wrong = (what === "event" && next.due_s < next.start_s) || (next.end_s !== undefined && next.end_s < next.start_s);
    if (!wrong) this.put(next);
    return !wrong;
  }

  setKind(kind) {
    this.put({ ...this.current.entry, kind });
  }

  // Sets the chosen event's box, in fractions of the frame; null is anywhere.
  setBox(box) {
    const { box: _, ...rest } = this.current.entry;
    this.put(box === null ? rest : { ...rest, box: box.map((corner) => round(Math.min(Math.max(corner, 0), 1), 3)) });
  }

  put(entry) {
    if (JSON.stringify(entry) === JSON.stringify(this.current.entry)) return;
    this.remember();
    this.list = this.list.map((mark) => (mark.id === this.chosen ? { ...mark, entry } : mark));
    this.changed();
  }

  undo() {
    this.turn(this.past, this.future);
  }

  redo() {
    this.turn(this.future, this.past);
  }

  turn(from, to) {
    if (!from.length) return;
    to.push(this.snapshot());
    Object.assign(this, from.pop());
    this.changed();
  }

  remember() {
    this.past = [...this.past, this.snapshot()].slice(-STEPS);
    this.future = [];
  }

  snapshot() {
    return { list: this.list, chosen: this.chosen, duration: this.duration };
  }

  time(time) {
    return round(Math.min(Math.max(time, 0), this.duration), 3);
  }

  // How long after its start the latest event of that kind was due.
  dwell(kind) {
    const { entry } = this.list.findLast((mark) => isEvent(mark) && mark.entry.kind === kind) ?? {};
    return entry ? entry.due_s - entry.start_s : 0;
  }
}
