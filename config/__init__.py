"""Whose invoices: the settings of the installation and one checked YAML file for each client."""
