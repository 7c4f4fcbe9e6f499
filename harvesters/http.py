"""The one way to the network: a session with a guard on addresses, time, size, redirects and formats."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import DecodeError, HTTPError, IncompleteRead, ProtocolError, ReadTimeoutError

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
from harvesters.text import decode, is_web_page

USER_AGENT = "KranjCatalogue/0.1 (+https://podatki.kranj.si/o-portalu; podatki@kranj.si)"
"""Says who asks and whom to write to, so that nobody has to guess and ban (risk R35)."""

_CHUNK = 16 * 1024
_LONGEST_WAIT = 60.0


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


@dataclass(frozen=True)
class Fetched:
    """A complete answer."""

    url: str
    content: bytes
    content_type: str
    charset: str | None

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of the body."""
        return hashlib.sha256(self.content).hexdigest()

    def text(self) -> tuple[str, str | None]:
        """The body as text, and the charset when it had to be guessed."""
        return decode(self.content, self.charset)

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            Unreadable: it is not JSON.
        """
        try:
            return json.loads(self.text()[0])
        except (ValueError, RecursionError) as error:
            raise Unreadable(self.url, "JSON", str(error)) from error


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

    def __init__(
        self,
        *,
        allowed_hosts: Iterable[str] = (),
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        resolver: Resolve = resolve,
    ):
        """Make a session.

        Args:
            allowed_hosts: internal hosts that an administrator approved for this source.
            limits: what one request may take.
            sleep: waits before another try.
            clock: seconds that only grow.
            resolver: name -> addresses.
        """
        self.limits = limits or Limits()
        self.requests_made = 0
        self._sleep = sleep
        self._clock = clock
        self._http = requests.Session()
        self._http.trust_env = False  # no proxies, no .netrc: they would go round the guard
        self._http.headers.update({"User-Agent": USER_AGENT})
        adapter = _GuardedAdapter(guarded_pools(allowed_hosts, resolver))
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
        wait = self.limits.back_off
        for attempt in range(1, self.limits.attempts + 1):
            try:
                return self._once(url, accept)
            except SourceUnavailable as error:
                if not error.transient or attempt == self.limits.attempts:
                    raise
                asked = error.retry_after if isinstance(error, BadStatus) else None
            self._sleep(min(asked if asked is not None else wait, _LONGEST_WAIT))
            wait *= 4
        raise ConnectionFailed(url, "no attempt allowed")

    def status(self, url: str) -> int:
        """The status of HEAD, redirects followed; of GET, its body unread, where HEAD is refused.

        Raises:
            SourceUnavailable: nobody answers, or the address leads where we do not go.
        """
        start = url
        for _ in range(self.limits.redirects + 1):
            _check_scheme(start, url)
            for method in ("HEAD", "GET"):
                with self._ask(url, "*/*", method) as response:
                    target = response.headers.get("Location") if response.is_redirect else None
                if response.status_code not in {405, 501}:
                    break
            if target is None:
                return response.status_code
            url = urljoin(url, target)
        raise TooManyRedirects(start, self.limits.redirects)

    def _once(self, url: str, accept: str) -> Fetched:
        end = self._clock() + self.limits.total
        for _ in range(self.limits.redirects + 1):
            _check_scheme(url, url)
            response = self._ask(url, accept)
            with response:
                target = response.headers.get("Location") if response.is_redirect else None
                if target is None:
                    return self._read(url, response, end)
            following = urljoin(url, target)
            _check_scheme(url, following)
            if urlsplit(url).scheme == "https" and urlsplit(following).scheme == "http":
                raise RedirectRefused(url, following)
            url = following
        raise TooManyRedirects(url, self.limits.redirects)

    def _ask(self, url: str, accept: str, method: str = "GET") -> requests.Response:
        self.requests_made += 1
        try:
            return self._http.request(
                method,
                url,
                headers={"Accept": accept},
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

    def _read(self, url: str, response: requests.Response, end: float) -> Fetched:
        if response.status_code != 200:
            raise BadStatus(url, response.status_code, _retry_after(response))
        content = self._body(url, response, end)
        kind, _, parameters = response.headers.get("Content-Type", "").partition(";")
        kind = kind.strip().casefold()
        if is_web_page(content, kind):
            raise WebPageInsteadOfData(url)
        return Fetched(url, content, kind, _charset(parameters))

    def _body(self, url: str, response: requests.Response, end: float) -> bytes:
        """Read the body piece by piece, so that neither a trickle nor a bomb gets past the limits."""
        raw = cast("HTTPResponse", response.raw)
        parts: list[bytes] = []
        size = 0
        try:
            while piece := raw.read1(_CHUNK, decode_content=True):
                size += len(piece)
                if size > self.limits.size:
                    raise BodyTooLarge(url, self.limits.size)
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


def _check_scheme(url: str, target: str) -> None:
    try:
        parts = urlsplit(target)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise RedirectRefused(url, target)


def _charset(parameters: str) -> str | None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().casefold() == "charset":
            return value.strip().strip("\"'") or None
    return None


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
