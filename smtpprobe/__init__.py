"""Holds a real SMTP session, says what every reply means, and why a server refuses."""

__version__ = "0.1.0"
