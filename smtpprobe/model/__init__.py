"""Values only: what the other rooms take and give. Imports the standard library and msgspec."""
