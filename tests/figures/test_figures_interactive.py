"""The block that interactive figures share carries settings that no text in them can break out of."""

import html
import json
import re

from coursekit.figures.interactive import block


def test_settings_come_back_as_they_went_in():
    settings = {"name": "</div><script>alert('\"')</script>", "values": [[1, -2.5]], "on": True}
    made = block("kernel_explorer", settings, "run <this> cell")
    assert json.loads(html.unescape(re.search('data-settings="([^"]*)"', made)[1])) == settings
    assert made.count("<script>") == 1
    assert "run &lt;this&gt; cell" in made


def test_the_script_fills_its_own_element_once():
    made = block("kernel_explorer", {}, "")
    assert 'class="ck-kernel-explorer"' in made
    assert ".ck-kernel-explorer:not([data-ready])" in made
    assert made.count("const build = (root)") == 1
