"""Planning: what goes live this week, the calendar of a month, and the board of what is on its way."""
