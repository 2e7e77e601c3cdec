"""The source of a variant or misconception as a learner's cell would hold it."""

import ast
import inspect
import textwrap

from coursekit.exercises.core import Function


def as_answer(function: Function, name: str) -> str:
    """Return the source of `function` under another name, without its decorators, annotations and docstring."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise TypeError(f"{function!r} is not a function written with def")
    definition.name, definition.decorator_list = name, []
    for node in ast.walk(definition):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
    if ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:]
    return ast.unparse(tree) + "\n"
