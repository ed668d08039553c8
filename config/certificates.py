"""Certificates of the tax office in a client's file."""

from typing import Self

from pydantic import Field, model_validator

from billing.parties import Certificate
from config.fields import Day, Required
from config.section import Section
from config.wording import wrong


class CertificateSection(Section):
    """A certificate of the tax office; both days are included."""

    number: Required = Field(description="Nummer der Bescheinigung", examples=['"217/5733/0042"'])
    valid_until: Day = Field(description="Letzter Tag der Gültigkeit", examples=["2028-12-31"])
    valid_from: Day | None = Field(None, description="Erster Tag der Gültigkeit", examples=["2026-01-01"])

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.valid_from and self.valid_from > self.valid_until:
            raise wrong("Die Bescheinigung endet, bevor sie beginnt.", "valid_from und valid_until vertauschen.")
        return self


def certificate_of(section: CertificateSection | None) -> Certificate | None:
    """The certificate as the rules know it."""
    return Certificate(section.number, section.valid_until, section.valid_from) if section else None
