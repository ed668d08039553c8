"""What a document takes over from the contact and from the organisation: address, payment terms, e-invoice profile."""

from sandbox.lexoffice.errors import Json


def contact_name(contact: Json) -> str:
    """The name as it stands in an address."""
    if "company" in contact:
        return str(contact["company"]["name"])
    person = contact["person"]
    return " ".join(person[part] for part in ("firstName", "lastName") if person.get(part))


def list_name(contact: Json) -> str:
    """The name as it stands in the voucher list: 'Nachname, Vorname' for persons."""
    if "company" in contact:
        return str(contact["company"]["name"])
    person = contact["person"]
    return ", ".join(person[part] for part in ("lastName", "firstName") if person.get(part))


def address_for(given: Json, contacts: dict[str, Json]) -> Json:
    """The recipient: of a contact its first billing address, else what the request says."""
    if given.get("contactId") is None:
        return {name: value for name, value in given.items() if value is not None}
    contact = contacts[given["contactId"]]
    billing = (contact.get("addresses", {}).get("billing") or [{"countryCode": "DE"}])[0]
    return {"contactId": contact["id"], "name": contact_name(contact), **billing}


def payment_terms(given: Json | None, default: Json) -> Json:
    """The payment conditions; without a duration in the request the organisation's default holds."""
    given = {name: value for name, value in (given or {}).items() if value is not None}
    discount = given.get("paymentDiscountConditions")
    if "paymentTermDuration" in given:
        template = given.get("paymentTermLabelTemplate", "Zahlbar in {paymentRange} Tagen, rein netto ohne Abzug")
        duration = given["paymentTermDuration"]
    else:
        template, duration = default["paymentTermLabelTemplate"], default["paymentTermDuration"]
        discount = discount or default.get("paymentDiscountConditions")
    terms = {
        "paymentTermLabel": given.get("paymentTermLabel") or _label(template, duration, discount),
        "paymentTermLabelTemplate": template,
        "paymentTermDuration": duration,
    }
    return terms | ({"paymentDiscountConditions": discount} if discount else {})


def profile_of_einvoice(body: Json, contacts: dict[str, Json]) -> Json:
    """XRechnung for a contact with buyer reference, vendor number and billing address in a net invoice."""
    contact = contacts.get(body["address"].get("contactId", ""), {})
    given = contact.get("xRechnung", {})
    complete = given.get("buyerReference") and given.get("vendorNumberAtCustomer")
    if not (complete and body["taxConditions"]["taxType"] == "net" and body["address"].get("street")):
        return {}
    return {
        "electronicDocumentProfile": "XRechnung",
        "xRechnung": {"buyerReference": given["buyerReference"]},
    }


def _label(template: str, duration: int, discount: Json | None) -> str:
    values: Json = {"paymentRange": duration}
    if discount:
        values |= {"discountRange": discount["discountRange"], "discount": f"{discount['discountPercentage']} %"}
    for name, value in values.items():
        template = template.replace("{" + name + "}", str(value))
    return template
