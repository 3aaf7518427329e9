// What one page hands over to the next in this tab: a plate never stands in an address, where histories and proxies keep it.

const KEPT = "handover";

export const handOver = (value) => sessionStorage.setItem(KEPT, JSON.stringify(value));

// Returns what was handed over, once; null for nothing.
export function takeOver() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  return kept;
}
