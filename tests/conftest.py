"""What all tests share."""

import os

from hypothesis import settings

# A busy machine is no reason to fail: the first example also pays for imports.
settings.register_profile("course", deadline=None)
settings.load_profile("course")

# Tests keep no record of anybody's progress.
os.environ["COURSEKIT_PROGRESS"] = "off"
