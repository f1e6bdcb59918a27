"""Texts of ours: how they are said in the language in force, and the amounts in them."""
