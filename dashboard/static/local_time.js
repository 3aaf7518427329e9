// Times in fields of the page, in the reader's local time; the API speaks UTC.

const MINUTE_MS = 60_000;

// Writes a time as a `datetime-local` field has it.
export function fieldOf(date) {
  return new Date(date - date.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

// Returns the field's time in UTC, or undefined when it is empty.
export const utcOf = (value) => (value ? new Date(value).toISOString() : undefined);
