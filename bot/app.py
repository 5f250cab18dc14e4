"""The composition root: the only place that builds the parts and connects them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import TypeVar

from bot import clock as wall
from bot import i18n, models, seeds
from bot.articles import FullTexts
from bot.clock import Clock
from bot.config import Settings
from bot.encoders import EndpointEncoder, LocalEncoder, is_local_there
from bot.errors import ConfigError
from bot.fetch import Fetcher
from bot.jobs.poll import Poller
from bot.models import Endpoint, EndpointWriter, origin
from bot.pages import FetchedPages
from bot.robots import Robots
from handlers import registry
from handlers.context import Services
from handlers.dispatch import Dispatcher
from handlers.intake import Intake
from handlers.nearby import Nearby
from handlers.ports import Desk, Encoder, Writer
from storage.database import Database

T = TypeVar("T")
NEWS_LANGUAGES = ("de", "en", "ru", "fr")


@dataclass(frozen=True)
class Core:
    """The parts that every way of running the bot shares."""

    settings: Settings
    clock: Clock
    db: Database
    fetcher: Fetcher
    intake: Intake
    services: Services
    dispatcher: Dispatcher
    poller: Poller


async def offload(function: Callable[[], T]) -> T:
    """Run a slow pure function in a thread."""
    return await asyncio.to_thread(function)


@asynccontextmanager
async def open_core(settings: Settings, clock: Clock = wall.now) -> AsyncIterator[Core]:
    """Open the database and build what stands on it.

    Raises:
        StorageError: the database cannot be used.
        OperatorError: the topics of the operator cannot be read, or the default language is none of ours.
    """
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(await Database.open(settings.database_url))
        await seeds.ensure_topics(db)
        fetcher = await stack.enter_async_context(
            Fetcher(
                contact=settings.contact,
                now=clock,
                version=version("kurzclips"),
                allow_private=settings.may_reach_private,
            )
        )
        desk = _desk(settings)
        writer, encoder = await stack.enter_async_context(open_models(settings, clock))
        if encoder is None and settings.embeddings == "auto" and is_local_there():
            encoder = LocalEncoder(offload)
        intake = Intake(db, desk, offload, encoder)
        services = Services(
            db=db,
            desk=desk,
            pages=FetchedPages(fetcher),
            offload=offload,
            registry=registry.load(),
            intake=intake,
            encoder=encoder,
            nearby=Nearby(encoder.name) if encoder is not None else None,
            writer=writer,
        )
        interval = settings.poll_interval_seconds
        articles = FullTexts(fetcher, Robots(fetcher, clock), offload, clock, NEWS_LANGUAGES)
        poller = Poller(
            db,
            fetcher,
            intake,
            offload,
            clock,
            interval=timedelta(seconds=interval) if interval is not None else None,
            articles=articles if settings.full_text else None,
        )
        yield Core(settings, clock, db, fetcher, intake, services, Dispatcher(services), poller)


@asynccontextmanager
async def open_models(settings: Settings, clock: Clock) -> AsyncIterator[tuple[Writer | None, Encoder | None]]:
    """What the operator's endpoints give; None for what is not configured."""
    if not settings.llm_url and not settings.embeddings_url:
        yield None, None
        return
    async with models.open_client() as client:
        key, writer, encoder = settings.llm_api_key, None, None
        if settings.llm_url:
            writer = EndpointWriter(Endpoint(client, settings.llm_url, key, clock), settings.llm_model)
        if settings.embeddings_url:
            # A key is for the server that it was given for.
            is_same = not settings.llm_url or origin(settings.llm_url) == origin(settings.embeddings_url)
            endpoint = Endpoint(client, settings.embeddings_url, key if is_same else None, clock)
            encoder = EndpointEncoder(endpoint, settings.embeddings_model)
        yield writer, encoder


def _desk(settings: Settings) -> Desk:
    spoken = i18n.languages()
    if settings.default_language not in spoken:
        msg = f"KURZCLIPS_DEFAULT_LANGUAGE: {settings.default_language[:20]!r} is none of {', '.join(spoken)}."
        raise ConfigError(msg)
    return Desk(
        languages=tuple(dict.fromkeys((settings.default_language, *spoken))),
        news_languages=NEWS_LANGUAGES,
        default_timezone=settings.default_timezone,
        contact=settings.contact,
        version=version("kurzclips"),
        messages_per_second=settings.telegram_rate_per_second,
        writings_per_day=settings.llm_calls_per_day,
    )
