"""The ``coursekit`` command. Every import of weight happens inside the command that needs it."""

from coursekit.cli.app import main

__all__ = ["main"]
