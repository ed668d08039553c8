"""The event by which Prefect learns that a foreign system has called: its name, and how triggers name a client."""

CALLED = "rechnungsbote.called"


def resource_of(client: str) -> str:
    """The resource that the event of a client concerns."""
    return f"rechnungsbote.client.{client}"
