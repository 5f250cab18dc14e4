"""A clip shown to others: by a link that opens our private chat at that clip."""

from urllib.parse import quote

from handlers import payloads
from handlers.reply import Button, _
from handlers.request import Request
from storage.clips import ClipView

# A headline needs no more, and an address has its limits.
MAX_WORDS = 200


def share_buttons(request: Request, view: ClipView) -> tuple[Button, ...]:
    """The button that sends a clip to somebody else; none where the platform cannot."""
    if not request.share_link:
        return ()
    url = request.share_link.format(payload=payloads.to_clip(view.id), words=quote(view.clip.title[:MAX_WORDS]))
    return (Button(_("Share"), url=url),)
