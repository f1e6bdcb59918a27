"""What stands around replies where people paste them, what only looks like one, and what is told without one."""
