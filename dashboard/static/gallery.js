// The pictures and clips that were kept of something: one at a time, with buttons for the others.

import { make } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";

export class Gallery {
  // `redraw()` is asked when the reader chose another picture.
  constructor(redraw) {
    this.redraw = redraw;
    this.picture = null; // digest of the picture that the reader chose
    this.media = null; // what is shown, kept while it is the same, so that a clip that plays goes on
  }

  // Returns the figure; `what` says what is seen, and of `kept` the one called `usual` is shown until the reader chooses.
  draw(kept, what, usual = null) {
    if (!kept.length) return make("p", { class: "no-picture", text: t("no_picture") });
    const clips = kept.filter((item) => item.kind === "clip");
    const stills = kept.filter((item) => item.kind !== "clip");
    const all = [...stills, ...clips];
    const shown = all.find((item) => item.sha256 === this.picture) ?? usual ?? stills.at(-1) ?? clips[0];
    const caption = shown.kind === "clip"
      ? t("clip_of", { time: format.time(shown.at) })
      : t("picture_of", { n: stills.indexOf(shown) + 1, count: stills.length, look: t(`look_${shown.look}`), time: format.time(shown.at) });
    if (this.media?.dataset.sha256 !== shown.sha256) this.media = this.mediaOf(shown);
    this.media.setAttribute(shown.kind === "clip" ? "aria-label" : "alt", `${what}. ${caption}`);
    return make("figure", {}, this.media, make("figcaption", { text: caption }), all.length > 1 && this.choices(all, shown));
  }

  choices(all, shown) {
    const choose = (item) => {
      this.picture = item.sha256;
      this.redraw();
    };
    return make("div", { class: "choices", role: "group", "aria-label": t("picture") },
      ...all.map((item, n) => make("button", {
        type: "button", "aria-pressed": String(item === shown), text: item.kind === "clip" ? `▶ ${t("clip")}` : `${n + 1}`,
        title: `${t(`look_${item.look}`)}, ${format.time(item.at)}`, onclick: () => choose(item),
      })),
    );
  }

  mediaOf(item) {
    const place = { src: item.url, "data-sha256": item.sha256 };
    const made = item.kind === "clip" ? make("video", { ...place, controls: true, preload: "metadata" }) : make("img", place);
    made.addEventListener("error", async () => {
      const why = await reason(item);
      if (this.media === made) this.media = why;
      made.replaceWith(why);
    });
    return made;
  }
}

// A picture that fails says why: kept no longer, or altered. A clip that this browser cannot play may be saved.
async function reason({ url, kind, sha256 }) {
  const answer = await fetch(url, { headers: { Range: "bytes=0-0" } }).catch(() => null);
  const said = answer && !answer.ok ? await answer.json().catch(() => null) : null;
  const detail = typeof said?.detail === "string" ? ` (${said.detail})` : "";
  const unplayed = kind === "clip" && answer?.ok;
  return make("p", { class: "no-picture", "data-sha256": sha256 },
    unplayed ? t("clip_failed") : t("picture_failed") + detail,
    unplayed && " ",
    unplayed && make("a", { href: url, download: "clip.mp4", text: t("clip_save") }),
  );
}
