"""Check a CrampInfo ledger: python3 verify_ledger.py ledger.jsonl [list.json | older-ledger.jsonl | noted hash ...]

1. The chain: every byte of every entry makes its hash, and every hash makes the next one.
2. The lists: from the entries alone, each list is put in order again whenever an entry or a date touches it.
3. The site: a list you downloaded must follow from the entries, and the hashes of older copies must be in the chain.
The site's schema page says what entries mean. Scores are counted in tenths. Memory grows with lists, not with entries.
"""

import heapq
import json
import sys
from collections import defaultdict
from hashlib import sha256

HEADER = ("number", "at", "recorded", "kind", "subject", "role", "reason")
WORDS = {"advertiser", "evidence_note", "name", "reason", "reference_price", "title"}  # these may have to go
ROW = ("product", "editorial_score", "editorial_place", "shown_score", "shown_place")
canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def digest(value):
    return sha256(canonical(value).encode()).hexdigest()


def entry_hash(entry):
    """Words enter as digests, so that they can be removed while their digests stay."""
    kept, fields = entry.get("removed", {}), {name: entry[name] for name in HEADER} | entry["payload"]
    bound = {name: kept.get(name) or digest(value) if name in WORDS else value for name, value in fields.items()}
    return digest([bound, entry["marks"], entry["previous"]])


def tenths(number):
    return round(10 * float(number or 0))


class Ledger:
    """Takes entries one by one, says what is wrong with them, and keeps what lists follow from."""

    def __init__(self):
        self.last, self.removed, self.problems = {"number": 0, "hash": "0" * 64, "at": "", "recorded": ""}, set(), 0
        self.said, self.scores, self.members = defaultdict(dict), defaultdict(dict), defaultdict(set)
        self.live = defaultdict(lambda: ("9", "9"))  # from when to when; as text "9" is later than every moment
        self.sold, self.decides, self.ranks, self.due, self.rebuilt = defaultdict(dict), {}, defaultdict(dict), [], 0

    def say(self, where, sentence):
        self.problems += 1
        print(f"{where}: {sentence}")

    def chain(self, entry):
        """The entry must continue the chain untouched."""
        number, removed, made, wrong = entry["number"], entry.get("removed", {}), entry_hash(entry), set()
        if number != self.last["number"] + 1:
            self.say(f"Entry {number}", f"{self.last['number'] + 1} should stand here; some are missing or moved.")
        if made != entry["hash"]:
            fields = {name: entry[name] for name in HEADER} | entry["payload"]
            right = {name: (removed.get(name) or digest(fields[name]))[:8] for name in sorted(fields)}
            marks = [entry["marks"][at : at + 8] for at in range(0, 8 * len(right), 8)]
            wrong = {name for name, mark in zip(right, marks, strict=True) if right[name] != mark} or {"hash"}
            wrong = {"marks"} if entry_hash(entry | {"marks": "".join(right.values())}) == entry["hash"] else wrong
        if entry["previous"] != self.last["hash"]:
            wrong = wrong - {"hash"} | {"previous"}
        wrong |= {name for name in ("at", "recorded") if entry[name] < self.last[name]} | (removed.keys() - WORDS)
        if wrong:
            self.say(f"Entry {number}", f"{', '.join(sorted(wrong))} was changed after it was written.")
        self.removed |= {(number, name) for name in removed}
        if entry["kind"] == "redaction":
            self.removed -= {(int(entry["subject"].partition(":")[2]), name) for name in entry["payload"]["fields"]}
        self.last = entry | {"hash": made} if wrong == {"hash"} else entry

    def apply(self, at, kind, subject, said):
        """Rebuild the lists that dates have changed in the meantime, then those that the entry touches."""
        self.pass_time(at)
        if kind == "score":
            self.scores[subject][said["criterion"]] = tenths(said["value"])
        elif kind == "listing":
            getattr(self.members[subject], "add" if said["listed"] else "discard")(said["product"])
        else:
            self.said[kind][subject] = said
        if kind == "placement":
            self.sold[said["slot"]][subject] = said
        elif kind == "ranking":
            self.decides[subject] = {"site", subject, said["methodology"], *said["slots"]}
        if "from" in said:
            ends = [said[name] for name in ("until", "ended_early", "offer_ends") if said.get(name)]
            self.live[subject] = ("9" if said.get("on_hold") else said["from"] or "9", min(ends, default="9"))
            for edge in [edge for edge in self.live[subject] if at < edge < "9"]:
                heapq.heappush(self.due, (edge, subject))
        self.rebuild(at, subject)

    def pass_time(self, at):
        while self.due and self.due[0][0] <= at:
            self.rebuild(*heapq.heappop(self.due))

    def rebuild(self, at, subject):
        """Put the lists in order again that a subject touches. A product is judged alone, a placement judges nobody."""
        cause = self.said["placement"].get(subject, {}).get("slot", subject)
        for name, members in self.members.items():
            if name in self.decides and (cause in members or cause in self.decides[name]):
                for key in members & {cause} or (members if cause == subject else ()):
                    self.ranks[name][key] = self.rank(key, name, at)
                self.rebuilt += bool(self.rows(name, at))

    def rank(self, key, name, at):
        """What orders a product, best first: score, tie-breaker, name, slug. None if anything keeps it out."""
        product, given, (start, end) = self.said["product"][key], self.scores[key], self.live[key]
        method = self.said["methodology"][self.said["ranking"][name]["methodology"]]
        if not (start <= at < end and self.passes(product) and method["weights"].keys() <= given.keys()):
            return None
        weights = {criterion: round(100 * float(weight)) for criterion, weight in method["weights"].items()}
        points, whole = sum(weight * given[name] for name, weight in weights.items()), sum(weights.values())
        score = (2 * points + whole) // (2 * whole)  # half-up
        return (-score, -given[method["tie_breaker"]], product["name"].casefold(), product["slug"])

    def passes(self, product):
        """The gates: not recalled; a supplement has a known dose, not over the lowest limit without a warning."""
        mg, limits = product["mg_per_day"], map(float, self.said["settings"]["site"]["limits"].values())
        known = mg is not None and product["label_readable"]
        within = known and (product["label_warns_limit"] or float(mg) <= min(limits))
        return not product["recalled_on"] and (within or not product["supplement"])

    def rows(self, name, at):
        """A list in the order shown: [slug, editorial score, place, shown score, place]."""
        facts, paid, members = self.said["ranking"][name], defaultdict(list), self.members[name]
        for slot in facts["slots"] if facts["compensation"] == "influenced" else ():
            self.sold[slot] = {key: said for key, said in self.sold[slot].items() if at < self.live[key][1]}  # not over
            for key, said in self.sold[slot].items():
                if self.said["placement"][key] is said and self.live[key][0] <= at:
                    paid[self.said["product"][said["product"]]["slug"]].append(said)
        ranked = sorted(rank for key, rank in self.ranks[name].items() if rank and key in members)
        margin = self.said["methodology"][facts["methodology"]]["margin"]
        return in_order(ranked, paid, tenths(margin), tenths(self.said["settings"]["site"]["cap"]))

    def compare(self, path, said):
        """A list that was downloaded when the chain ended here must be what follows from it."""
        self.pass_time(said["at"])
        rows = self.rows(f"ranking:{said['number']}", said["at"])
        if rows != [[tenths(row[name]) if "score" in name else row[name] for name in ROW] for row in said["rows"]]:
            self.say(path, f"its rows don't follow from the ledger, from which come {rows}.")


def numbered(slugs, scores, margin, alone=()):
    """Places in an order: less than the margin below the leader of a group shares its place; those alone never do."""
    places, leader = {}, None
    for position, slug in enumerate(slugs, 1):
        if leader is None or slug in alone or leader in alone or scores[leader] - scores[slug] >= margin:
            leader, place = slug, position
        places[slug] = place
    return places


def in_order(ranked, paid, margin, cap):
    """The editorial order, best first, and the one that payment makes of it."""
    scores, size, booked, seats = {rank[3]: -rank[0] for rank in ranked}, len(ranked), {}, {}
    shown, before, moved = {**scores}, numbered(scores, scores, margin), scores.keys() & paid.keys()
    if not moved:
        return [[slug, score, before[slug], score, before[slug]] for slug, score in scores.items()]
    for slug in moved:
        points = sum(tenths(said["points"]) for said in paid[slug])
        shown[slug] = min(max(scores[slug] + min(max(points, -cap), cap), 0), 100)
        booked |= {said["place"]: slug for said in paid[slug] if said["place"]}
    for place in sorted(booked, key=lambda place: (place > size, -place)):  # beyond the end: the last that is free
        seats[place if place <= size else max(set(range(1, size + 1)) - seats.keys())] = booked[place]
    others = iter(sorted((-shown[rank[3]], *rank[1:]) for rank in ranked if rank[3] not in booked.values()))
    order = [seats[place] if place in seats else next(others)[3] for place in range(1, size + 1)]
    after = numbered(order, shown, margin, alone=set(booked.values()))
    return [[slug, scores[slug], before[slug], shown[slug], after[slug]] for slug in order]


def main(path, *more):
    ledger, witnesses, at = Ledger(), defaultdict(list), 1
    for name in more:
        said = {"ledger": {"hash": name}} if len(name) == 64 and name.isalnum() else json.loads(next(open(name, "rb")))
        witnesses[said["ledger"]["hash"]].append((name, said))
    with open(path, encoding="utf-8", newline="\n") as file:
        try:
            promised = json.loads(file.readline())["ledger"]
            for at, line in enumerate(file, 2):
                entry = json.loads(line)
                ledger.chain(entry)
                ledger.apply(entry["at"], entry["kind"], entry["subject"], entry["payload"])
                if canonical(entry) + "\n" != line:
                    ledger.say(f"Line {at}", "a byte was changed: the site writes this otherwise.")
                for name, said in [pair for pair in witnesses.pop(ledger.last["hash"], ()) if "rows" in pair[1]]:
                    ledger.compare(name, said)
            if ledger.last["hash"] != promised["hash"]:
                ledger.say(f"Line {at}", f"the file is cut off: its first line promises {promised['number']} entries.")
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            ledger.say(f"Line {at}", f"it is cut off, or no entry; nothing after it was read ({error!r}).")
    for number, field in sorted(ledger.removed):
        ledger.say(f"Entry {number}", f"{field} was removed, but no later entry says why.")
    for name, _ in sum(witnesses.values(), []):
        ledger.say(name, "its hash is not in this ledger, which is older, was rewritten, or is another site's.")
    last, said = ledger.last, f"{ledger.rebuilt} rebuilds, {ledger.problems} problems"
    print(f"{last['number']} entries, {said}: {last['hash']}")
    return bool(ledger.problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
