"""``python -m coursekit.cli`` is ``coursekit``."""

from coursekit.cli import main

main()
