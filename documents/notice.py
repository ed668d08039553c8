"""Payment reminders and dunning notices as letters (DIN 5008 form B) with their statement of account."""

from billing.parties import Seller
from documents.accounts import check_accounts
from documents.agreement import printed_text
from documents.demand import Notice
from documents.errors import DeviatingPaper
from documents.fonts import check_glyphs
from documents.foot import foot
from documents.german import one_line
from documents.invoice import Paper, Sheet, plain_file_name
from documents.languages import LANGUAGES
from documents.letter import is_crowded
from documents.limits import check_pdf
from documents.logo import logo_address
from documents.look import Look, look_for
from documents.notice_view import NoticeView, notice_view
from documents.templates import templates
from documents.workshop import printed, write

_FILE_WORDS = {"de": ("Zahlungserinnerung", "Mahnung"), "en": ("Payment-reminder", "Dunning-notice")}


def notice_paper(notice: Notice, seller: Seller, look: Look) -> Paper:
    """Print a notice as letter (DIN 5008 form B, PDF/A-3b). The same arguments and files give the same bytes.

    Raises a `DocumentError`, `NothingToDemand` if a claim is not open or the date to pay has passed.
    """
    look = look_for(look, notice.customer)
    sheet = notice_sheet(notice, seller, look)
    pdf = printed(look, sheet.page, sheet.xml, notice.issue_date, sheet.giro)
    check_pdf(pdf)
    word = _FILE_WORDS[look.language][notice.level > 1]
    return Paper(pdf, b"", templates(look).version, plain_file_name(word, notice.invoices[0].number))


def notice_sheet(notice: Notice, seller: Seller, look: Look) -> Sheet:
    """The notice before layout, checked; a letter has no electronic form."""
    view = notice_view(notice, seller, look.footer, LANGUAGES[look.language])
    check_glyphs(view)
    page = write(
        look,
        "notice.html.j2",
        notice=view,
        seller=view.seller,
        recipient=view.recipient,
        is_crowded=is_crowded(view.recipient),
        footer=view.footer,
        foot=foot(view.seller, view.footer),
        logo=logo_address(look),
        language=look.language,
        created=notice.issue_date.isoformat(),
    )
    _check_facts(view, page)
    check_accounts(printed_text(page), (seller.iban,))
    return Sheet(b"", page, view.giro)


def _check_facts(view: NoticeView, page: str) -> None:
    """A demand needs number, dates and amounts of every claim, the sum, the date to pay and the account (§ 286 BGB)."""
    shown = printed_text(page)
    facts = [(each.number, each.issue_date, each.due_date, each.gross, each.open_amount) for each in view.invoices]
    for fact in (*(fact for each in facts for fact in each), view.total, view.pay_until, view.seller.iban):
        if one_line(fact) not in shown:
            raise DeviatingPaper("Angabe", fact)
