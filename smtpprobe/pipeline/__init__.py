"""Composes the rooms: what is asked, in which order, and who owns a partial result."""
