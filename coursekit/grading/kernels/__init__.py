"""Kernels that start warm: forked from a process that has imported TensorFlow already, and executed nothing.

with Template(["numpy", "tensorflow", "keras"], {}) as template:
    with start(template.address, box=None, environment={}) as kernel:
        kernel.client.execute("import tensorflow")                  # done already

keeper     Template: starts the template process, and again when it dies      client      talks to one kernel
template   that process: imports, then forks on request                       kernel      Kernel and start
learning   what else a kernel imports, found by running one                   cold        the same without a template
child      what a fork does to become a kernel                                variables   environments of both
control    asking for a fork, watching it, ending it                          provisioner for nbgrader, nbclient, …
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from coursekit.grading.kernels.client import Flooded
    from coursekit.grading.kernels.control import KernelUnavailable
    from coursekit.grading.kernels.keeper import Template
    from coursekit.grading.kernels.kernel import Kernel, start

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "client": ["Flooded"],
        "control": ["KernelUnavailable"],
        "keeper": ["Template"],
        "kernel": ["Kernel", "start"],
    },
)

__all__ = ["Flooded", "Kernel", "KernelUnavailable", "Template", "start"]
