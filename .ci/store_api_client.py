"""Asks a running server through `canonicalwebteam.store-api`, the client that snapcraft.io uses.

Every method of its class SnapRecommendations is called, and what snapcraft.io's pages read of each answer is read the
way they read it. SNAP_RECOMMENDATIONS_API_URL says where the server is; its path ends in `/api/`.
"""

import inspect
import sys
from datetime import datetime
from email.utils import parsedate_to_datetime

from canonicalwebteam.snap_recommendations import SnapRecommendations
from requests import HTTPError, Session

# What the pages give a request before they show themselves without the section.
PATIENCE_S = 1
# How many snaps of a ranking the page /store shows, and the size of a page of the feed.
N_SHOWN = 8
FEED_SIZE = 50

called = set()


class Asking(Session):
    """A session that has the patience of the pages."""

    def request(self, *arguments, **options):
        options["timeout"] = PATIENCE_S
        return super().request(*arguments, **options)


def check(is_so, what):
    if not is_so:
        sys.exit(f"store_api_client: {what}")


def call(client, method, *arguments, **options):
    called.add(method)
    return getattr(client, method)(*arguments, **options)


def check_ranking(entries, name):
    check(isinstance(entries, list) and 0 < len(entries) <= 50, f"{name} is a list of 1 to 50")
    check([entry["rank"] for entry in entries] == list(range(1, len(entries) + 1)), f"{name} has ranks from 1 on")
    for entry in entries[:N_SHOWN]:
        details = entry["details"]
        for member in ("name", "title", "publisher", "summary"):
            check(details[member] and isinstance(details[member], str), f"{name}: {member} is a text")
        icon = details["icon"]
        check(icon is None or icon.startswith("http"), f"{name}: icon is an address or null")
        check(
            details["developer_validation"] in ("verified", "starred", "unproven"),
            f"{name}: developer_validation is a known word",
        )
        check(details["snap_id"] == entry["snap_id"], f"{name}: an entry is of one snap")


def check_feed(client):
    feed = call(client, "get_recently_updated", page=1, size=FEED_SIZE)
    check((feed["page"], feed["size"]) == (1, FEED_SIZE), "the feed repeats page and size")
    check(0 < len(feed["snaps"]) <= FEED_SIZE, "the feed has snaps")
    times = []
    for snap in feed["snaps"]:
        for member in ("title", "name", "summary", "publisher", "version"):
            check(isinstance(snap[member], str), f"the feed: {member} is a text")
        check(snap["icon"] is None or isinstance(snap["icon"], str), "the feed: icon is a text or null")
        for medium in snap["media"]:
            check(medium["type"] and medium["url"], "the feed: media have a type and an address")
        # As the feed reads it; what it cannot read it takes for now.
        times.append(datetime.strptime(snap["last_updated"], "%a, %d %b %Y %H:%M:%S %Z"))
        check(parsedate_to_datetime(snap["last_updated"]).utcoffset().total_seconds() == 0, "the feed: times are UTC")
    check(times == sorted(times, reverse=True), "the feed begins with the newest")
    rest = call(client, "get_recently_updated", page=2, size=10)["snaps"]
    check([snap["snap_id"] for snap in rest] == [snap["snap_id"] for snap in feed["snaps"][10:20]], "pages follow")
    usual = call(client, "get_recently_updated")
    check((usual["page"], usual["size"], len(usual["snaps"])) == (1, 10, 10), "a page has 10 snaps unless it is said")


def check_featured(client):
    try:
        featured = call(client, "get_featured_snaps")
    except HTTPError as error:
        # It is so while the store was never asked for its list.
        check(error.response.status_code == 503, f"/featured answers or says that it cannot: {error}")
        return
    check(isinstance(featured, list), "/featured is a list")
    for snap in featured:
        for member in ("package_name", "icon_url", "title", "developer_name", "developer_validation", "summary"):
            check(member in snap, f"/featured: {member} is there")
        check("@" not in str(snap.get("selection_reason")), "/featured shows no address of an editor")


def main():
    client = SnapRecommendations(Asking())
    categories = [category["id"] for category in call(client, "get_categories")]
    check(categories == ["popular", "recent", "trending", "top_rated"], f"the categories are {categories}")
    seen = set()
    for category in categories:
        entries = call(client, f"get_{category}")
        check_ranking(entries, category)
        check(call(client, "get_category", category) == entries, f"{category} is the same by its name")
        snaps = {entry["snap_id"] for entry in entries}
        check(not snaps & seen, f"{category} shows no snap of another ranking")
        seen |= snaps
    try:
        call(client, "get_category", "no-such-category")
        sys.exit("store_api_client: an unknown category is an error")
    except HTTPError as error:
        check(error.response.status_code == 404, "an unknown category is not found")
        check(error.response.json() == {"error": "Category not found"}, "and says so in the words known")
    stats = call(client, "get_stats")
    check(sorted(stats) == ["new_today", "total_tracked", "updated_today"], "the stats are three")
    check(all(type(n) is int and n >= 0 for n in stats.values()), "the stats are counts")
    check(stats["total_tracked"] >= len(seen), "the stats count every snap")
    check_feed(client)
    if hasattr(client, "get_featured_snaps"):
        check_featured(client)
    offered = {name for name, _ in inspect.getmembers(client, inspect.ismethod) if name.startswith("get_")}
    missing = offered - called - {"get_endpoint_url"}
    check(not missing, f"methods of the client that nothing calls here: {sorted(missing)}")
    print(f"store_api_client: {len(called)} methods of the client agree with the server")


if __name__ == "__main__":
    main()
