// The pictures and clips that were kept of something: one at a time, with buttons for the others.

import { make } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";

export class Gallery {
  // `redraw()` is asked when the reader chose another picture.
  constructor(redraw) {
    this.redraw = redraw;
    this.picture = null; // digest of the picture that the reader chose
  }

  // Returns the figure; `what` says what is seen, and of `kept` the one at `usual` is shown until the reader chooses.
  draw(kept, what, usual = kept.length - 1) {
    if (!kept.length) return make("p", { class: "no-picture", text: t("no_picture") });
    const chosen = kept.findIndex((item) => item.sha256 === this.picture);
    const at = chosen >= 0 ? chosen : usual;
    const caption = t("picture_of", { n: at + 1, count: kept.length, time: format.time(kept[at].at) });
    const media = kept[at].kind === "clip"
      ? make("video", { src: kept[at].url, controls: true, preload: "metadata", "aria-label": caption })
      : make("img", { src: kept[at].url, alt: `${what}. ${caption}` });
    media.addEventListener("error", () => explain(media, kept[at].url));
    return make("figure", {}, media, make("figcaption", { text: caption }), kept.length > 1 && this.choices(kept, at));
  }

  choices(kept, at) {
    const choose = (item) => {
      this.picture = item.sha256;
      this.redraw();
    };
    return make("div", { class: "choices", role: "group", "aria-label": t("picture") },
      ...kept.map((item, n) => make("button", {
        type: "button", "aria-pressed": String(n === at), text: `${n + 1}`, title: format.time(item.at),
        onclick: () => choose(item),
      })),
    );
  }
}

// A picture that fails says why: kept no longer, or altered.
async function explain(media, url) {
  let why = t("picture_failed");
  const answer = await fetch(url).catch(() => null);
  const said = answer && !answer.ok ? await answer.json().catch(() => null) : null;
  if (typeof said?.detail === "string") why += ` (${said.detail})`;
  media.replaceWith(make("p", { class: "no-picture", text: why }));
}
