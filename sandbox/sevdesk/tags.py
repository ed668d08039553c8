"""Tags and what carries them."""

from sandbox.sevdesk.account import Account, answer_of
from sandbox.sevdesk.calls import Call, Reply, Routes, factory_reply
from sandbox.sevdesk.errors import refused
from sandbox.sevdesk.listing import equal, listed, single
from sandbox.sevdesk.records import Record
from sandbox.sevdesk.values import demand, read, reference, text

TAGGABLE = ("Order", "Invoice")


def tag_object(account: Account, target: Record, name: str) -> Record:
    """Put a tag on a document, making the tag when it is new; the relation. Tagging twice changes nothing."""
    tag = next((row for row in account.rows("Tag") if row["name"] == name), None)
    tag = tag or account.add("Tag", {"additionalInformation": None, "name": name})
    for relation in account.rows("TagRelation"):
        if (relation["tag"], relation["object"]) == (tag.ref, target.ref):
            return relation
    if account.settings.tagging_touches:
        account.change(target)
    return account.add("TagRelation", {"additionalInformation": None, "tag": tag.ref, "object": target.ref})


def create(account: Account, call: Call) -> Reply:
    """POST /Tag/Factory/create."""
    given = read({"name": text, "object": reference(*TAGGABLE)}, call.body)
    demand(given, "name", "object")
    if not given["name"].strip():
        raise refused("name must not be empty")
    return factory_reply(answer_of(tag_object(account, account.needed(given["object"]), given["name"])))


def rename(account: Account, call: Call) -> Reply:
    """PUT /Tag/{id}."""
    tag = account.get("Tag", call.id)
    return factory_reply(answer_of(account.change(tag, **read({"name": text}, call.body))))


def delete(account: Account, call: Call) -> Reply:
    """DELETE /Tag/{id}; documents lose it."""
    tag = account.get("Tag", call.id)
    for relation in account.rows("TagRelation"):
        if relation["tag"] == tag.ref:
            account.remove(relation)
    account.remove(tag)
    return Reply([None])


def tag_list(account: Account, call: Call) -> Reply:
    """GET /Tag, by name or id."""
    filters = {"name": equal("name"), "id": lambda wish: lambda row: str(row.id) == wish}
    return listed(account, account.rows("Tag", stale=call.stale), filters, call)


ROUTES: Routes = {
    ("GET", "/Tag"): tag_list,
    ("GET", "/Tag/{id}"): lambda account, call: single(account, "Tag", call),
    ("PUT", "/Tag/{id}"): rename,
    ("DELETE", "/Tag/{id}"): delete,
    ("POST", "/Tag/Factory/create"): create,
    ("GET", "/TagRelation"): lambda account, call: listed(
        account, account.rows("TagRelation", stale=call.stale), {}, call
    ),
}
