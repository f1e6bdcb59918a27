"""What foreign octets may not do: a function each, run by hypothesis with the tests and by coverage by hand.

A target takes octets and asserts what holds for all of them. `corpus/<target>/` has the smallest inputs that once
failed; each is replayed. A find becomes a file there first.
"""
