// The administrators' page: who may sign in, what they may do, which cameras they see.

import { ask } from "./api.js";
import { byId, make, show } from "./dom.js";
import { startLanguage, t } from "./i18n.js";

const ROLES = ["viewer", "operator", "police", "supervisor", "engineer", "admin"];
const form = byId("editor").querySelector("form");
let cameras = [];
let edited = null; // the user being changed, or null for a new one

async function load() {
  const [users, list] = await Promise.all([ask("users"), ask("cameras")]);
  cameras = list.cameras.map((one) => [`${one.site}/${one.camera}`, one.name]);
  byId("users").replaceChildren(...users.map(row));
}

const nameOf = (place) => cameras.find(([key]) => key === place)?.[1] ?? place;

function row(user) {
  const seen = user.role === "admin" || user.cameras === "all" ? t("any_camera") : user.cameras.map(nameOf).join(", ") || t("none");
  const notes = [!user.active && t("shut_out"), user.must_change_password && user.active && t("not_yet_in")].filter(Boolean);
  return make("tr", { class: user.active ? null : "out" },
    make("td", {}, make("b", { text: user.name }), ...notes.map((note) => make("span", { class: "note", text: note }))),
    make("td", { text: t(`role_${user.role}`) }),
    make("td", { text: seen }),
    make("td", { class: "deeds" },
      make("button", { type: "button", text: t("change"), onclick: () => edit(user) }),
      make("button", { type: "button", text: t("new_one_time"), onclick: () => attempt(() => reset(user)) }),
      make("button", { type: "button", text: t(user.active ? "shut" : "let_in"), onclick: () => attempt(() => patch(user, { active: !user.active })) }),
    ),
  );
}

function edit(user) {
  edited = user;
  byId("editor-title").textContent = user ? user.name : t("add_user");
  const fields = form.elements;
  fields.name.value = user?.name ?? "";
  fields.name.disabled = user !== null;
  fields.role.replaceChildren(...ROLES.map((role) => make("option", { value: role, text: t(`role_${role}`) })));
  fields.role.value = user?.role ?? "operator";
  const chosen = user && user.cameras !== "all" ? user.cameras : [];
  fields.scope.value = user && user.cameras !== "all" ? "some" : "all";
  const places = [...new Set([...cameras.map(([place]) => place), ...chosen])];
  byId("choices").replaceChildren(...places.map((place) => make("label", { class: "tick" },
    make("input", { type: "checkbox", name: "camera", value: place, checked: chosen.includes(place) }),
    make("span", { text: nameOf(place) }),
  )));
  drawScope();
  byId("editor").showModal();
}

function drawScope() {
  byId("choices").hidden = form.elements.scope.value === "all";
}

async function save() {
  const fields = form.elements;
  const picked = [...byId("choices").querySelectorAll("input:checked")].map((box) => box.value);
  const wanted = { role: fields.role.value, cameras: fields.scope.value === "all" ? "all" : picked };
  if (edited) await patch(edited, wanted);
  else {
    const made = await ask("users", { method: "POST", body: { name: fields.name.value, ...wanted } });
    tell(made.name, made.one_time_password);
    await load();
  }
}

async function patch(user, change) {
  await ask(`users/${user.id}`, { method: "PATCH", body: change });
  await load();
}

async function reset(user) {
  const { one_time_password: password } = await ask(`users/${user.id}/reset-password`, { method: "POST", body: {} });
  tell(user.name, password);
  await load();
}

function tell(name, password) {
  byId("told-title").textContent = name;
  byId("password").textContent = password;
  byId("told").showModal();
}

async function attempt(act) {
  show(byId("trouble"), "");
  try {
    await act();
  } catch (error) {
    show(byId("trouble"), error.message || t("no_answer"));
  }
}

startLanguage(document.body.dataset.language);
byId("add").addEventListener("click", () => edit(null));
byId("cancel").addEventListener("click", () => byId("editor").close());
byId("told").addEventListener("close", () => (byId("password").textContent = ""));
form.addEventListener("change", drawScope);
form.addEventListener("submit", () => attempt(save));
attempt(load);
