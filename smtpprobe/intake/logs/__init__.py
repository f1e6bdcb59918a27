"""The refusals in the logs and queue listings of mail programs: a module for each program, and what they share."""
