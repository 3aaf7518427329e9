"""The cheapest way from one text to another, character by character."""

from __future__ import annotations


def edits(true: str, read: str) -> list[tuple[str, str]]:
    """Return the cheapest way from one text to the other (Levenshtein), character by character, equal ones included."""
    costs = [list(range(len(read) + 1))]
    for i, wanted in enumerate(true, 1):
        above, row = costs[-1], [i]
        for j, got in enumerate(read, 1):
            row.append(min(above[j - 1] + (wanted != got), above[j] + 1, row[j - 1] + 1))
        costs.append(row)
    steps = []
    i, j = len(true), len(read)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + (true[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            steps.append((true[i], read[j]))
        elif i and costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
            steps.append((true[i], ""))
        else:
            j -= 1
            steps.append(("", read[j]))
    return steps[::-1]
