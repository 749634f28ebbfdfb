"""What holds for all tests: one Hypothesis profile."""

import os

from hypothesis import settings

# No test fails because the machine is busy, so no example has a deadline. A developer's run tries other examples each
# time; continuous integration tries the same ones, so that a failure there is one of the change.
settings.register_profile("docs-chat", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("docs-chat")
