// Shows a recording picture by picture and says which media time is on the screen.

const FIRST_JUMP = 1 / 120; // seconds; doubled until the picture changes
const BLIND_STEP = 1 / 25; // seconds, in a browser that does not say which picture it shows
const PAINT_MS = 250; // how long a picture may take to be painted once it is found

export class Player {
  // `moved()` is called when another time is on the screen, `failed(why)` when the recording cannot be shown:
  // "codec", "length" or "lost".
  constructor(video, { opened, moved, failed }) {
    this.video = video;
    this.tell = { opened, moved, failed };
    video.addEventListener("loadeddata", () => this.begin());
    video.addEventListener("error", () => this.lost());
    for (const name of ["timeupdate", "seeked", "play", "pause"]) video.addEventListener(name, () => moved());
    if (this.seesPictures) this.watch();
  }

  get seesPictures() {
    return "requestVideoFrameCallback" in this.video;
  }

  open(address) {
    this.turn = (this.turn ?? 0) + 1;
    this.giveUp?.(); // whatever waits for the recording that was open
    this.next = null;
    this.first = 0; // time of the first picture on the file's own clock
    this.shown = null; // time of the picture on the screen, on the same clock
    this.jump = null; // seconds that lead from one picture to the next, once known
    this.ready = false;
    this.video.src = address;
    this.video.load();
  }

  async begin() {
    if (this.ready) return;
    if (!this.video.videoWidth) return this.fail("codec");
    if (!Number.isFinite(this.video.duration)) return this.fail("length");
    const turn = this.turn;
    if (this.seesPictures && this.shown === null) await this.painted();
    if (turn !== this.turn) return; // another was opened meanwhile
    this.first = this.shown ?? this.video.currentTime;
    this.ready = true;
    this.tell.opened();
    this.tell.moved();
  }

  lost() {
    if (!this.video.error) return;
    this.fail(this.video.error.code === MediaError.MEDIA_ERR_NETWORK ? "lost" : "codec");
  }

  fail(why) {
    this.ready = false;
    this.video.pause();
    this.tell.failed(why);
  }

  // Seconds since the first picture, to the millisecond, of the picture on the screen.
  get now() {
    return Math.max(0, Math.round((this.here() - this.first) * 1000) / 1000);
  }

  get length() {
    return Math.round((this.video.duration - this.first) * 1000) / 1000;
  }

  get playing() {
    return this.ready && !this.video.paused;
  }

  toggle() {
    if (!this.ready) return;
    if (this.playing) this.video.pause();
    else this.video.play().catch(() => {}); // another recording was opened meanwhile
  }

  async seek(time) {
    if (!this.ready) return;
    const target = this.first + Math.min(Math.max(time, 0), this.length);
    await this.alone(() => this.go(target + 0.0006)); // a time that was rounded down still finds its picture
  }

  // Goes to the next picture (1) or the one before (-1).
  async step(way) {
    if (!this.ready) return;
    this.video.pause();
    if (!this.seesPictures) await this.alone(() => this.go(this.here() + way * BLIND_STEP));
    else await this.alone(() => (way > 0 ? this.forward() : this.go(this.here() - 0.001)));
  }

  async forward() {
    const from = this.here();
    let jump = this.jump ?? FIRST_JUMP;
    await this.go(from + jump);
    const sure = this.jump !== null && this.isAfter(from);
    while (!this.isAfter(from)) {
      if (from + jump >= this.video.duration) return;
      jump *= 2;
      await this.go(from + jump);
    }
    if (!sure) await this.firstAfter(from);
    this.jump = Math.min(this.jump ?? Infinity, (this.here() - from) * 1.25);
  }

  // Goes from a picture after `from` back to the first one after it.
  async firstAfter(from) {
    let next = this.here();
    for (;;) {
      await this.go(next - 0.001);
      if (!this.isAfter(from)) break;
      next = this.here();
    }
    await this.go(next + 0.0006);
  }

  isAfter(time) {
    return this.here() > time + 0.0005;
  }

  here() {
    return this.shown ?? this.video.currentTime;
  }

  // One movement after the other; a key that is held down skips what cannot be followed.
  async alone(move) {
    if (this.busy) {
      this.next = move;
      return;
    }
    this.busy = true;
    try {
      await move();
      while (this.next) {
        const next = this.next;
        this.next = null;
        await next();
      }
    } finally {
      this.busy = false;
    }
  }

  async go(time) {
    const found = new Promise((done) => this.video.addEventListener("seeked", done, { once: true }));
    const painted = this.painted();
    this.video.currentTime = Math.min(Math.max(time, 0), this.video.duration);
    const given = new Promise((done) => (this.giveUp = done));
    await Promise.race([found.then(() => painted), given]);
    this.tell.moved();
  }

  painted() {
    if (!this.seesPictures) return Promise.resolve();
    return new Promise((done) => {
      const late = setTimeout(done, PAINT_MS);
      this.onPaint = () => {
        clearTimeout(late);
        done();
      };
    });
  }

  watch() {
    this.video.requestVideoFrameCallback((_, picture) => {
      this.shown = picture.mediaTime;
      this.onPaint?.();
      this.tell.moved();
      this.watch();
    });
  }
}
