"""The cheapest way from one text to another, character by character."""

from __future__ import annotations

import numpy as np


def edits(true: str, read: str) -> list[tuple[str, str]]:
    """Return the cheapest way from one text to the other (Levenshtein), character by character, equal ones included."""
    costs = np.zeros((len(true) + 1, len(read) + 1), int)
    costs[:, 0], costs[0] = np.arange(len(true) + 1), np.arange(len(read) + 1)
    for i, wanted in enumerate(true, 1):
        for j, got in enumerate(read, 1):
            costs[i, j] = min(costs[i - 1, j - 1] + (wanted != got), costs[i - 1, j] + 1, costs[i, j - 1] + 1)
    steps = []
    i, j = len(true), len(read)
    while i or j:
        if i and j and costs[i, j] == costs[i - 1, j - 1] + (true[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            steps.append((true[i], read[j]))
        elif i and costs[i, j] == costs[i - 1, j] + 1:
            i -= 1
            steps.append((true[i], ""))
        else:
            j -= 1
            steps.append(("", read[j]))
    return steps[::-1]
