// Asks the API; whoever is no longer signed in is led to where they can be.

import { make } from "./dom.js";

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
  if (answer.status === 401 && !stay) location.assign("/login");
  const said = await answer.json().catch(() => ({}));
  const text = typeof said.detail === "string" ? said.detail : "";
  throw new Refused(answer.status, text, Number(answer.headers.get("Retry-After")) || 0, said);
}
