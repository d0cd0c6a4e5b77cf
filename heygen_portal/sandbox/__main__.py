"""Run the sandbox: ``python -m heygen_portal.sandbox --port 8001``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from heygen_portal.sandbox import serve


def main() -> None:
    """Read the command line and become the server."""
    parser = argparse.ArgumentParser(description="Run the stand-in for HeyGen's API.")
    serve.add_arguments(parser)
    options = parser.parse_args()
    try:
        serve.run(options.host, options.port, Path(options.state_dir) if options.state_dir else None)
    except serve.PortTaken as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
