"""Event subscriptions: who wants to be called about what; `callbacks.py` makes the calls."""

import urllib.error
import urllib.request
import uuid

from sandbox.lexoffice.dates import shown
from sandbox.lexoffice.errors import ApiError, Json, Violation, invalid
from sandbox.lexoffice.office import Office

_PLAIN = ("article", "contact", "recurring-template", "dunning")
_WITH_STATUS = (
    "credit-note", "delivery-note", "down-payment-invoice", "invoice", "order-confirmation", "quotation", "voucher",
)  # fmt: skip
EVENT_TYPES = (
    {f"{noun}.{verb}" for noun in (*_PLAIN, *_WITH_STATUS) for verb in ("created", "changed", "deleted")}
    | {f"{noun}.status.changed" for noun in _WITH_STATUS}
    | {"payment.changed", "token.revoked"}
)
PROBE_SECONDS = 5


def subscribe(office: Office, request: Json) -> Json:
    """Add a subscription; 406 for an unknown event or an unsuitable URL, 409 for a duplicate."""
    event, url = request.get("eventType"), request.get("callbackUrl")
    if event not in EVENT_TYPES:
        raise invalid(Violation("eventType", "VALUE", "unbekannter Ereignistyp"))
    schemes = ("https://",) if office.settings.https_callbacks_only else ("https://", "http://")
    if not isinstance(url, str) or not url.startswith(schemes):
        raise invalid(Violation("callbackUrl", "URL", "muss eine HTTPS-Adresse sein"))
    if any((s["eventType"], s["callbackUrl"]) == (event, url) for s in office.subscriptions.values()):
        raise ApiError(409, "Event subscription already exists.")
    subscription = {
        "subscriptionId": str(uuid.uuid4()),
        "organizationId": office.profile["organizationId"],
        "createdDate": shown(office.clock.now()),
        "eventType": event,
        "callbackUrl": url,
    }
    office.subscriptions[subscription["subscriptionId"]] = subscription
    return subscription


def probe(url: str) -> None:
    """Ask the callback URL with HEAD (blocking, at most 5 s); 406 when it does not answer."""
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - the scheme is checked by subscribe
    try:
        urllib.request.urlopen(request, timeout=PROBE_SECONDS).close()  # noqa: S310
    except urllib.error.HTTPError:
        return
    except OSError as error:
        raise invalid(Violation("callbackUrl", "URL", "antwortet nicht auf HEAD")) from error
