"""One place where HTTP sessions towards HeyGen are made, and the rules every session keeps."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import requests

USER_AGENT = "HeyGen-Portal/0.1"

_QUERY = re.compile(r"\?\S*")


@dataclass(frozen=True)
class Timeouts:
    """(connect, read) seconds by kind of request, after the budgets HeyGen's own CLI allows itself.

    The read figure bounds the silence before the answer, and then the time its body may take, so a request ends
    after about connect + 2 x read seconds. Not bounded are the name lookup, headers that drip, and the whole of a
    long upload: there each block must leave within the connect figure.
    """

    read: tuple[float, float] = (5, 30)
    write: tuple[float, float] = (5, 120)
    upload: tuple[float, float] = (10, 600)


class _Session(requests.Session):
    """Sees no redirects: even when told not to follow one, the library would read its whole body into memory."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def make_session(*, proxy: str | None = None, ca_bundle: str | None = None) -> requests.Session:
    """A requests session that takes nothing from its surroundings.

    ``trust_env`` is off on purpose: a .netrc entry would add an Authorization header that bills another plan, and
    a proxy in the environment would see consent links. Where a proxy or a private CA is wanted, it is passed in.
    Cookies are neither kept nor sent; nothing is repeated or redirected by the session.
    """
    session = _Session()
    session.trust_env = False
    session.headers["User-Agent"] = USER_AGENT
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    if proxy:
        session.proxies = {"http": proxy, "https": proxy}
    if ca_bundle:
        session.verify = ca_bundle
    return session


class _HideQueries(logging.Filter):
    """Cuts queries out of urllib3's own log lines: at debug level it prints signed addresses whole."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_QUERY.sub("?...", arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


for _name in ("urllib3.connectionpool", "urllib3.connection"):
    logging.getLogger(_name).addFilter(_HideQueries())
