"""The child process that prints whole papers for `documents.press_room`, told and answering as in `workshop_process`.

It runs our own templates only: that is why its parent may unpickle what it says.
"""

import pickle

from documents.invoice import invoice_paper
from documents.press_room import Order
from documents.workshop_process import main


def paper(order: Order) -> bytes:
    """The pickled paper of an order."""
    return pickle.dumps(invoice_paper(order.invoice, order.seller, order.look, order.form))


if __name__ == "__main__":
    main({"paper": paper})
