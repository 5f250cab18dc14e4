"""Which items are the same: a canonical URL, and the keys of an item from the surest to the weakest."""

import hashlib
import posixpath
import re
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode, urlsplit, urlunsplit

from handlers.news.items import RawItem

_KEY_HEX = 40
_MAX_STEPS = 20
# Parameters that say where a reader came from, not what the page is.
_TRACKING_PREFIXES = (
    "utm_",
    "at_",
    "ns_",
    "pk_",
    "mtm_",
    "piwik_",
    "matomo_",
    "hsa_",
    "_hs",
    "mc_",
    "wt_",
    "wt.",
    "oly_",
    "vero_",
)
_TRACKING = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid",
    "igshid", "igsh", "li_fat_id", "mkt_tok", "_ga", "_gl", "ref_src", "ref_url", "cmpid", "cmp", "xtor",
    "smid", "smtyp", "ito", "icid", "ocid", "partner", "__twitter_impression", "maca", "spm", "cvid", "rss",
    "feature", "share", "sharetype", "campaign_id", "wtmc", "wt_mc", "mbid", "sref", "s_cid", "spref",
    "source_feed", "feed_id", "traffic_source",
})  # fmt: skip
_AMP_VALUES = {"amp": {"", "1", "true"}, "outputtype": {"amp"}}
_MOBILE_LABELS = frozenset({"m", "mobile", "amp", "mobil"})
_AMP_PATH = re.compile(r"(?:/amp/?|\.amp)$", re.IGNORECASE)
_AMP_FILE = re.compile(r"\.amp(?=\.html?$)", re.IGNORECASE)
_GOOGLE_AMP = re.compile(r"^/amp/(?P<s>s/)?(?P<rest>[^/]+\.[^/]+/.*)$")
_CDN_AMP = re.compile(r"^/(?:[a-z]/)?(?P<s>s/)?(?P<rest>[^/]+\.[^/]+/.*)$")
_KEPT_IN_PATH = "/!$&'()*+,;=:@~%-._"


def canonical_url(url: str) -> str:
    """The address that stands for all the addresses of one article; "" where it is no http(s) address.

    Idempotent. For telling items apart, not for opening: a mobile host may have no twin.
    """
    current = url.strip()
    for _ in range(_MAX_STEPS):
        following = _step(current)
        if following == current:
            return current
        current = following
    return ""  # wrapped in so many caches and mobile names that it is no honest address


def keys(item: RawItem, *, source_key: str) -> tuple[str, ...]:
    """The item's identity, surest first: the source's own id, the canonical URL, title and text.

    The first is the primary key. An item is known if any of its keys is; ids and texts count within
    one source, URLs everywhere. Each key is its kind, a colon and 40 hex digits of SHA-256.

    Args:
        item: the item as its source published it.
        source_key: what stays the same for a source however its name is written.
    """
    found = []
    if item.external_id:
        # An id that is an address gets the same freedom as one: a tracking parameter makes no new clip.
        own_id = canonical_url(item.external_id) or item.external_id
        found.append(_key("id", source_key, own_id))
    if (address := _address(item.url)) is not None:
        found.append(_key("url", address))
    found.append(_key("text", source_key, _folded(item.title), *map(_folded, item.paragraphs or (item.teaser,))))
    return tuple(found)


def content_hash(item: RawItem) -> str:
    """40 hex digits that change when what a reader reads of the item changes: title, teaser, text."""
    return _digest(item.title, item.teaser, "", *item.paragraphs)


def _address(url: str) -> str | None:
    """What identifies an article in its URL; None for a home page, to which a poor feed links every item."""
    parts = urlsplit(canonical_url(url))
    path = parts.path.rstrip("/")
    if not parts.netloc or (not path and not parts.query):
        return None
    return f"{parts.netloc.removeprefix('www.')}{path}?{parts.query}"


def _key(kind: str, *parts: str) -> str:
    return f"{kind}:{_digest(kind, *parts)}"


def _digest(*parts: str) -> str:
    joined = "".join(f"{len(part)}:{part}" for part in parts)  # lengths keep the parts apart
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_HEX]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _step(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    scheme = parts.scheme.lower()
    if scheme not in {"http", "https"} or not host:
        return ""
    if inner := _inside_amp(host, parts.path, parts.query):
        return inner
    host = _host(host)
    if not host:
        return ""
    netloc = host if port in {None, 80, 443} else f"{host}:{port}"
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    return urlunsplit((scheme, netloc, _path(parts.path), _query(parts.query), _quoted(fragment)))


def _inside_amp(host: str, path: str, query: str) -> str:
    """The article's own address out of that of an AMP cache, "" where it is none.

    Source: AMP documentation, "AMP Cache URLs and request handling".
    """
    if host.endswith(".cdn.ampproject.org"):
        match = _CDN_AMP.match(path)
    elif re.fullmatch(r"(?:www\.)?google\.[a-z.]{2,6}", host):
        match = _GOOGLE_AMP.match(path)
    else:
        return ""
    if not match:
        return ""
    return f"{'https' if match['s'] else 'http'}://{match['rest']}" + (f"?{query}" if query else "")


def _host(host: str) -> str:
    host = host.rstrip(".").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    if ":" in host:
        return f"[{host}]"
    if re.search(r"[^a-z0-9._~-]", host):
        return ""
    labels = host.split(".")
    # Not the only label before a public suffix: m.de stays; en.m.wikipedia.org becomes en.wikipedia.org.
    for at in (0, 1):
        if len(labels) - at > 2 and labels[at] in _MOBILE_LABELS:
            del labels[at]
            break
    return ".".join(labels)


def _path(path: str) -> str:
    path = _quoted(path) or "/"
    path = re.sub(r"/{2,}", "/", path)
    if "/." in path:
        slash = "/" if path.endswith(("/", "/.", "/..")) else ""
        path = posixpath.normpath(path).rstrip("/") + slash
        path = "/" + path.lstrip("/")
    return _AMP_FILE.sub("", _AMP_PATH.sub("", path)) or "/"


def _quoted(text: str) -> str:
    """Percent-encoding in one form. Source: RFC 3986, 6.2.2."""
    return re.sub(
        r"(?:%[0-9A-Fa-f]{2})+|[^%]+|%",
        lambda m: (
            quote(unquote_to_bytes(m.group()), safe="-._~")
            if m.group()[:1] == "%" and len(m.group()) > 1
            else quote(m.group(), safe=_KEPT_IN_PATH, errors="replace")
            if m.group() != "%"
            else "%25"
        ),
        text,
    )


def _query(query: str) -> str:
    kept = []
    for name, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=None):
        folded = name.lower()
        if folded in _TRACKING or folded.startswith(_TRACKING_PREFIXES) or value.lower() in _AMP_VALUES.get(folded, ()):
            continue
        kept.append((name, value))
    return urlencode(sorted(kept), errors="surrogateescape")
