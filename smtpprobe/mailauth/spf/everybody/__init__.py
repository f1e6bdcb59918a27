"""Who passes: a record evaluated for every address of both families, and what a change of it does to them."""
