"""The stage: stand-ins that speak the real protocols of Lexware Office and sevDesk (HTTP) and of a mail server (SMTP).

It shares no code with the product, on purpose: a stand-in that shares code with the connector proves nothing.
Start it as a process: `python -m sandbox`.
"""
