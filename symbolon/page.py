"""The member's page, served on this machine alone: what is built in web/dist, and where the local chain is.

    python -m symbolon.page --port 8580 --records deployments/local

The page reads, and hands in only what the local chain's seeded members sign. Its `config.json` is made
from the records and carries their keys, which everybody has; for any other chain it carries none.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from symbolon.exceptions import SymbolonError

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "web" / "dist"

PORT = 8580
EARNED = "earned"
"""The folder among the records, and on the page's server, for proofs of what was earned."""
LOCAL_CHAIN_ID = 31337

_MEMBER = "member "
_TILL = " till"


class PageError(SymbolonError):
    """The page cannot be served."""


def config(records: Path) -> dict[str, Any]:
    """What the page needs to know of the chain that the records in a folder are about.

    Raises PageError where there are none.
    """
    try:
        manifest = json.loads((records / "manifest.json").read_text())
        accounts = json.loads((records / "accounts.json").read_text())
        tokens = {each["symbol"]: each["address"] for each in _tokens(records)}
        chain_id = int(manifest["chainId"])
        local = chain_id == LOCAL_CHAIN_ID
        return {
            "chainId": chain_id,
            "rpc": accounts["url"],
            "lens": manifest["contracts"]["AllianceLens"]["address"],
            "orders": manifest["contracts"]["Orders"]["address"],
            "groupsLens": manifest["contracts"]["GroupsLens"]["address"],
            "groupDeals": manifest["contracts"]["GroupDeals"]["address"],
            "groups": manifest["contracts"]["GroupPurchaseEscrow"]["address"],
            "bargainDeals": manifest["contracts"]["BargainDeals"]["address"],
            "cuts": manifest["contracts"]["Cuts"]["address"],
            "earnings": manifest["contracts"]["EarnDistributor"]["address"],
            "poolsLens": manifest["contracts"]["PoolsLens"]["address"],
            "startBlock": manifest["startBlock"],
            "members": [
                {
                    "name": each["name"].capitalize(),
                    "address": each["address"],
                    "privateKey": each["privateKey"],
                }
                for each in accounts["accounts"]
                if local and each["name"].startswith(_MEMBER)
            ],
            "tills": [
                {
                    "name": each["name"].capitalize(),
                    "address": each["address"],
                    "token": tokens[each["takes"]],
                }
                for each in accounts["accounts"]
                if each["name"].endswith(_TILL)
            ],
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PageError(
            f"The records in {records} say nothing of a local chain ({error!r}): run `make up`."
        ) from error


def start(records: Path, port: int, log: Path) -> tuple[int, str]:
    """Serve the page from a process that stays; its number and where the page is.

    Port 0 is any that is free. Raises PageError where the page is not built or the port is taken.
    """
    if not (BUILT / "index.html").is_file():
        raise PageError(
            "The member's page is not built, so it is not served: `make down` and then `make up` builds it."
        )
    command = [sys.executable, "-m", "symbolon.page", "--port", str(port), "--records", str(records)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    until = time.monotonic() + 15
    while time.monotonic() < until and process.poll() is None:
        if url := log.read_text().partition("\n")[0].strip():
            with suppress(OSError), urlopen(f"{url}config.json", timeout=5):  # noqa: S310 (our own)
                return process.pid, url
        time.sleep(0.05)
    process.kill()
    said = log.read_text().strip().splitlines()
    raise PageError(said[-1] if said else "The member's page did not start.")


def server(records: Path, port: int, built: Path = BUILT) -> ThreadingHTTPServer:
    """The page's server on 127.0.0.1, ready to be run. Raises PageError where the port is taken."""
    try:
        made = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, records, directory=str(built)))
    except OSError as error:
        raise PageError(
            f"Port {port} is taken, so the member's page is not served: name another with --page-port."
        ) from error
    made.daemon_threads = True
    return made


class _Handler(SimpleHTTPRequestHandler):
    """Answers with the built files and the configuration, and lets the page talk to the chain alone."""

    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012 (as the base class has it)
        "": "application/octet-stream",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".svg": "image/svg+xml",
    }

    def __init__(self, records: Path, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 (the base's)
        self._records = records
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        """Answer."""
        if urlsplit(self.path).path == "/config.json":
            self._send_config()
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        """Proofs of what was earned lie beside the records, everything else in what was built."""
        found = super().translate_path(path)
        inside = Path(found).relative_to(self.directory)
        return str(self._records / inside) if inside.parts[:1] == (EARNED,) else found

    def list_directory(self, path: Any) -> None:  # noqa: ANN401 (the base's)
        """Nothing is listed."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Say with every answer what the page may do."""
        hashed = urlsplit(self.path).path.startswith("/assets/")
        self.send_header("Cache-Control", "max-age=31536000, immutable" if hashed else "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", _policy(self._records))
        super().end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: ANN401 (the base's)
        """Keep quiet."""

    def _send_config(self) -> None:
        try:
            content, status = json.dumps(config(self._records)).encode(), HTTPStatus.OK
        except PageError as error:
            content, status = json.dumps({"error": str(error)}).encode(), HTTPStatus.SERVICE_UNAVAILABLE
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _policy(records: Path) -> str:
    chain = ""
    with suppress(PageError):
        chain = config(records)["rpc"]
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self' {chain}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _tokens(records: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads((records / "tokenlist.json").read_text())["tokens"]
    return listed


def main() -> None:
    """Serve the page until ended, after saying where; what cannot be is one sentence and exit code 1."""
    parser = argparse.ArgumentParser(description="Serve the member's page on this machine.")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--records", type=Path, default=ROOT / "deployments" / "local")
    options = parser.parse_args()
    try:
        running = server(options.records, options.port)
    except PageError as error:
        sys.exit(str(error))
    print(f"http://127.0.0.1:{running.server_address[1]}/", flush=True)
    with suppress(KeyboardInterrupt):
        running.serve_forever()


if __name__ == "__main__":
    main()
