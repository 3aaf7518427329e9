// Signs in, and lets whoever came with a one-time password choose their own.

import { ask } from "./api.js";
import { byId, show } from "./dom.js";
import { keepLanguage, startLanguage, t } from "./i18n.js";

const signIn = byId("sign-in");
const change = byId("change");

startLanguage(document.body.dataset.language);
for (const button of document.querySelectorAll(".tongues [data-language]")) {
  button.addEventListener("click", () => keepLanguage(button.dataset.language));
}

// Leads to the page that one came from, where one may open it, and else to the alerts.
async function lead() {
  const to = /^\?to=(\/[a-z-]*)$/.exec(location.search)?.[1] ?? "/";
  const open = to === "/" || (await fetch(to)).ok;
  location.assign(open ? `${to}${location.hash}` : "/");
}

async function go(me, password) {
  if (!me.must_change_password) return lead();
  signIn.hidden = true;
  change.hidden = false;
  change.elements.name.value = me.name;
  if (password) {
    change.elements.current.value = password;
    byId("current-label").hidden = true;
  }
  (password ? change.elements.new : change.elements.current).focus();
}

function inWords(error) {
  if (error.status === 429) return t("wait", { seconds: error.retryAfter || 60 });
  if (error.status === 401) return t("wrong_login");
  return error.message || t("no_answer");
}

async function submit(form, act) {
  const button = form.querySelector("button.main");
  button.disabled = true;
  show(byId("trouble"), "");
  try {
    await act();
  } catch (error) {
    show(byId("trouble"), inWords(error));
  }
  button.disabled = false;
}

signIn.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(signIn, async () => {
    const [name, password] = [signIn.elements.name.value, signIn.elements.password.value];
    await go(await ask("session", { method: "POST", body: { name, password }, stay: true }), password);
  });
});

change.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(change, async () => {
    const fields = change.elements;
    if (fields.new.value !== fields.again.value) {
      show(byId("trouble"), t("not_the_same"));
      return;
    }
    const body = { current: fields.current.value, new: fields.new.value };
    await go(await ask("me/password", { method: "POST", body, stay: true }));
  });
});

// A link from elsewhere arrives without the cookie (SameSite=Strict); a request from this page has it.
ask("me", { stay: true }).then((me) => go(me)).catch(() => {});
