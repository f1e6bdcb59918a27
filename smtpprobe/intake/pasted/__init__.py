"""What stands around replies where people paste them, and what only looks like one."""
