# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a case small while what is wrong with it stays."""


def shrink(case, still):
    """Leaves out whatever can be left out of the case, in place: documents, tables, chains, rules,
    objects, the larger chunks first. `still()` says whether it is still wrong. At most 600 trials."""
    budget = [600]

    def try_without(part, start, size):
        if budget[0] <= 0:
            return False
        budget[0] -= 1
        kept = part[start:start + size]
        del part[start:start + size]
        if still():
            return True
        part[start:start] = kept
        return False

    def thin(part):
        changed, size = False, len(part)
        while size > 0:
            start = 0
            while start < len(part):
                if try_without(part, start, size):
                    changed = True
                else:
                    start += size
            size //= 2
        return changed

    again = True
    while again:
        again = thin(case.documents)
        for document in list(case.documents):
            for part in document.parts():
                again |= thin(part)
