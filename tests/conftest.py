"""What all tests share: settings, a browser, and a JupyterLab of their own."""

import gc
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from coursekit.grading.quick import quick_import

ROOT = Path(__file__).resolve().parents[1]

# A busy machine is no reason to fail: the first example also pays for imports. A commit passes or fails for good: the
# examples are always the same, other ones are looked for with `--hypothesis-profile=search`.
settings.register_profile("course", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile("course")

quick_import("nbformat")  # 3 s for each process of `make quick`

# Tests keep no record of anybody's progress.
os.environ["COURSEKIT_PROGRESS"] = "off"

# Worst contrast of text against what lies behind it, by WCAG 2's formula, and the element that has it.
CONTRAST = """
const parse = colour => { const c = colour.match(/[\\d.]+/g).map(Number); return c.length < 4 ? [...c, 1] : c; };
const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3]));
const behind = node => {
  const layers = [];
  for (; node; node = node.parentElement) layers.push(parse(getComputedStyle(node).backgroundColor));
  return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
};
const light = c => {
  const [r, g, b] = c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
return [...document.querySelectorAll(arguments[0])]
  .filter(e => e.offsetParent && e.type !== 'radio' && (e.textContent || e.value))
  .map(e => {
    const under = behind(e), [a, b] = [light(over(parse(getComputedStyle(e).color), under)), light(under)];
    const where = `${e.tagName} ${e.className}: ${e.textContent.slice(0, 60)}`;
    return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), where];
  }).sort((a, b) => a[0] - b[0])[0];
"""


def pytest_collection_finish() -> None:
    gc.freeze()  # thousands of tests, and what they import, are no garbage


@pytest.fixture
def run_on_backend() -> Callable[..., str]:
    """Return a function that runs a program on another back end of Keras and returns what it prints.

    The Python that has it is this one, or that named in COURSEKIT_BACKEND_PYTHON; the test is skipped where it has not.
    """
    python = os.environ.get("COURSEKIT_BACKEND_PYTHON", sys.executable)

    def run(backend: str, *command: Any, seconds: float, **variables: str) -> str:
        probe = f"import importlib.util as u; raise SystemExit(u.find_spec({backend!r}) is None)"
        if subprocess.run([python, "-c", probe]).returncode:
            pytest.skip(f"{backend} is not installed; docs/models.md says how to name a Python that has it")
        # PyTorch's threads wait for each other by spinning, which on shared cores costs ten times the work.
        own = {"KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **variables}
        whole, wanted = {**os.environ, **own}, [python, *map(str, command)]
        return subprocess.run(wanted, env=whole, stdout=subprocess.PIPE, text=True, check=True, timeout=seconds).stdout

    return run


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Any]:
    """Start a headless Chromium that reaches this machine only, and logs what it asks for and complains of."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip("no Chromium with chromedriver here; .ci/run installs them")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "no-first-run",
        "window-size=1100,1400",
        "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"user-data-dir={tmp_path / 'chromium'}",
    ):
        options.add_argument(f"--{flag}")
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path / "downloads")})
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield window
    window.quit()


@pytest.fixture
def requested() -> Callable[[Any], list[str]]:
    """Return a function that lists the addresses a window asked the network for since the last call."""

    def list_addresses(window: Any) -> list[str]:
        events = [json.loads(entry["message"])["message"] for entry in window.get_log("performance")]
        urls = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        return sorted(url for url in urls if not url.startswith(("file:", "data:", "blob:", "chrome:")))

    return list_addresses


@pytest.fixture
def worst_contrast() -> Callable[[Any, str], tuple[float, str]]:
    """Return a function that finds the least contrast of text in a window among the elements of a CSS selector."""
    return lambda window, selector: tuple(window.execute_script(CONTRAST, selector))


@pytest.fixture
def jupyter_home(tmp_path: Path) -> Path:
    """Return the folder where the test's JupyterLab keeps settings, trust and logs."""
    return tmp_path / "jupyter"


@pytest.fixture
def serve_lab(jupyter_home: Path) -> Iterator[Callable[..., str]]:
    """Return a function that serves a folder in a JupyterLab, with environment variables as keywords: its address."""
    with ExitStack() as servers:
        yield lambda root, **variables: servers.enter_context(_jupyterlab(root, jupyter_home, variables))


@contextmanager
def _jupyterlab(root: Path, home: Path, variables: dict[str, str]) -> Iterator[str]:
    folders = {name: home / name.lower() for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    own = {f"JUPYTER_{name}": str(folder) for name, folder in folders.items()}
    notification = folders["CONFIG_DIR"] / "lab/user-settings/@jupyterlab/apputils-extension/notification"
    notification.parent.mkdir(parents=True)
    # Otherwise JupyterLab asks the network for news.
    notification.with_suffix(".jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--ServerApp.port={port}", f"--ServerApp.root_dir={root}", "--IdentityProvider.token="]
    options += ["--no-browser", "--allow-root", "--LabApp.expose_app_in_browser=True"]
    log = home / "lab.log"
    with log.open("w") as written:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            stdout=written,
            stderr=written,
            env=os.environ | own | {"IPYTHONDIR": str(home / "ipython")} | variables,
        )
        try:
            _wait_for_server(f"http://127.0.0.1:{port}/api", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def _wait_for_server(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except OSError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
