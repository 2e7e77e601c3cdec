"""From text to notebooks: what builds, runs and inspects the course's lectures and assignments.

    build      source/ -> lectures/ and solutions/ -> assignments/     lint      holds the budgets of the course
    importer   an edited notebook -> source/                           execute   runs notebooks, records time and memory
    release    solutions/ -> assignments/, by nbgrader                 budgets   every number that lint holds

Import the functions from their modules: ``from coursekit.authoring.build import build``.
"""
