// Asks the API; whoever is no longer signed in is led to where they can be.

export class Refused extends Error {
  constructor(status, text, retryAfter) {
    super(text);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export async function ask(path, { method = "GET", body, headers = {}, stay = false } = {}) {
  const options = { method, headers: { Accept: "application/json", ...headers }, cache: "no-store" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, options);
  } catch {
    throw new Refused(0, "");
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  if (answer.status === 401 && !stay) location.assign("/login");
  const said = await answer.json().catch(() => ({}));
  const text = typeof said.detail === "string" ? said.detail : "";
  throw new Refused(answer.status, text, Number(answer.headers.get("Retry-After")) || 0);
}
