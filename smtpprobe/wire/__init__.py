"""Octets to values and back, and what is said in which order; no I/O, no clock."""
