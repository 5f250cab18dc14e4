"""What goes wrong between the bot and its homeserver: logins, limits, a homeserver that is down."""

import asyncio
import logging
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import doctor
from bot.config import Settings
from bot.errors import ConfigError, PlatformRefused
from bot.platforms.matrix.account import MatrixAccount
from bot.platforms.matrix.trouble import MatrixError, failure_of
from bot.platforms.outgoing import Failure, SendError
from handlers.reply import say
from tests.bot.matrix.conftest import Naps, Open
from tests.bot.matrix.person import Person
from tests.bot.matrix.test_send import DIGEST, Told, outgoing, sent
from tests.fakes.synapse import RELAXED, Account, Synapse, open_synapse
from tests.make import NOW, MovableClock


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """A homeserver that takes few messages and joins a second."""
    few = {"per_second": 4, "burst_count": 4}
    limits = {**RELAXED, "rc_message": few, "rc_joins": {"local": {"per_second": 2, "burst_count": 1}}}
    with open_synapse(tmp_path_factory.mktemp("strict"), limits) as running:
        yield running


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.02)


async def is_in_room(anna: Person, bot: Account) -> str:
    room = await anna.makes_room(bot.user_id, is_direct=True)
    await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
    return room


async def devices(anna: Person, user_id: str) -> set[str]:
    found = await anna.call("POST", "/keys/query", {"device_keys": {user_id: []}})
    return set(found["device_keys"].get(user_id, {}))


async def test_the_password_is_used_once_and_everything_kept_is_for_its_owner_only(
    account_on: Open, anna: Person, bot: Account, tmp_path: Path
) -> None:
    async with account_on():
        room = await is_in_room(anna, bot)
    async with account_on(matrix_password=None):
        await anna.says(room, "!help")
        await anna.hears(room, bot.user_id)
        assert len(await devices(anna, bot.user_id)) == 1
    files = [path for path in (tmp_path / "matrix").iterdir() if not path.name.endswith("-journal")]
    assert {path.name for path in files} == {"login.json", "sync.json", "cross_signing.json", "keys.db"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert bot.password not in "".join(path.read_text(errors="replace") for path in files)


async def test_an_access_token_is_enough(account_on: Open, anna: Person, bot: Account) -> None:
    async with account_on(matrix_access_token=bot.token, matrix_password=None, matrix_user=""):
        room = await is_in_room(anna, bot)
        await anna.says(room, "!help")
        await anna.hears(room, bot.user_id)
        assert await devices(anna, bot.user_id) == {bot.device_id}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"matrix_password": "wrong"}, "does not accept the password of @kurz"),
        ({"matrix_password": None}, "needs KURZCLIPS_MATRIX_PASSWORD"),
        ({"matrix_access_token": "syt_wrong", "matrix_password": None}, "does not accept the login"),
    ],
)
async def test_a_login_that_is_refused_is_said_in_one_sentence(
    account_on: Open, settings: dict[str, object], words: str
) -> None:
    with pytest.raises(PlatformRefused, match=words) as caught:
        async with account_on(**settings):
            pass
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"matrix_user": ""}, "MATRIX_USER is missing"),
        ({"matrix_store": Path("/proc/nowhere")}, "MATRIX_STORE: /proc/nowhere cannot be used"),
    ],
)
async def test_a_setting_that_cannot_be_used_is_named(
    account_on: Open, settings: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        async with account_on(**settings):
            pass


async def test_a_login_that_is_ended_while_the_bot_runs_is_said_once_and_asked_for_no_more(
    account_on: Open, anna: Person, bot: Account, naps: Naps, caplog: pytest.LogCaptureFixture, synapse: Synapse
) -> None:
    async with account_on(matrix_access_token=bot.token) as account:
        room = await is_in_room(anna, bot)
        await sent(account, outgoing(room, say("before")), Told())
        async with Person.of(bot, synapse.url).http as http:
            await http.post("/_matrix/client/v3/logout", json={})
        await until(lambda: account.trouble)
        naps.taken_s.clear()
        with pytest.raises(SendError) as caught:
            await account.sender.send(outgoing(room, say("after"), "delivery-8"), Told())
        assert (caught.value.failure, caught.value.code, caught.value.lane_wide) == (Failure.RETRY, "token", True)
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(lines) == 1
    assert "KURZCLIPS_MATRIX_ACCESS_TOKEN" in lines[0]
    assert bot.token not in caplog.text
    assert naps.taken_s == []
    with pytest.raises(PlatformRefused, match="does not accept the login"):
        async with account_on(matrix_access_token=bot.token, matrix_password=None):
            pass
    # With the password it begins anew by itself, also where the old token is still set.
    for number in (2, 3):
        async with account_on(matrix_access_token=bot.token):
            await anna.says(room, "!help")
            assert (await anna.hears(room, bot.user_id, number))["content"]["body"] == "help"


async def test_a_homeserver_that_is_down_is_waited_for_with_growing_pauses(
    account_on: Open,
    naps: Naps,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    person_of: Callable[..., Person],
    clock: MovableClock,
) -> None:
    with open_synapse(tmp_path / "own") as own:
        bot, anna = own.register("kurz"), person_of(on=own)
        own.stop()
        async with account_on(matrix_homeserver=own.url, matrix_user=bot.user_id, wait=False) as account:
            await until(lambda: len(naps.taken_s) >= 4)
            assert account.hindrance.startswith("Matrix cannot be reached; trying on: ")
            waiting = await refused(account)
            assert (waiting.failure, waiting.code, waiting.lane_wide) == (Failure.RETRY, "not_connected", True)
            await asyncio.to_thread(own.start)
            await until(lambda: account.is_ready)
            await until(lambda: not account.hindrance)
            room = await is_in_room(anna, bot)
            clock.move(minutes=11)
            own.stop()
            naps.taken_s.clear()
            await until(lambda: len(naps.taken_s) >= 3)
            assert (await refused(account, room)).code == "unreachable"
            await asyncio.to_thread(own.start)
            await anna.says(room, "!help")
            await anna.hears(room, bot.user_id)
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(lines) == 2
    assert all("Matrix cannot be reached" in line for line in lines)


@pytest.mark.parametrize(
    ("status", "code", "failure", "is_lane_wide"),
    [
        (403, "M_FORBIDDEN", Failure.GONE, False),
        (403, "M_RESOURCE_LIMIT_EXCEEDED", Failure.RETRY, True),
        (403, "M_USER_SUSPENDED", Failure.RETRY, True),
        (401, "M_USER_LOCKED", Failure.RETRY, True),
        (401, "M_UNAUTHORIZED", Failure.RETRY, True),
        (404, "M_NOT_FOUND", Failure.MISSING, False),
        (413, "M_TOO_LARGE", Failure.REJECTED, False),
        (502, "M_UNKNOWN", Failure.RETRY, False),
    ],
)
def test_a_refusal_of_the_account_costs_no_room_its_digests(
    status: int, code: str, failure: Failure, is_lane_wide: bool
) -> None:
    found = failure_of(MatrixError(status, code), NOW)
    assert (found.failure, found.lane_wide) == (failure, is_lane_wide)


async def refused(account: MatrixAccount, room: str = "!nowhere") -> SendError:
    with pytest.raises(SendError) as caught:
        await account.sender.send(outgoing(room, say("words")), Told())
    return caught.value


async def test_a_homeserver_that_wants_less_is_obeyed_by_deliveries_and_answers(
    account_on: Open, strict: Synapse, clock: MovableClock, person_of: Callable[..., Person]
) -> None:
    bot, anna = strict.register("kurz"), person_of(on=strict)
    async with account_on(matrix_homeserver=strict.url, matrix_user=bot.user_id) as account:
        room = await is_in_room(anna, bot)
        await sent(account, outgoing(room, say("0"), "delivery-0"), Told())
        with pytest.raises(SendError) as caught:
            for number in range(1, 20):
                await account.sender.send(outgoing(room, say(str(number)), f"delivery-{number}"), Told())
        limited = caught.value
        assert (limited.failure, limited.code, limited.lane_wide) == (Failure.RETRY, "flood", True)
        assert limited.retry_at is not None
        assert limited.retry_at > clock()
        await anna.says(room, "!help")
        heard = await anna.until(
            lambda: [each for each in anna.messages(room, bot.user_id) if each["content"]["body"] == "help"]
        )
        assert len(heard) == 1


async def test_a_digest_that_has_begun_to_arrive_is_not_interrupted_by_a_homeserver_that_wants_less(
    account_on: Open, strict: Synapse, person_of: Callable[..., Person]
) -> None:
    bot, anna = strict.register("kurz"), person_of(on=strict)
    begun = [Told() for _ in range(4)]
    async with account_on(matrix_homeserver=strict.url, matrix_user=bot.user_id, sleep=asyncio.sleep) as account:
        room = await is_in_room(anna, bot)
        await sent(account, outgoing(room, say("ready"), "delivery-0"), Told())
        sending = (
            account.sender.send(outgoing(room, DIGEST, f"delivery-{number}"), told)
            for number, told in enumerate(begun, 1)
        )
        outcomes = await asyncio.gather(*sending, return_exceptions=True)
    refusals = [each for each in outcomes if isinstance(each, SendError)]
    assert [each.code for each in refusals] == ["flood"] * len(refusals)
    assert not any(each.parts for each in refusals)
    assert sorted(len(told.parts) for told in begun) == [0] * len(refusals) + [3] * (4 - len(refusals))
    assert len(refusals) < 4


async def shortly(seconds: float) -> None:
    """A wait that lets a homeserver of two joins a second take some, and no longer."""
    await asyncio.sleep(min(seconds, 0.5))


async def test_invitations_are_followed_as_fast_as_the_homeserver_lets_us(
    account_on: Open, strict: Synapse, person_of: Callable[..., Person]
) -> None:
    bot, anna = strict.register("kurz"), person_of(on=strict)
    rooms = [await anna.makes_room(bot.user_id) for _ in range(4)]
    async with account_on(matrix_homeserver=strict.url, matrix_user=bot.user_id, sleep=shortly):
        for room in rooms:
            await anna.until(lambda room=room: bot.user_id in anna.members(room), what="the bot")  # type: ignore[misc]


ODD = (
    ("m.room.message", {"msgtype": "m.image", "body": "x", "url": 7}),
    ("m.room.message", {"msgtype": "m.text", "body": "x", "m.relates_to": "nothing"}),
    ("m.reaction", {}),
    ("m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2"}),
    ("m.room.encrypted", {"algorithm": 1, "ciphertext": []}),
    ("m.call.invite", {"call_id": 1}),
    ("org.example.odd", {"body": ["!help"]}),
)


async def test_odd_events_do_not_stop_the_bot(anna: Person, direct: str, bot: Account) -> None:
    for kind, content in ODD:
        await anna.sends(direct, content, kind)
    for kind in ("m.room.avatar", "m.room.pinned_events"):
        await anna.sets(direct, kind, {"url": [], "pinned": "x"})
    await anna.says(direct, "!help")
    heard = await anna.until(lambda: [e for e in anna.messages(direct, bot.user_id) if e["content"]["body"] == "help"])
    assert len(heard) == 1


async def test_the_doctor_says_who_the_homeserver_takes_us_for(
    settings_of: Callable[..., Settings], tmp_path: Path, bot: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    database = f"sqlite:///{tmp_path / 'k.db'}"
    await doctor.check(settings_of(database_url=database))
    await doctor.check(settings_of(database_url=database, matrix_password="wrong", matrix_store=tmp_path / "other"))
    told = [line for line in capsys.readouterr().out.splitlines() if " matrix: " in line]
    assert told[0].endswith(f"knows us as {bot.user_id}.")
    assert told[1].startswith("BAD matrix: Matrix does not accept the password")
