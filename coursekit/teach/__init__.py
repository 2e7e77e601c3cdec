"""What notebooks talk to: checks, predictions, quizzes, verified numbers, figures and progress."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from coursekit.teach import records
    from coursekit.teach.checking import check
    from coursekit.teach.claims import verify
    from coursekit.teach.display import figure
    from coursekit.teach.predictions import predict
    from coursekit.teach.quizzes import quiz
    from coursekit.teach.records import progress

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submodules=["records"],
    submod_attrs={
        "checking": ["check"],
        "claims": ["verify"],
        "display": ["figure"],
        "predictions": ["predict"],
        "quizzes": ["quiz"],
        "records": ["progress"],
    },
)

__all__ = ["check", "figure", "predict", "progress", "quiz", "records", "verify"]
