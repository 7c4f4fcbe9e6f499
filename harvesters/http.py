"""The one way to the network: a session with a guard on addresses, time, size, redirects and formats."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import DecodeError, HTTPError, IncompleteRead, ProtocolError, ReadTimeoutError

from harvesters.address import charset_of, check_scheme, is_readable, origin_of, seconds_of, site_of
from harvesters.answer import Fetched, Mark, Question
from harvesters.credentials import Proof
from harvesters.errors import (
    BadStatus,
    BodyTooLarge,
    BodyTruncated,
    ConnectionFailed,
    RedirectRefused,
    SourceUnavailable,
    TimedOut,
    TooManyRedirects,
    Unreadable,
    WebPageInsteadOfData,
    from_requests,
)
from harvesters.guard import Resolve, guarded_pools, resolve
from harvesters.pace import Pace, Reserve
from harvesters.text import is_web_page

__all__ = ["USER_AGENT", "Fetched", "Limits", "Mark", "Session", "origin_of"]

USER_AGENT = "KranjCatalogue/0.1 (+https://podatki.kranj.si/o-portalu; podatki@kranj.si)"
"""Says who asks and whom to write to, so that nobody has to guess and ban (risk R35)."""

_CHUNK = 16 * 1024
_LONGEST_WAIT = 60.0
_LONGEST_VALIDATOR = 500


@dataclass(frozen=True)
class Limits:
    """What one request may take."""

    connect: float = 5.0
    """Seconds to connect."""
    read: float = 20.0
    """Seconds without a byte."""
    total: float = 120.0
    """Seconds for the whole request, redirects and body included."""
    size: int = 50_000_000
    """Bytes of the body after decompression."""
    redirects: int = 3
    attempts: int = 3
    """Tries of a request that failed for a passing reason."""
    back_off: float = 1.0
    """Seconds before the second try; each further one waits four times as long."""
    pause: float = 1.0
    """Seconds between two requests to one host on the open internet."""
    pause_inside: float = 0.0
    """The same for a host that an administrator approved: a system of our own."""
    volume: int = 2_000_000_000
    """Bytes of all bodies of a session together."""
    run: float = 3600.0
    """Seconds a session may ask at all."""


class _GuardedAdapter(HTTPAdapter):
    """Routes every connection of requests through the guarded pools."""

    def __init__(self, pools: dict[str, type[Any]]):
        self._pools = pools
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools


class Session:
    """Reads addresses for one source; connectors get nothing else of the network.

    Example::

        Session(allowed_hosts=["gis.kranj.local"]).get("https://gis.kranj.local/catalog.ttl").text()
    """

    def __init__(  # noqa: PLR0913 what comes from outside is handed in by name
        self,
        *,
        allowed_hosts: Iterable[str] = (),
        limits: Limits | None = None,
        secrets: Mapping[str, Proof] | None = None,
        ca_bundle: str | None = None,
        keep: Callable[[Fetched], None] = lambda answer: None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        resolver: Resolve = resolve,
        reserve: Reserve | None = None,
    ):
        """Make a session.

        Args:
            allowed_hosts: internal hosts that an administrator approved for this source.
            limits: what one request may take.
            secrets: origin (``https://host:port``) -> what only this origin may see.
            ca_bundle: file of certificate authorities, for a source whose own authority signs.
            keep: is shown every complete answer.
            sleep: waits before another try.
            clock: seconds that only grow.
            jitter: 0 to 1, drawn anew for each wait.
            resolver: name -> addresses.
            reserve: keeps the pace of a host together with other sessions.
        """
        self.limits = limits or Limits()
        self.requests_made = 0
        self.marks: list[Mark] = []
        """What was read, so that a later session can ask whether it is still so."""
        self._allowed = frozenset(host.casefold() for host in allowed_hosts)
        self._secrets = dict(secrets or {})
        self._keep = keep
        self._sleep = sleep
        self._clock = clock
        self._jitter = jitter
        self._pace = Pace(clock, sleep, reserve)
        self._end = clock() + self.limits.run
        self._volume = 0
        self._at_hand: dict[tuple[str, str, bytes | None], Fetched] = {}
        self._http = requests.Session()
        self._http.trust_env = False  # no proxies, no .netrc: they would go round the guard
        self._http.verify = ca_bundle or True
        self._http.headers.update({"User-Agent": USER_AGENT})
        adapter = _GuardedAdapter(guarded_pools(self._allowed, resolver))
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, adapter)

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, url: str, *, accept: str = "*/*") -> Fetched:
        """Read one address to the end, trying again when the reason of a failure may pass.

        Raises:
            SourceUnavailable: with a class that names what happened.
        """
        return self._answer(Question("GET", url, accept))

    def post(self, url: str, body: str | bytes, *, content_type: str, accept: str = "*/*") -> Fetched:
        """Ask a question that does not fit into an address (CSW GetRecords); it must be safe to ask twice.

        Raises:
            SourceUnavailable: with a class that names what happened.
        """
        sent = body.encode() if isinstance(body, str) else body
        return self._answer(Question("POST", url, accept, sent, content_type))

    def unchanged(self, marks: Iterable[Mark]) -> bool:
        """Ask whether everything that an earlier session read is still the same, by ETag, date or hash of the body.

        The first answer that differs ends the asking; it is at hand when the connector reads that address.

        Raises:
            SourceUnavailable: the source does not answer.
        """
        asked = list(marks)
        if not asked or (len(asked) > 1 and not all(mark.etag or mark.last_modified for mark in asked)):
            return False  # without validators, asking would mean to read every page twice
        for mark in asked:
            question = Question(mark.method, mark.url, mark.accept, mark.body, mark.content_type)
            answer = self._patiently(question, mark)
            if answer is not None and answer.sha256 != mark.sha256:
                self._at_hand[question.key] = answer
                return False
            self.marks.append(mark if answer is None else question.mark(answer))
        return True

    def _answer(self, question: Question) -> Fetched:
        answer = self._at_hand.pop(question.key, None) or self._patiently(question)
        if answer is None:
            raise BadStatus(question.url, 304)
        self.marks.append(question.mark(answer))
        self._keep(answer)
        return answer

    def _patiently(self, question: Question, mark: Mark | None = None) -> Fetched | None:
        wait = self.limits.back_off
        for attempt in range(1, self.limits.attempts + 1):
            host = urlsplit(question.url).hostname or "" if is_readable(question.url) else ""
            try:
                answer = self._once(question, mark)
            except SourceUnavailable as error:
                if error.transient:
                    self._pace.failed(host)
                if not error.transient or attempt == self.limits.attempts:
                    raise
                asked = error.retry_after if isinstance(error, BadStatus) else None
            else:
                self._pace.worked(host)
                return answer
            pause = asked if asked is not None else wait * (1 + self._jitter() / 4)
            self._sleep(min(pause, _LONGEST_WAIT))
            wait *= 4
        raise ConnectionFailed(question.url, "no attempt allowed")

    def status(self, url: str) -> int:
        """The status of HEAD, redirects followed; of GET, its body unread, where HEAD is refused.

        Raises:
            SourceUnavailable: nobody answers, or the address leads where we do not go.
        """
        start = url
        for _ in range(self.limits.redirects + 1):
            check_scheme(start, url)
            for method in ("HEAD", "GET"):
                with self._ask(Question(method, url, "*/*"), url, None) as response:
                    target = response.headers.get("Location") if response.is_redirect else None
                if response.status_code not in {405, 501}:
                    break
            if target is None:
                return response.status_code
            following = urljoin(url, target)
            check_scheme(url, following)
            self._check_redirect(url, following)
            url = following
        raise TooManyRedirects(start, self.limits.redirects)

    def _once(self, question: Question, mark: Mark | None) -> Fetched | None:
        url = question.url
        end = min(self._clock() + self.limits.total, self._end)
        for _ in range(self.limits.redirects + 1):
            check_scheme(url, url)
            response = self._ask(question, url, mark)
            with response:
                if mark is not None and response.status_code == 304:
                    return None
                target = response.headers.get("Location") if response.is_redirect else None
                if target is None:
                    return self._read(url, response, end, pages="text/html" in question.accept)
                if question.method == "POST" and response.status_code not in {307, 308}:
                    raise RedirectRefused(url, target)
            following = urljoin(url, target)
            check_scheme(url, following)
            self._check_redirect(url, following)
            url = following
        raise TooManyRedirects(url, self.limits.redirects)

    def _check_redirect(self, url: str, following: str) -> None:
        here, there = urlsplit(url), urlsplit(following)
        if here.scheme == "https" and there.scheme == "http":
            raise RedirectRefused(url, following)
        host = (there.hostname or "").casefold()
        if site_of(host) != site_of(here.hostname or "") and host not in self._allowed:
            raise RedirectRefused(url, following)

    def _ask(self, question: Question, url: str, mark: Mark | None) -> requests.Response:
        if self._clock() > self._end:
            raise TimedOut(url, self.limits.run)
        host = urlsplit(url).hostname or ""
        self._pace.wait(host, self.limits.pause_inside if host.casefold() in self._allowed else self.limits.pause)
        self.requests_made += 1
        proof = self._secrets.get(origin_of(url), Proof({}))
        headers = {"Accept": question.accept, **proof.headers}
        if question.content_type:
            headers["Content-Type"] = question.content_type
        if mark is not None:
            headers |= mark.conditions()
        try:
            return self._http.request(
                question.method,
                url,
                params=proof.parameters or None,
                data=question.body,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=(self.limits.connect, self.limits.read),
            )
        except SourceUnavailable:
            raise
        except requests.RequestException as error:
            raise from_requests(url, error, self.limits.read) from error
        except (HTTPError, UnicodeError, ValueError) as error:
            raise ConnectionFailed(url, str(error)) from error

    def _read(self, url: str, response: requests.Response, end: float, *, pages: bool) -> Fetched:
        if response.status_code != 200:
            raise BadStatus(url, response.status_code, seconds_of(response.headers.get("Retry-After", "")))
        content = self._body(url, response, end)
        kind, _, parameters = response.headers.get("Content-Type", "").partition(";")
        kind = kind.strip().casefold()
        if is_web_page(content, kind) and not pages:  # who asks for pages (schema.org) gets them
            raise WebPageInsteadOfData(url)
        headers = response.headers
        return Fetched(
            url,
            content,
            kind,
            charset_of(parameters),
            headers.get("ETag", "")[:_LONGEST_VALIDATOR],
            headers.get("Last-Modified", "")[:_LONGEST_VALIDATOR],
        )

    def _body(self, url: str, response: requests.Response, end: float) -> bytes:
        """Read the body piece by piece, so that neither a trickle nor a bomb gets past the limits."""
        raw = cast("HTTPResponse", response.raw)
        parts: list[bytes] = []
        size = 0
        try:
            while piece := raw.read1(_CHUNK, decode_content=True):
                size += len(piece)
                self._volume += len(piece)
                if size > self.limits.size:
                    raise BodyTooLarge(url, self.limits.size)
                if self._volume > self.limits.volume:
                    raise BodyTooLarge(url, self.limits.volume)
                if self._clock() > end:
                    raise TimedOut(url, self.limits.total)
                parts.append(piece)
        except ReadTimeoutError as error:
            raise TimedOut(url, self.limits.read) from error
        except (IncompleteRead, ProtocolError) as error:
            raise BodyTruncated(url, str(error)) from error
        except DecodeError as error:
            raise Unreadable(url, "compressed body", str(error)) from error
        except HTTPError as error:
            raise ConnectionFailed(url, str(error)) from error
        announced = response.headers.get("Content-Length", "")
        if announced.isdigit() and raw.tell() < int(announced):
            raise BodyTruncated(url, f"{raw.tell()} of {announced} bytes")
        return b"".join(parts)
