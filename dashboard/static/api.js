// Asks the API; whoever is no longer signed in is led to where they can be, and from there back.

import { make } from "./dom.js";
import { inWords } from "./refusals.js";

let signedOut = false; // by the reader

export class Refused extends Error {
  constructor(status, text, retryAfter, said) {
    super(text);
    this.said = said; // the whole answer
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export async function ask(path, options) {
  const answer = await send(path, options);
  return answer.status === 204 ? null : answer.json();
}

// Has the browser keep what the API answers, under the name that it gives.
export async function download(path, options) {
  const answer = await send(path, options);
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? path.split("/").at(-1);
  const url = URL.createObjectURL(await answer.blob());
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // a large file is still being written
  return name;
}

// Leads to the login, which leads back to this page.
export function toLogin() {
  if (!signedOut) location.assign(`/login?to=${location.pathname}${location.hash}`);
}

// Ends the session; whoever signs in next begins afresh.
export async function signOut() {
  signedOut = true;
  await ask("session", { method: "DELETE" }).catch(() => {});
  sessionStorage.clear();
  location.assign("/login");
}

async function send(path, { method = "GET", body, table, headers = {}, stay = false } = {}) {
  const options = { method, headers: { Accept: "application/json", ...headers }, cache: "no-store" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  if (table !== undefined) {
    options.headers["Content-Type"] = "text/csv";
    options.body = table;
  }
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, options);
  } catch {
    throw new Refused(0, "");
  }
  if (answer.ok) return answer;
  if (answer.status === 401 && !stay) toLogin();
  const said = await answer.json().catch(() => ({}));
  const text = typeof said.detail === "string" ? inWords(said.detail) : "";
  throw new Refused(answer.status, text, Number(answer.headers.get("Retry-After")) || 0, said);
}
