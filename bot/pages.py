"""The pages that people point at: the fetcher as the port that handlers know."""

from bot.fetch import FetchCode, Fetched, Fetcher, FetchError
from handlers.ports import Page, PageError

_MEANING = {
    FetchCode.BAD_URL: PageError.BAD_URL,
    FetchCode.PORT_REFUSED: PageError.PRIVATE,
    FetchCode.PRIVATE_ADDRESS: PageError.PRIVATE,
    FetchCode.TIMEOUT: PageError.TIMEOUT,
    FetchCode.TOO_LARGE: PageError.TOO_LARGE,
    FetchCode.GONE: PageError.NOT_FOUND,
    FetchCode.RETRY_AFTER: PageError.REFUSED,
}


class FetchedPages:
    """Gets pages from public addresses."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def get(self, url: str) -> Page | PageError:
        """The page, or why it can't be had."""
        outcome = await self._fetcher.fetch(url, is_prompt=True)
        if isinstance(outcome, Fetched):
            return Page(outcome.url, outcome.body, outcome.content_type)
        if isinstance(outcome, FetchError):
            if outcome.code is FetchCode.HTTP_STATUS:
                return PageError.NOT_FOUND if outcome.status == 404 else PageError.REFUSED
            return _MEANING.get(outcome.code, PageError.UNREACHABLE)
        return PageError.REFUSED
