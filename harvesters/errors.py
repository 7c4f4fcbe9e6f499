# ruff: noqa: N818 (named by consequence, as the tree says; every one of them ends a sentence, not a word)
"""What can go wrong in a harvest, named by consequence.

::

    HarvestError
    ├── ConfigurationError          the run does not start
    │   ├── MissingSetting
    │   ├── WrongSetting
    │   ├── MissingSecret
    │   ├── UnknownConnector
    │   └── UnknownPreset
    ├── SourceUnavailable           the run stops; what was read is kept, nothing is removed
    │   ├── ConnectionFailed        (may be tried again)
    │   ├── CertificateRefused
    │   ├── TimedOut                (may be tried again)
    │   ├── BadStatus               (may be tried again when the server says it is its own fault)
    │   ├── AddressRefused
    │   ├── TooManyRedirects
    │   ├── RedirectRefused
    │   ├── BodyTooLarge
    │   ├── BodyTruncated           (may be tried again)
    │   ├── WebPageInsteadOfData
    │   ├── Unreadable
    │   ├── ErrorInsteadOfData
    │   ├── EndlessPaging
    │   └── HostGivenUp
    └── BadRecord                   this record is skipped and reported, the run goes on

Messages are built here from typed arguments, so that callers never format text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import requests

from harvesters.redact import redact

_LONGEST_MESSAGE = 500


class HarvestError(Exception):
    """Root of everything the package raises on purpose."""

    code = "harvest-error"
    transient = False
    """Whether trying again shortly may help."""


class ConfigurationError(HarvestError):
    """The run cannot start; somebody must mend the configuration."""

    code = "configuration"


class MissingSetting(ConfigurationError):
    """A setting without a default was not given."""

    code = "missing-setting"

    def __init__(self, connector: str, setting: str):
        super().__init__(f"connector {connector!r} needs the setting {setting!r}")


class WrongSetting(ConfigurationError):
    """A setting is unknown or has a wrong value."""

    code = "wrong-setting"

    def __init__(self, owner: str, setting: str, reason: str):
        super().__init__(f"{owner!r}: setting {setting!r}: {reason}")


class MissingSecret(ConfigurationError):
    """The secret that a source refers to is not on this machine."""

    code = "missing-secret"

    def __init__(self, name: str, variable: str):
        super().__init__(
            f"this machine does not hold the secret {name!r}: set {variable}, or put the file into its folder"
        )


class UnknownConnector(ConfigurationError):
    """No installed package offers a connector of that name."""

    code = "unknown-connector"

    def __init__(self, name: str, known: list[str]):
        super().__init__(f"there is no connector {name!r}; known: {', '.join(known)}")


class UnknownPreset(ConfigurationError):
    """There is no source preset of that slug."""

    code = "unknown-preset"

    def __init__(self, slug: str, known: list[str]):
        super().__init__(f"there is no source preset {slug!r}; known: {', '.join(known)}")


class SourceUnavailable(HarvestError):
    """The source cannot be read (further); the run is incomplete."""

    code = "source-unavailable"


class ConnectionFailed(SourceUnavailable):
    """Name resolution, TCP or TLS failed, or the connection broke."""

    code = "connection-failed"
    transient = True

    def __init__(self, url: str, reason: str):
        super().__init__(f"{shown(url)}: no connection: {clean(reason)}")


class CertificateRefused(SourceUnavailable):
    """The certificate of the source does not hold: it is never read without."""

    code = "certificate-refused"

    def __init__(self, url: str, reason: str):
        super().__init__(f"{shown(url)}: the certificate of the source does not hold: {clean(reason)}")


class TimedOut(SourceUnavailable):
    """The source did not answer, or not to the end, in the time it has."""

    code = "timed-out"
    transient = True

    def __init__(self, url: str, seconds: float):
        super().__init__(f"{shown(url)}: no complete answer in {seconds:g} s")


class BadStatus(SourceUnavailable):
    """The source answered with an HTTP error."""

    code = "bad-status"

    def __init__(self, url: str, status: int, retry_after: float | None = None):
        super().__init__(f"{shown(url)}: HTTP {status}")
        self.status = status
        self.retry_after = retry_after
        self.transient = status in {429, 500, 502, 503, 504}


class AddressRefused(SourceUnavailable):
    """The host resolves to an address inside some network, and the source does not list that host."""

    code = "address-refused"

    def __init__(self, host: str, address: str):
        super().__init__(
            f"{host} is at the internal address {address}; an administrator must allow this host for this source"
        )


class TooManyRedirects(SourceUnavailable):
    """More redirects than a source may send."""

    code = "too-many-redirects"

    def __init__(self, url: str, limit: int):
        super().__init__(f"{shown(url)}: more than {limit} redirects")


class RedirectRefused(SourceUnavailable):
    """A redirect (or an address in the data) leads where we do not go: other schemes, from https to http."""

    code = "redirect-refused"

    def __init__(self, url: str, target: str):
        super().__init__(f"{shown(url)}: will not go to {shown(target)}")


class BodyTooLarge(SourceUnavailable):
    """The answer has more bytes, counted after decompression, than a source may send."""

    code = "body-too-large"

    def __init__(self, url: str, limit: int):
        super().__init__(f"{shown(url)}: the answer is larger than {limit:,} bytes")


class BodyTruncated(SourceUnavailable):
    """The answer ended before its announced length."""

    code = "body-truncated"
    transient = True

    def __init__(self, url: str, reason: str):
        super().__init__(f"{shown(url)}: the answer was cut off: {clean(reason)}")


class WebPageInsteadOfData(SourceUnavailable):
    """The source answered with a web page (a login, an error page with status 200)."""

    code = "web-page"

    def __init__(self, url: str):
        super().__init__(f"{shown(url)}: the source returned a web page instead of data")


class Unreadable(SourceUnavailable):
    """The answer is not in the format it should be in."""

    code = "unreadable"

    def __init__(self, url: str, expected: str, reason: str):
        super().__init__(f"{shown(url)}: not readable as {expected}: {clean(reason)}")


class EndlessPaging(SourceUnavailable):
    """The pages of a source lead in a circle or never end."""

    code = "endless-paging"

    def __init__(self, url: str, reason: str):
        super().__init__(f"{shown(url)}: {clean(reason)}")


class ErrorInsteadOfData(SourceUnavailable):
    """The source reports an error of its own inside an answer with status 200."""

    code = "source-error"

    def __init__(self, url: str, reason: str):
        super().__init__(f"{shown(url)}: the source reports an error: {clean(reason)}")


class HostGivenUp(SourceUnavailable):
    """One host failed so often in a row that it is left alone until the next run."""

    code = "host-given-up"

    def __init__(self, host: str, failures: int):
        super().__init__(f"{clean(host)}: given up for this run after {failures} failures in a row")


class BadRecord(HarvestError):
    """One record cannot be read; it is reported and the run goes on."""

    code = "unreadable-record"

    def __init__(self, guid: str, reason: str):
        super().__init__(f"{guid}: {clean(reason)}")
        self.guid = guid
        self.reason = clean(reason)


def clean(text: str) -> str:
    """A text of a source as it may stand in a message: one line, printable, not endless, without secrets (R27, R34)."""
    printable = "".join(char if char.isprintable() else " " for char in text[: 2 * _LONGEST_MESSAGE])
    short = redact(" ".join(printable.split()))
    return short if len(short) <= _LONGEST_MESSAGE else short[: _LONGEST_MESSAGE - 1] + "…"


def shown(url: str) -> str:
    """An address as it may stand in a message: without user name, password and query (they may be secrets)."""
    scheme, found, rest = clean(url).partition("://")
    if not found:
        return scheme
    host, slash, path = rest.partition("/")
    path, question, _query = path.partition("?")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}{'?…' if question else ''}"


_FROM_REQUESTS: tuple[tuple[type[requests.RequestException], type[SourceUnavailable]], ...] = (
    (requests.exceptions.Timeout, TimedOut),
    (requests.exceptions.SSLError, CertificateRefused),
    (requests.exceptions.ChunkedEncodingError, BodyTruncated),
    (requests.exceptions.ContentDecodingError, Unreadable),
    (requests.exceptions.TooManyRedirects, TooManyRedirects),
    (requests.exceptions.JSONDecodeError, Unreadable),
    (requests.exceptions.InvalidJSONError, Unreadable),
    (requests.exceptions.InvalidURL, RedirectRefused),
    (requests.exceptions.InvalidSchema, RedirectRefused),
    (requests.exceptions.MissingSchema, RedirectRefused),
    (requests.exceptions.URLRequired, RedirectRefused),
    (requests.exceptions.RequestException, ConnectionFailed),
)
"""The one place where exceptions of requests become ours; the first class that fits wins."""


def from_requests(url: str, error: requests.RequestException, seconds: float = 0) -> SourceUnavailable:
    """Translate an exception of requests; an error of ours that it wraps comes out as it was.

    Args:
        url: the address that was asked.
        error: what requests raised.
        seconds: the time the request had.
    """
    for cause in _chain(error):
        if isinstance(cause, SourceUnavailable):
            return cause
    ours = next(mine for theirs, mine in _FROM_REQUESTS if isinstance(error, theirs))
    made: dict[type[SourceUnavailable], Callable[[], SourceUnavailable]] = {
        TimedOut: lambda: TimedOut(url, seconds),
        TooManyRedirects: lambda: TooManyRedirects(url, 0),
        Unreadable: lambda: Unreadable(url, "HTTP body", str(error)),
        RedirectRefused: lambda: RedirectRefused(url, url),
        CertificateRefused: lambda: CertificateRefused(url, str(error)),
        BodyTruncated: lambda: BodyTruncated(url, str(error)),
        ConnectionFailed: lambda: ConnectionFailed(url, str(error)),
    }
    return made[ours]()


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, what it carries as arguments or reason, and what it was raised from."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]
