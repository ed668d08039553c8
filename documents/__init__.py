"""Paper: invoices as PDF/A-3b with embedded EN 16931 XML, and the bytes of the mails that carry them.

Pure but for reading `templates/`: no clock, network or database in here; dates and tokens come in as parameters.
"""
