"""How many slips of the pen lie between two words."""


def slips(written: str, meant: str, *, most: int) -> int:
    """Letters swapped with their neighbour, left out, added or replaced that turn one word into the other.

    Args:
        written: A word.
        meant: Another.
        most: Where counting ends: more slips than this are `most + 1`.

    Returns:
        The number, from 0 to `most + 1`.

    Source:
        Optimal string alignment distance: Boytsov (2011), ACM JEA 16, section 2.2.

    >>> slips("cahce", "cache", most=2), slips("cach", "cache", most=2), slips("kitchen", "cache", most=2)
    (1, 1, 3)
    """
    if abs(len(written) - len(meant)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for place, letter in enumerate(written, start=1):
        before, above, row = row, before, [place]
        for column, other in enumerate(meant, start=1):
            cost = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != other))
            if place > 1 and column > 1 and letter == meant[column - 2] and other == written[place - 2]:
                cost = min(cost, above[column - 2] + 1)
            row.append(cost)
        if min(row) > most and min(before) > most:
            return most + 1
    return min(row[-1], most + 1)
