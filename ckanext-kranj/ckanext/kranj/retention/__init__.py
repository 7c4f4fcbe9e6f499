"""How long data are kept: the plan, the day on which a period ends, decisions of two people, what remains."""
