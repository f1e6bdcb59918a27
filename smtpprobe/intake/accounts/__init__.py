"""The refusals in the records that mass mailers' servers keep of each delivery: a record a line, a module for each program."""
