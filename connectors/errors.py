"""What can go wrong at a foreign system, and who must act.

* ConnectorError
  * TryLater
    * Unavailable: no answer or 5xx, and provably nothing was done
      * ChannelDown: the way itself is broken for every message: connection, TLS, login
    * RateLimited: 429, not executed
    * Deferred: a clear "not now" to this one message (SMTP 4xx)
  * OutcomeUnknown: a write got no clear answer, it may have been done; look it up before anything else
  * NeedsPerson
    * NotAuthorised: key, contract or scope
    * TanNeeded: the bank wants its customer to confirm the access himself (PSD2, strong authentication)
    * Rejected: the system refuses this document
    * NotFound: the object is gone
    * Conflict: version or state; on our own key it means success
    * CannotExpress: the target cannot say this exactly
    * UnexpectedAnswer: we cannot read what came back
"""


class ConnectorError(Exception):
    """Base of all: `message` is a German sentence for owner and operator, `evidence` is short technical proof."""

    def __init__(self, message: str, evidence: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.evidence = evidence


class TryLater(ConnectorError):
    """Nothing was done; the same may be tried again. `retry_after` in seconds, at most an hour, where it was named."""

    def __init__(self, message: str, evidence: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, evidence)
        self.retry_after = retry_after


class Unavailable(TryLater):
    """No answer, or the system is down."""


class ChannelDown(Unavailable):
    """No connection, TLS or login: it concerns every message alike, pauses the channel and counts against none."""


class RateLimited(TryLater):
    """Too many requests; not executed."""


class Deferred(TryLater):
    """The receiver put this one message off for now (RFC 5321 4yz, greylisting)."""


class OutcomeUnknown(ConnectorError):
    """A write may or may not have been done; it must be looked up by its key and never simply repeated."""


class NeedsPerson(ConnectorError):
    """Trying again changes nothing; the client, the configuration or the document must change first."""


class NotAuthorised(NeedsPerson):
    """The key is wrong or expired, the contract does not cover it, or a scope is missing (401, 402, 403)."""


class TanNeeded(NeedsPerson):
    """The bank gives nothing before a person has confirmed the access with a TAN or in an app."""


class Rejected(NeedsPerson):
    """The system refuses the document or the recipient."""


class NotFound(NeedsPerson):
    """The object does not exist (any more)."""


class Conflict(NeedsPerson):
    """Another version or state is there already."""


class CannotExpress(NeedsPerson):
    """The target system has no exact way to say this; raised before the first request."""


class UnexpectedAnswer(NeedsPerson):
    """The answer to a read is not what the system documents: HTML, cut, NaN, a missing field, an unknown value."""
