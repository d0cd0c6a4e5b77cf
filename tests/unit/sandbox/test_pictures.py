"""Pictures: steady for an id, the same person in every look, and what a prompt says."""

from __future__ import annotations

import io
import time

from PIL import ImageChops

from heygen_portal.sandbox.pictures import portrait, traits
from heygen_portal.sandbox.pictures.dice import Dice, uid_of

SIZES = [(540, 720), (720, 405), (720, 720)]


def test_it_draws_the_same_picture_again() -> None:
    who, where = traits.person("anna"), traits.scene("look")
    first, second = portrait.draw(who, where, (270, 360)), portrait.draw(who, where, (270, 360))
    assert ImageChops.difference(first, second).getbbox() is None


def test_it_draws_every_size_small_enough_and_soon_enough() -> None:
    portrait.draw(traits.person("warm-up"), traits.scene("warm-up"), SIZES[0])
    for number, size in enumerate(SIZES * 4):
        started = time.process_time()
        picture = portrait.draw(traits.person(f"p{number}"), traits.scene(f"s{number}"), size)
        taken = time.process_time() - started
        target = io.BytesIO()
        picture.save(target, "WEBP", quality=82, method=1)
        assert picture.size == size
        assert target.tell() < 40_000
        # Far above what it takes, so that only a change of order fails here.
        assert taken < 0.5


def test_it_draws_every_hair_outfit_and_backdrop() -> None:
    people = [traits.person(f"p{number}") for number in range(160)]
    scenes = [traits.scene(f"s{number}") for number in range(160)]
    assert {who.style for who in people} == {*traits.WOMAN_HAIR, *traits.MAN_HAIR}
    assert {where.outfit for where in scenes} == set(traits.OUTFITS)
    assert {where.backdrop for where in scenes} == set(traits.BACKDROPS)
    styles = {who.style: who for who in people} | {who.beard: who for who in people}
    styles["scarf"] = traits.person("scarf", "female", headscarf=True)
    for who, where in zip([*styles.values()], scenes, strict=False):
        colours = portrait.draw(who, where, (120, 160)).getcolors(19_200)
        assert colours is None or len(colours) > 200


def test_a_prompt_decides_what_it_names() -> None:
    prompt = "Older woman, 60s, short silver hair, glasses, navy blazer, in a library"
    who, where = traits.person("anything", None, prompt), traits.scene("anything", prompt)
    assert (who.gender, who.hair, who.style, who.glasses, who.older) == (
        "female",
        traits.HAIRS["silver"],
        "pixie",
        True,
        True,
    )
    assert (where.colour_name, where.outfit, where.backdrop) == ("navy", "blazer", "library")
    assert where.words == "Navy blazer, library"


def test_dice_are_steady_and_spread() -> None:
    assert Dice("a").number("x") == Dice("a").number("x")
    drawn = [Dice(str(number)).choose("x", "abcd") for number in range(400)]
    assert all(60 < drawn.count(letter) < 140 for letter in "abcd")
    assert len(uid_of("x")) == 32
