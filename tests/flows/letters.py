"""A business that sends letters: the client's file, and what lies at the letter service of the stage."""

from tests.flows.business import Business
from tests.sandbox.running import Json


def with_letters(business: Business, channel: str = "post", **more: str) -> Business:
    """The client's file, written anew, with the letter service."""
    business.write_client(channel=channel, **more)
    return add_service(business)


def add_service(business: Business) -> Business:
    """The client's file as it stands, with the letter service besides."""
    facts = business.stage.ready["letterxpress"]
    service = (
        f"  briefe:\n    module: letterxpress\n    base_url: {facts['base_url']}\n    username: {facts['username']}\n"
        "    api_key: {file: briefe}\n    rate: 10000\n    burst: 10000\n    patience: {tries: 1}\n"
        "    timeouts: {connect: 2, read: 3}\n"
    )
    business.keep_secret("briefe", facts["api_key"])
    text = business.client_file.read_text("utf-8")
    text = text.replace("jobs: {system", f"{service}jobs: {{system")
    text = text.replace("mail:\n  system: mail", "post: {system: briefe}\nmail:\n  system: mail")
    business.client_file.write_text(text, "utf-8")
    return business


def letters(business: Business) -> list[Json]:
    """All letters at the service."""
    found: list[Json] = business.stage.control("letters")
    return found
