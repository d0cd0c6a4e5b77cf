"""HeyGen failing at random and workers killed at random: nothing is paid twice, nothing is lost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.scene import Scene
from tests.sandbox_server import SandboxServer

SUBMISSIONS = 12
FAULTS = ["429", "500", "502", "reset", "dropped", "cut"]


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(speed=30) as server:
        yield server


@pytest.fixture
def make_scene(tmp_path: Path, sandbox: SandboxServer) -> Iterator[Callable[..., Scene]]:
    made: list[Scene] = []

    def make(database_url: str = "") -> Scene:
        made.append(Scene(tmp_path, sandbox.url, sandbox.api_key, database_url=database_url))
        return made[-1]

    yield make
    for scene in made:
        scene.close()


def check(rows: list[dict], sandbox: SandboxServer) -> None:
    """Every submission ended ready with a look of its own, and HeyGen made exactly as many."""
    made = sandbox.creations()
    assert [row for row in rows if row["state"] != "ready"] == []
    assert len(made) == SUBMISSIONS
    assert {row["look__heygen_id"] for row in rows} == {row["id"] for row in made}
    assert sorted(row["name"] for row in rows) == sorted(row["name"] for row in made)


def play(scene: Scene, sandbox: SandboxServer, *, rate: float, kills: int, seed: int) -> list[dict]:
    """Two workers side by side, `kills` of them killed one after the other, while HeyGen fails at `rate`."""
    chance = random.Random(seed)
    if rate:
        sandbox.switch(random_faults={"rate": rate, "kinds": FAULTS, "seed": seed})
    scene.ask("store", str(SUBMISSIONS))
    scene.start_worker()
    scene.start_worker()
    for _kill in range(kills):
        time.sleep(chance.uniform(0.4, 1.6))
        scene.kill_one(chance)
    return scene.wait_until_settled(150)


def test_two_workers_side_by_side_create_each_submission_once(make_scene, sandbox):
    check(play(make_scene(), sandbox, rate=0, kills=0, seed=1), sandbox)


@pytest.mark.parametrize("seed", [2, 3])
def test_killed_workers_and_random_faults_neither_lose_nor_repeat(make_scene, sandbox, seed):
    check(play(make_scene(), sandbox, rate=0.15, kills=10, seed=seed), sandbox)


def test_the_same_holds_on_postgresql(make_scene, sandbox, postgres_url):
    check(play(make_scene(postgres_url), sandbox, rate=0.15, kills=8, seed=4), sandbox)
