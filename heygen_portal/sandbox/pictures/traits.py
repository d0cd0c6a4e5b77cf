"""Who is drawn, in what, and where: chosen from ids, and from the words of a prompt where it has some."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .dice import Dice

Colour = tuple[int, int, int]

SKINS: tuple[Colour, ...] = (
    (248, 218, 196),
    (240, 200, 172),
    (229, 182, 148),
    (214, 162, 124),
    (193, 138, 100),
    (164, 112, 78),
    (132, 87, 61),
    (103, 67, 48),
)
HAIRS: dict[str, Colour] = {
    "black": (38, 32, 36),
    "dark": (66, 46, 40),
    "brown": (104, 68, 46),
    "auburn": (138, 70, 44),
    "red": (178, 88, 48),
    "blond": (214, 172, 106),
    "silver": (186, 188, 194),
    "grey": (140, 140, 146),
}
CLOTHES: dict[str, Colour] = {
    "navy": (38, 54, 92),
    "charcoal": (62, 66, 76),
    "teal": (32, 114, 118),
    "forest green": (46, 94, 74),
    "burgundy": (124, 40, 58),
    "mustard": (208, 154, 56),
    "terracotta": (194, 100, 70),
    "sky blue": (112, 158, 206),
    "cream": (236, 226, 206),
    "lilac": (160, 142, 196),
    "white": (240, 241, 244),
    "rose": (214, 134, 140),
    "black": (44, 44, 50),
    "sage": (142, 164, 138),
}
OUTFITS = ("blazer", "shirt", "crew-neck sweater", "T-shirt", "turtleneck", "hoodie", "V-neck sweater")
WOMAN_HAIR = ("long", "bob", "wavy", "bun", "ponytail", "curly", "pixie", "afro")
MAN_HAIR = ("short", "side part", "quiff", "curls", "buzz", "bald", "swept")
BACKDROPS = ("studio", "office", "library", "garden", "window", "loft", "colour wall", "evening city")
BACKDROP_WORDS = {
    "studio": "studio",
    "office": "office",
    "library": "library",
    "garden": "garden",
    "window": "window seat",
    "loft": "loft",
    "colour wall": "colour wall",
    "evening city": "evening city",
}


@dataclass(frozen=True)
class Person:
    """What stays the same in every look of a character."""

    gender: str
    skin: Colour
    hair: Colour
    style: str
    width: float
    jaw: float
    eyes: float
    brows: float
    iris: Colour
    beard: str
    glasses: bool
    freckles: bool
    older: bool
    headscarf: bool


@dataclass(frozen=True)
class Scene:
    """What changes from look to look."""

    outfit: str
    colour_name: str
    colour: Colour
    under: Colour
    backdrop: str
    tint: float
    tilt: float
    smile: float
    side: int
    earrings: bool

    @property
    def words(self) -> str:
        """The scene as a name tells it: ``Navy blazer, office``."""
        return f"{self.colour_name.capitalize()} {self.outfit}, {BACKDROP_WORDS[self.backdrop]}"


_IRISES: tuple[Colour, ...] = ((74, 48, 34), (52, 38, 32), (92, 66, 40), (70, 100, 84), (78, 112, 146))


def _gender(text: str, dice: Dice, known: str | None) -> str:
    if known in ("female", "male"):
        return known
    if re.search(r"\b(woman|female|girl|lady|she|her|grandmother|mother)\b", text):
        return "female"
    if re.search(r"\b(man|male|boy|gentleman|he|his|grandfather|father)\b", text):
        return "male"
    return dice.choose("gender", ("female", "male"))


def _hair(text: str, dice: Dice, skin: int, older: bool) -> Colour:
    said = re.search(r"\b(black|dark|brown|auburn|red|blond|blonde|silver|grey|gray|white)\b[^,.;]{0,24}\bhair", text)
    if said:
        words = {"blonde": "blond", "gray": "grey", "white": "silver"}
        return HAIRS[words.get(said[1], said[1])]
    if older:
        return HAIRS[dice.choose("grey", ("silver", "grey"))]
    light = ("black", "dark", "brown", "brown", "auburn", "red", "blond", "blond")
    return HAIRS[dice.choose("hair", light if skin < 3 else ("black", "black", "dark", "dark", "brown"))]


def _style(text: str, dice: Dice, gender: str) -> str:
    said = {"curly": "curly", "afro": "afro", "bun": "bun", "ponytail": "ponytail", "bob": "bob", "wavy": "wavy"}
    if gender == "female":
        for word, style in said.items():
            if word in text:
                return style
        short = re.search(r"\bshort\b[^,.;]{0,20}\bhair", text)
        long = re.search(r"\blong\b[^,.;]{0,20}\bhair", text)
        return "pixie" if short else "long" if long else dice.choose("style", WOMAN_HAIR)
    if "bald" in text:
        return "bald"
    return "curls" if "curly" in text else dice.choose("style", MAN_HAIR)


def _skin(text: str, dice: Dice) -> int:
    if re.search(r"\b(black (woman|man)|african|nigerian|dark.skinned)\b", text):
        return 6 + int(dice.number("skin") * 2)
    if re.search(r"\b(indian|latina|latino|hispanic|arab|south asian)\b", text):
        return 3 + int(dice.number("skin") * 3)
    if re.search(r"\b(pale|fair|nordic|irish|scandinavian)\b", text):
        return 0
    return int(dice.number("skin") * len(SKINS))


def person(seed: str, gender: str | None = None, prompt: str = "", *, headscarf: bool = False) -> Person:
    """The person behind a character's id."""
    dice, text = Dice(f"person {seed}"), prompt.lower()
    sex = _gender(text, dice, gender)
    older = bool(re.search(r"\b(elderly|older|grand(mother|father)|[5-9]0s|senior)\b", text)) or (
        not text and dice.chance("older", 0.16)
    )
    skin = _skin(text, dice)
    style = _style(text, dice, sex)
    beard = dice.choose("beard", ("", "", "stubble", "short", "full")) if sex == "male" else ""
    if "beard" in text and sex == "male":
        beard = "full"
    return Person(
        gender=sex,
        skin=SKINS[skin],
        hair=_hair(text, dice, skin, older),
        style=style,
        width=dice.between("width", 0.93, 1.06),
        jaw=dice.between("jaw", 0.78, 0.98) - (0.06 if sex == "female" else 0),
        eyes=dice.between("eyes", 0.92, 1.1),
        brows=dice.between("brows", -0.6, 0.7),
        iris=dice.choose("iris", _IRISES if skin < 3 else _IRISES[:3]),
        beard=beard,
        glasses="glasses" in text or (not text and dice.chance("glasses", 0.2)),
        freckles=skin < 3 and dice.chance("freckles", 0.25),
        older=older,
        headscarf=headscarf or bool(re.search(r"hijab|headscarf", text)),
    )


def _said_colour(text: str) -> str | None:
    words = {
        "navy": "navy", "dark blue": "navy", "charcoal": "charcoal", "grey suit": "charcoal", "teal": "teal",
        "green": "forest green", "burgundy": "burgundy", "mustard": "mustard", "yellow": "mustard",
        "terracotta": "terracotta", "orange": "terracotta", "light blue": "sky blue", "sky blue": "sky blue",
        "blue": "sky blue", "cream": "cream", "beige": "cream", "lilac": "lilac", "purple": "lilac",
        "red dress": "burgundy", "pink": "rose", "white shirt": "white", "white coat": "white", "sage": "sage",
    }  # fmt: skip
    return next((name for word, name in words.items() if word in text), None)


def _said_outfit(text: str) -> str | None:
    words = {
        "blazer": "blazer", "suit": "blazer", "jacket": "blazer", "shirt": "shirt", "blouse": "shirt",
        "turtleneck": "turtleneck", "hoodie": "hoodie", "sweater": "crew-neck sweater", "t-shirt": "T-shirt",
    }  # fmt: skip
    return next((name for word, name in sorted(words.items(), key=lambda pair: -len(pair[0])) if word in text), None)


def _said_backdrop(text: str) -> str | None:
    words = {
        "office": "office", "library": "library", "bookshel": "library", "garden": "garden", "park": "garden",
        "outdoor": "garden", "window": "window", "loft": "loft", "city": "evening city", "night": "evening city",
        "skyline": "evening city", "plain background": "colour wall", "studio": "studio",
    }  # fmt: skip
    return next((name for word, name in words.items() if word in text), None)


def scene(seed: str, prompt: str = "") -> Scene:
    """The clothes and the room behind a look's id."""
    dice, text = Dice(f"scene {seed}"), prompt.lower()
    outfit = _said_outfit(text) or dice.choose("outfit", OUTFITS)
    names = [name for name in CLOTHES if name != "white" or outfit != "blazer"]
    colour_name = _said_colour(text) or dice.choose("colour", names)
    return Scene(
        outfit=outfit,
        colour_name=colour_name,
        colour=CLOTHES[colour_name],
        under=dice.choose("under", (CLOTHES["white"], CLOTHES["cream"], CLOTHES["black"], CLOTHES["sky blue"])),
        backdrop=_said_backdrop(text) or dice.choose("backdrop", BACKDROPS),
        tint=dice.number("tint"),
        tilt=dice.between("tilt", -3.0, 3.0),
        smile=dice.between("smile", 0.55, 1.0),
        side=dice.choose("side", (-1, 1)),
        earrings=dice.chance("earrings", 0.45),
    )
