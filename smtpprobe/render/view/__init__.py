"""A report turned into sections: what is the headline, what supports it, what else matters. No format's syntax here."""
