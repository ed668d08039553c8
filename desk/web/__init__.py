"""The desk as a web page."""
