"""The networks of the course as Keras models, each in a module that reads like its paper's figure.

    build("vgg16")    any of the networks       ledger(model)     shape, parameters, work and view of each layer
    names()           what there is to build    zoo.load(name)    small models with trained weights

Importing this package loads no Keras; the first model does.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from coursekit.models import zoo
    from coursekit.models.ledgers import LayerRow, grouped, ledger, total
    from coursekit.models.registry import build, names

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submodules=["zoo"],
    submod_attrs={"registry": ["build", "names"], "ledgers": ["LayerRow", "grouped", "ledger", "total"]},
)

__all__ = ["LayerRow", "build", "grouped", "ledger", "names", "total", "zoo"]
