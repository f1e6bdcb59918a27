"""A session as a generator: it yields steps, is sent finished exchanges, and returns how the session ended."""

from smtpprobe.wire.dialogue.session import smtp_dialogue

__all__ = ["smtp_dialogue"]
