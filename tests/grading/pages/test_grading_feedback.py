import base64
import http.server
import importlib.util
import json
import re
import threading
from html.parser import HTMLParser
from pathlib import Path

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import v4
from traitlets.config import Config

from coursekit.exercises import Verdict
from coursekit.grading import feedback
from coursekit.grading.converting import convert
from coursekit.grading.feedback import generate_feedback, sanitising
from coursekit.grading.feedback.hiding import REMOVED, hide, split
from coursekit.grading.feedback.sanitising import clean_data, clean_html, clean_markdown
from coursekit.grading.graded import CellGrade
from coursekit.teach.checking import Report

spec = importlib.util.spec_from_file_location("attacks", Path(__file__).with_name("attacks.py"))
attacks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(attacks)

BEACON = "http://127.0.0.1:9"


def display(**data):
    return v4.new_output("display_data", {kind.replace("__", "/"): value for kind, value in data.items()})


def failing(name="hinge-tests", cause="wrong", sentence="Leave it out.", **more):
    return CellGrade(name, 0.0, 3.0, "judge", cause, sentence, **more)


def verdict(**more):
    fields = {"exercise": "hinge_loss_loops", "status": "failed", "seed": 1, "trials": 3, "points": 3, "failures": ()}
    return fields | {"misconception": "counts the correct class", "hint": "leave `j = y` out"} | more


# What a page says


def test_the_page_says_points_and_reasons_first(graded_class):
    graded_class.hand_in(
        "ada", failed=[failing(verdict=verdict()), failing("double-tests", "time", "It ran for 60 s.")]
    )
    page = graded_class.page("ada")
    top, _, cells = page.partition("<main>")
    assert "0 of 8 points" in top
    assert "✗ not right yet</span>: leave <code>j = y</code> out" in top
    assert "! ran out of time</span>: It ran for 60 s." in top
    assert "waits for a grader" in top
    assert re.findall(r'href="#([\w-]+)">(\w[\w-]*)', top) == [
        ("hinge-tests", "hinge_loss_loops"),
        ("double-tests", "double-tests"),
        ("essay", "essay"),
    ]
    for name in ("hinge-tests", "double-tests", "essay"):
        assert f'id="{name}"' in cells


def test_a_submission_that_could_not_be_graded_says_why_first(graded_class):
    graded_class.hand_in("eve", problem="eve.<b>zip</b> is not a notebook.")
    assert "could not be graded: eve.&lt;b&gt;zip&lt;/b&gt; is not a notebook." in graded_class.page("eve")


def test_an_answer_that_is_missing_is_said_once(graded_class):
    graded_class.hand_in("ada", failed=[CellGrade("essay", 0.0, 3.0, "person", "unwritten", "no answer")])
    assert graded_class.page("ada").count("no answer") == 1


def test_without_a_result_the_one_that_is_kept_is_shown_with_the_points_of_the_gradebook(graded_class):
    from nbgrader.api import Gradebook

    graded_class.hand_in("ada", failed=[failing()])
    with Gradebook(graded_class.course.gradebook_url) as gradebook:
        grade = gradebook.find_grade("essay", "b1_tiny", "b1_tiny", "ada")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.find_comment("essay", "b1_tiny", "b1_tiny", "ada").manual_comment = "A **good** reason.<script>"
        gradebook.db.commit()
    generate_feedback(graded_class.course, "ada")
    page = graded_class.page("ada")
    assert "4.5 of 8 points" in page
    assert "graded by hand" in page
    assert "Leave it out." in page
    assert "A <strong>good</strong> reason." in page
    assert "<script" not in page


def test_reasons_are_never_another_students(graded_class):
    graded_class.hand_in("ada", failed=[failing(sentence="This is about ada.")])
    graded_class.course.result("ada").rename(graded_class.course.result("ada").with_name("gone"))
    generate_feedback(
        graded_class.course, "ada", graded_class.hand_in("ben", failed=[failing(sentence="This is ben.")])
    )
    assert "ben" not in graded_class.page("ada")


def test_nbgraders_own_command_writes_the_same_page(graded_class):
    from nbgrader.converters import GenerateFeedback

    graded_class.hand_in("ada", {"setup": [display(text__html="<script>1</script>fine")]})
    before = graded_class.page("ada")
    assert convert(GenerateFeedback, graded_class.course.folder, "b1_tiny", "ada") == ""
    assert graded_class.page("ada") == before
    assert "<script" not in before


def test_what_checks_show_looks_as_it_did(graded_class):
    report = Report(Verdict(**verdict()))._repr_mimebundle_()["text/html"]
    cleaned = clean_html(report).replace("<tbody>", "").replace("</tbody>", "")
    inner = re.search(r"<div class='ck-report'.*</strong>", report)[0]
    assert inner.replace("'", '"') in cleaned
    assert re.sub(r"<[^>]*>", "", cleaned) == re.sub(r"<[^>]*>", "", report)
    assert sorted(re.findall(r"style=['\"]([^'\"]*)", report)) == sorted(re.findall(r'style="([^"]*)', cleaned))


def test_tables_and_pictures_stay(graded_class):
    head, body = "<thead><tr><th>a</th></tr></thead>", "<tbody><tr><td>1</td></tr></tbody>"
    table = f'<table border="1" class="dataframe">{head}{body}</table>'
    assert clean_html(table) == table.replace(' border="1"', "")
    png = base64.b64encode(b"\x89PNG").decode()
    figure = f'<figure><img src="data:image/png;base64,{png}" alt="a line"><figcaption>c</figcaption></figure>'
    assert clean_html(figure) == figure
    output = v4.new_output("display_data", {"image/png": png}, metadata={"image/png": {"width": 20, "alt": 'a "b"'}})
    graded_class.hand_in("ada", {"setup": [output, display(image__svg__xml="<svg/>"), display(text__plain="<3")]})
    page = graded_class.page("ada")
    assert f'<img src="data:image/png;base64,{png}" alt="a &#34;b&#34;" width="20">' in page
    assert "&lt;3" in page


@pytest.mark.parametrize(
    "name", ["application/javascript", "application/vnd.jupyter.widget-view+json", "application/pdf"]
)
def test_what_cannot_be_shown_is_named(name):
    assert clean_data({name: "x"}) == {"text/plain": f"[An output of type {name} is not shown here.]"}
    assert clean_data({name: "x", "text/plain": "y"}) == {"text/plain": "y"}


# Hidden tests


SECRET = "assert double(21) == 42, 'the answer'"
HIDDEN = f"assert double(2) == 4\n### BEGIN HIDDEN TESTS\n{SECRET}\n### END HIDDEN TESTS\nassert double(0) == 0"


def hidden_notebook(*outputs, source=HIDDEN, more=()):
    grading = {"nbgrader": {"grade": True, "solution": False, "grade_id": "t"}}
    return v4.new_notebook(cells=[v4.new_code_cell(source, metadata=grading, outputs=list(outputs)), *more])


def error(*lines):
    return v4.new_output("error", ename="AssertionError", evalue="the answer", traceback=list(lines))


SHOWING = {
    "traceback": error("---> 1 assert double(2) == 4", f"     3 {SECRET}"),
    "coloured traceback": error(
        "\x1b[38;5;28;01massert\x1b[39;00m double(\x1b[38;5;241m21\x1b[39m) == 42, 'the answer'"
    ),
    "printed": v4.new_output("stream", text=f"In[-1] is {SECRET}"),
    "repr": v4.new_output("stream", text=repr(HIDDEN)),
    "repr of repr": v4.new_output("stream", text=repr(repr(HIDDEN))),
    "html": display(text__html="<pre>assert <b>double</b>(21) == 42, &#x27;the answer&#x27;</pre>"),
    "value": v4.new_output("execute_result", {"text/plain": repr([HIDDEN])}),
    "data": display(application__json={"a": [SECRET]}),
}


@pytest.mark.parametrize("shown", SHOWING)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_hidden_tests_show_nowhere(shown, elsewhere):
    later = v4.new_code_cell("print(In[-1])", outputs=[SHOWING[shown]])
    notebook = hidden_notebook(more=[later]) if elsewhere else hidden_notebook(SHOWING[shown])
    hide(notebook)
    text = json.dumps(notebook)
    assert "(21)" not in text
    assert "the answer" not in text
    assert REMOVED in text
    assert notebook.cells[0].source == "assert double(2) == 4\nassert double(0) == 0"


def test_what_shows_nothing_hidden_stays():
    outputs = [error("---> 1 assert double(2) == 4"), v4.new_output("stream", text="assert double(2) == 4")]
    notebook = hidden_notebook(*outputs)
    hide(notebook)
    assert notebook.cells[0].outputs == outputs


def test_a_student_cannot_declare_outputs_secret():
    mine = v4.new_code_cell("### BEGIN HIDDEN TESTS\n0 of 34 points", metadata={"nbgrader": {"solution": True}})
    shown = v4.new_code_cell("x", outputs=[v4.new_output("stream", text="0 of 34 points")])
    notebook = v4.new_notebook(cells=[mine, shown])
    hide(notebook)
    assert notebook.cells[1].outputs[0].text == "0 of 34 points"


@pytest.mark.parametrize("kind", ["HIDDEN TESTS", "MARK SCHEME"])
def test_a_region_goes_wherever_it_stands(kind):
    assert split(f"a\n# BEGIN {kind}\nb\n<!-- END {kind} -->\nc") == ("a\nc", "b")
    assert split(f"a\n### BEGIN {kind}\nb\nc") == ("a", "b\nc")
    task = v4.new_markdown_cell(f"a\n### BEGIN {kind}\nb\n### END {kind}", metadata={"nbgrader": {"task": True}})
    notebook = v4.new_notebook(cells=[task])
    hide(notebook)
    assert notebook.cells[0].source == "a"


def test_hidden_tests_do_not_reach_the_page(graded_class):
    graded_class.hand_in("ada")
    path = graded_class.course.notebook("autograded", "ada")
    notebook = json.loads(path.read_text())
    tests = next(cell for cell in notebook["cells"] if cell.get("id") == "double-tests")
    tests["source"], tests["outputs"] = HIDDEN, [SHOWING["traceback"], SHOWING["printed"]]
    path.chmod(0o644)
    path.write_text(json.dumps(notebook))
    generate_feedback(graded_class.course, "ada")
    page = graded_class.page("ada")
    assert "the answer" not in page
    assert "HIDDEN" not in page
    assert REMOVED in page


# Attacks


class Elements(HTMLParser):
    """Reads a page and notes what could run or load anything."""

    def __init__(self, page):
        super().__init__()
        self.bad = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag in (
            "script",
            "iframe",
            "object",
            "embed",
            "base",
            "link",
            "form",
            "input",
            "video",
            "audio",
            "template",
        ):
            self.bad.append(tag)
        for name, value in attrs:
            value = (value or "").strip()
            if (
                name.startswith("on")
                or (name in ("src", "srcset", "poster", "data", "action") and not value.startswith("data:image/"))
                or (name == "href" and not re.match(r"https?://|mailto:|#", value))
                or (name == "style" and re.search(r"url|image|expression|position|[\\(]", value.replace("rgb(", "")))
            ):
                self.bad.append((tag, name, value))


@pytest.mark.parametrize("name", attacks.markdown(BEACON))
def test_an_attack_is_harmless_in_markdown_and_in_html(name):
    text = attacks.markdown(BEACON)[name]
    for clean in (clean_markdown(text), clean_html(text), clean_data({"text/markdown": text})["text/html"]):
        assert Elements(clean).bad == []
        assert "<style" not in clean


def hostile_cells(beacon):
    """Cells and outputs that carry every attack in every way there is."""
    cells = []
    for name, text in attacks.markdown(beacon).items():
        js = attacks.SCRIPT.format(name=name)
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{js}"><script>{js}</script>{text}</svg>'
        outputs = [
            display(text__html=text),
            display(text__html=[text]),
            display(text__markdown=text),
            display(text__latex=text),
            display(text__plain=text),
            v4.new_output("display_data", {"image/svg+xml": svg}),
            display(application__javascript=js),
            v4.new_output("display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": text}}),
            v4.new_output("display_data", {"text/vnd.mermaid": text}),
            v4.new_output("display_data", {"image/png": f'AAAA"><script>{js}</script>'}),
            v4.new_output("display_data", {"image/png": "AAAA"}, metadata={"image/png": {"width": f"1 onerror={js}"}}),
            v4.new_output("display_data", {"image/jpeg": "AAAA"}, metadata={"image/jpeg": {"alt": f'" onerror="{js}'}}),
            v4.new_output("display_data", {"text/html": text}, metadata={"text/html": {"isolated": True}}),
            v4.new_output("stream", text=f"\x1b[31m{text}\x1b[0m"),
            v4.new_output("error", ename=text, evalue=text, traceback=[text, f"\x1b[31m{text}"]),
        ]
        attached = {
            "x": {"image/svg+xml": base64.b64encode(svg.encode()).decode(), "text/html": text},
            text: {"image/png": text},
        }
        cells += [
            v4.new_code_cell(f"x = '''{text}'''", outputs=outputs, metadata={"tags": [text.replace(",", ";")]}),
            v4.new_markdown_cell(f"{text}\n\n![x](attachment:x)\n\n![x](attachment:missing)", attachments=attached),
            v4.new_raw_cell(text, metadata={"raw_mimetype": "text/html", "format": "text/html"}),
        ]
    return cells


def hostile_notebook(beacon):
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"</script><script>alert(1)</script>": {}}}}
    title = "</title><script>hits=['title']</script>"
    return v4.new_notebook(cells=hostile_cells(beacon), metadata={"widgets": widgets, "title": title})


def safe_page(notebook, stock=False):
    """Return a notebook as a page by our exporter, or as the formgrader shows it."""
    from coursekit.grading.feedback.exporter import FeedbackExporter
    from coursekit.grading.feedback.preprocessors import Hide, Sanitise

    if stock:
        config = Config()
        feedback.configure(config)
        config.HTMLExporter.template_name = "classic"
        return HTMLExporter(config=config).from_notebook_node(notebook)[0]
    exporter = FeedbackExporter()
    for each in (Hide, Sanitise):
        exporter.register_preprocessor(each)
    grading = {"notebook": "n", "student": "s", "score": 1.0, "max_score": 2.0, "late_penalty": 0.0}
    return exporter.from_notebook_node(notebook, {"nbgrader": grading, "found": [], "problem": ""})[0]


def test_every_attack_in_every_place_is_harmless():
    page = safe_page(hostile_notebook(BEACON))
    assert Elements(page).bad == []
    assert page.count("<style") == 1


def test_the_corpus_is_large_enough():
    assert len(attacks.html(BEACON)) >= 50
    assert len(attacks.markdown(BEACON)) >= 60


@pytest.fixture
def beacon():
    """A server on this machine; whoever asks it for anything is noted."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


CLICK_ALL = """
const click = new MouseEvent('click', {bubbles: true, cancelable: true}), over = new MouseEvent('mouseover');
for (const bait of document.querySelectorAll('a[href], button, .bait, summary'))
  if (!/^(https?|mailto):/.test(bait.href?.baseVal ?? bait.href ?? '')) bait.dispatchEvent(click);
for (const each of document.querySelectorAll('*')) each.dispatchEvent(over);
return document.body.innerText.length;
"""


def visit(window, path, page, requested, asked):
    """Open a page, click on everything in it; return what ran and whom it asked."""
    from selenium.webdriver.support.ui import WebDriverWait

    path.write_text(page, encoding="utf-8")
    asked.clear()
    window.get(path.as_uri())
    WebDriverWait(window, 60).until(lambda w: w.execute_script("return document.readyState") == "complete")
    window.execute_script(CLICK_ALL)
    window.execute_async_script("setTimeout(arguments[0], 700)")
    ran = set(window.execute_script("return window.hits || []"))
    loaded = {address for address in asked if address != "/favicon.ico"}
    network = [url for url in requested(window) if not url.endswith("/favicon.ico")]
    return ran, loaded | set(network)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("kind", ["with its policy", "without its policy", "in the formgrader"])
def test_nothing_runs_and_nothing_is_asked_for_in_chromium(chromium, tmp_path, beacon, requested, kind):
    address, asked = beacon
    page = safe_page(hostile_notebook(address), stock=kind == "in the formgrader")
    if kind == "in the formgrader":  # what its template itself loads, from the network, is nbgrader's
        page = re.sub(r"<script\b[^>]*(cdnjs|unpkg)[^>]*>.*?</script>", "", page, flags=re.DOTALL)
        page = re.sub(r"<script type=\"module\">.*?</script>", "", page, flags=re.DOTALL)
    if kind == "without its policy":
        page, replaced = re.subn(r"<meta http-equiv=.Content-Security-Policy[^>]*>", "", page)
        assert replaced == 1
    assert visit(chromium, tmp_path / "page.html", page, requested, asked) == (set(), set())


@pytest.mark.slow
@pytest.mark.browser
def test_the_attacks_do_work_where_nothing_is_cleaned(chromium, tmp_path, beacon, requested):
    """Else the tests above would say nothing."""
    address, asked = beacon
    worked = set()
    for name, text in attacks.html(address).items():
        ran, loaded = visit(chromium, tmp_path / "page.html", f"<!DOCTYPE html><body>{text}</body>", requested, asked)
        if name in ran or any(name in each for each in loaded):
            worked.add(name)
    assert len(worked) >= 35, sorted(set(attacks.html(address)) - worked)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_reads_well_in_chromium(graded_class, chromium, requested, worst_contrast, scheme):
    report = Report(Verdict(**verdict()))._repr_mimebundle_()["text/html"]
    trace = "\x1b[31mValueError\x1b[39m \x1b[38;5;28;01mif\x1b[39;00m \x1b[34mx\x1b[0m \x1b[48;5;226my\x1b[0m"
    shown = [display(text__html=report), v4.new_output("error", ename="E", evalue="", traceback=[trace])]
    code = v4.new_code_cell("import x  # why\ndef f(a: int) -> str:\n    return f'{a!r}' + 3 * \"b\" if None else 0x1F")
    graded_class.hand_in("ada", {"hinge-tests": shown}, added=[code], failed=[failing(verdict=verdict())])
    chromium.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    chromium.get(graded_class.course.notebook("feedback", "ada").as_uri())
    contrast, where = worst_contrast(chromium, "h1, p, td, th, a, span, pre, code, strong")
    assert contrast >= 4.5, where
    assert chromium.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    assert requested(chromium) == []
    assert [entry["message"] for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []


# Texts that are made to take long


@pytest.mark.parametrize(
    "text",
    [
        "\\begin{a}" * 20_000,
        "\\\\(" * 20_000,
        "[" * 50_000,
        "<div>" * 50_000,
        "<div><object></div></object>" * 5000,
        "a" * 10**7,
    ],
    ids=["begin", "formula", "bracket", "nested", "hidden nesting", "long"],
)
def test_what_would_take_a_parser_minutes_is_shown_as_it_is(text):
    assert clean_markdown(text).startswith("<div><pre>")


@pytest.mark.parametrize("text", ["<b>" * 50_000, "x" * 10**7])
def test_costly_html_is_shown_as_text(text):
    assert clean_html(text).startswith("<pre>")


def test_a_cell_that_is_too_long_to_colour_is_shown(graded_class):
    graded_class.hand_in("ada", added=[v4.new_code_cell("# <b>\n" * 20_000)])
    assert "# &lt;b&gt;" in graded_class.page("ada")


# Markdown


@pytest.mark.parametrize(
    "text",
    [
        "# a\n\nb $x_1 < 2$ c\n\n$$\\sum_i$$\n\n- d\n\n```python\nif x:\n\n    y\n```",
        "| a |\n|---|\n| `b` |",
        "\\\\(x\\\\) \\begin{a}b\\end{a}",
        "a\n\n    code\n\nb",
        "*a* `$` $",
    ],
)
def test_cleaned_markdown_comes_out_of_a_renderer_as_it_went_in(text):
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    cleaned = clean_markdown(text)
    assert "\n" not in cleaned
    assert markdown2html_mistune(cleaned).strip() == cleaned


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("color:red;background:url(x)", "color:red"),
        ("margin:-400px;padding:1px", "padding:1px"),
        ("position:fixed;top:0", None),
        ("color:rgb(1, 2, 3) !important", "color:rgb(1, 2, 3) !important"),
        ("width:expression(alert(1))", None),
        ("background:\\75rl(x)", None),
        ("font-family:'x'", None),
        ("text-align:left;vertical-align:baseline", "text-align:left;vertical-align:baseline"),
        ("white-space:pre-wrap;color:red-;font-family:a-b-c, d-1", "white-space:pre-wrap"),
        ("color:" + "a-" * 50_000, None),
    ],
)
def test_a_style_keeps_what_stays_in_its_box(style, kept):
    assert sanitising._style(style) == kept


@pytest.mark.parametrize("word", ["container", "list", "cell", "output", "comment", "good", "panel"])
def test_the_pages_own_classes_are_not_to_be_had(word):
    assert clean_html(f'<div class="{word} highlight">x</div>') == '<div class="highlight">x</div>'
