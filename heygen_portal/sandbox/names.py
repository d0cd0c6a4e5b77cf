"""People of the seeded library: names from many places, with the gender their picture is drawn in."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


WOMEN = _words(
    "Amara Okafor|Sofia Lindqvist|Mei Tanaka|Priya Raman|Chloé Laurent|Zainab Yusuf|Hannah Weiss|Lucía Fernández|"
    "Aylin Demir|Grace Mwangi|Ingrid Solberg|Noor Haddad|Emma Doyle|Valentina Rossi|Linh Nguyễn|Thandiwe Dlamini|"
    "Olga Petrenko|Camila Duarte|Yuna Park|Aisha Bello|Freja Madsen|Marta Kowalska|Anjali Deshpande|Leila Farahani|"
    "Isabel Moreno|Adaeze Eze|Katarína Horváthová|Rina Sato|Maya Goldberg|Elif Kaya|Bianca Moretti|Sinead Murphy|"
    "Ngozi Umeh|Alma Hernández|Petra Novák|Dina Mansour|Jasmine Carter|Hye-jin Choi|Tara Kapoor|Mariam Diallo|"
    "Eleni Papadaki|Saskia de Vries|Fatou Ndiaye|Rebecca Stone|Xiu Ying Chen|Carmen Vidal|Naledi Molefe|Astrid Berg|"
    "Samira Rahimi|Julia Brandt|Pilar Castro|Keiko Mori|Odette Mbeki|Nadia Popescu|Ana Clara Souza|Heidi Virtanen|"
    "Shirin Jafari|Bridget O'Neill|Lakshmi Iyer|Wanjiru Kamau|Vera Sokolova|Daniela Quispe"
)
MEN = _words(
    "Mateo Alvarez|Kwame Mensah|Jonas Richter|Hiro Nakamura|Arjun Mehta|Liam Byrne|Omar Khalil|Lars Eriksen|"
    "Thabo Nkosi|Diego Ramírez|Pierre Dubois|Minh Trần|Emre Şahin|Samuel Adeyemi|Nikolai Volkov|Rafael Costa|"
    "Joon-ho Kim|Ibrahim Sesay|Marco Bianchi|Tomasz Zieliński|Wei Zhang|Daniel Cohen|Vikram Singh|Andrei Ionescu|"
    "Eero Salonen|Babak Rostami|Henry Whitfield|Chidi Obi|Luka Kovač|Tariq Aziz|Oscar Nyström|Felipe Rojas|"
    "Kenji Watanabe|Malik Johnson|Bram Jansen|Stefan Keller|Rohan Pillai|Sipho Khumalo|Giorgos Nikolaou|Ethan Brooks|"
    "Hassan Benali|Viktor Szabó|Alejandro Gil|Yusuf Özkan|Patrick Gallagher|Koffi Mensah|Antoine Moreau|Ravi Shankar|"
    "Dmitri Orlov|Bayu Santoso|Gabriel Pereira|Noah Feldman|Tunde Bakare|Erik Halvorsen|Javier Ortega|Seo-jun Lee|"
    "Amir Hosseini|Callum Fraser|Matteo Conti|Kofi Boateng|Niklas Vogel|Pavel Dvořák"
)
ROLES = _words(
    "Product explainer|Support agent|Sales trainer|News presenter|Onboarding host|Fitness coach|Language teacher|"
    "Chef|Doctor|Financial adviser|Travel guide|Tech reviewer|Storyteller|Safety instructor|Recruiter|Architect"
)
TAGS = ("business", "casual", "professional", "friendly", "lifestyle", "education", "ugc", "newsroom", "healthcare")


def everybody() -> list[tuple[str, str]]:
    """Name and gender of each person, women and men in turn."""
    return [
        pair for both in zip(((n, "female") for n in WOMEN), ((n, "male") for n in MEN), strict=True) for pair in both
    ]


# Given names that often appear in trials, so that a picture drawn for one is not a surprise.
_MORE_WOMEN = _words(
    "Anna|Ana|Anne|Sarah|Sara|Maria|Marie|Laura|Lisa|Julie|Kate|Emily|Olivia|Ava|Mia|Alice|Eva|Nina|Clara|Jane|Jana|"
    "Lucy|Ella|Zoe|Amelia|Charlotte|Sophie|Elena|Irina|Yuki|Fatima|Layla|Bea|Nora|Rosa|Helen|Linda|Susan|Karen|Amy"
)
_MORE_MEN = _words(
    "John|James|Robert|Michael|David|William|Thomas|Peter|Paul|Mark|Martin|Max|Leo|Ben|Tom|Sam|Adam|Alex|Jack|Felix|"
    "Lukas|Jan|Juan|Carlos|Luis|Ahmed|Ali|Mohammed|Ivan|Igor|Jonah|Marek|Bob|Bill|George|Simon|Anton|Victor|Hugo|Ken"
)


_HEADSCARF = frozenset(_words("Zainab Yusuf|Noor Haddad|Aisha Bello|Mariam Diallo|Samira Rahimi|Yara Haddad"))


def wears_headscarf(name: str) -> bool:
    """Whether this person of the library is drawn with a headscarf."""
    return name.split(",", 1)[0] in _HEADSCARF


def gender_of(name: str) -> str | None:
    """How a person of that name is drawn; None when the name does not tell."""
    given = {word.lower() for word in name.replace("[", " ").replace("]", " ").split()}
    women = {full.split()[0].lower() for full in (*WOMEN, *_MORE_WOMEN)}
    men = {full.split()[0].lower() for full in (*MEN, *_MORE_MEN)}
    if given & women:
        return "female"
    return "male" if given & men else None
