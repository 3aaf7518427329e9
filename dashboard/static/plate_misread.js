// Where a plate that was found differs from the one that was asked for.

// Canonical text of what somebody typed, as the API makes it.
export const canonical = (typed) => typed.normalize("NFKD").toUpperCase().replaceAll("Đ", "D").replace(/[^0-9A-Z]/g, "");

// Returns the fewest changes (R. A. Wagner, M. J. Fischer, J. ACM 21, 1974) as { at, asked, found }: `at` is the place in
// `found`; `asked` or `found` is empty where a character is missing.
export function changes(asked, found) {
  const costs = [...Array(asked.length + 1)].map((_, row) => [row, ...Array(found.length).fill(0)]);
  for (let column = 1; column <= found.length; column += 1) costs[0][column] = column;
  for (let row = 1; row <= asked.length; row += 1) {
    for (let column = 1; column <= found.length; column += 1) {
      const kept = costs[row - 1][column - 1] + (asked[row - 1] === found[column - 1] ? 0 : 1);
      costs[row][column] = Math.min(kept, costs[row - 1][column] + 1, costs[row][column - 1] + 1);
    }
  }
  return walked(costs, asked, found);
}

function walked(costs, asked, found) {
  const steps = [];
  let [row, column] = [asked.length, found.length];
  while (row || column) {
    const here = costs[row][column];
    const same = row && column && asked[row - 1] === found[column - 1] ? 0 : 1;
    if (row && column && here === costs[row - 1][column - 1] + same) {
      [row, column] = [row - 1, column - 1];
      if (same) steps.push({ at: column, asked: asked[row], found: found[column] });
    } else if (row && here === costs[row - 1][column] + 1) {
      row -= 1;
      steps.push({ at: column, asked: asked[row], found: "" });
    } else {
      column -= 1;
      steps.push({ at: column, asked: "", found: found[column] });
    }
  }
  return steps.reverse();
}
