"""The two clocks of the page cache, so that tests can hold them."""

import time


class Clock:
    """wall is Unix seconds, for what is true until when; steady is for how long ago something was done."""

    def wall(self) -> float:
        """Now, as machines agree on it."""
        return time.time()

    def steady(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()
