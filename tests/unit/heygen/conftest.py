from __future__ import annotations

from collections.abc import Iterator

import pytest

from avatars.heygen import HeyGenClient, Timeouts

from .server import ScriptedServer

API_KEY = "sk-test-5e2f0c"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.stop()


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[HeyGenClient]:
    quick = Timeouts(read=(1, 0.5), write=(1, 0.5), upload=(1, 10))
    with HeyGenClient(server.url, API_KEY, timeouts=quick) as client:
        yield client
