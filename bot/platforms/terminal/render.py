"""Reply → lines of a terminal: words wrapped to its width, buttons as numbers. Pure."""

from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from bot.i18n import Speech
from handlers.reply import Action, Block, Button, Entry, Heading, Pairs, Paragraph, Points, Quotation, Reply

# In rich's markup a bracket or backslash of plain words can make a tag together with what stands before or behind it,
# so both are kept out of the markup, as private characters, until it has been read.
_AWAY = str.maketrans({"[": "\ue05b", "\\": "\ue05c"})
_BACK = str.maketrans({"\ue05b": "[", "\ue05c": "\\"})


class RichMarkup:
    """Words in the markup of rich, which drops it where the output is no terminal."""

    def text(self, words: str) -> str:
        """Plain words, which can be no tag."""
        return words.translate(_AWAY)

    def strong(self, inner: str) -> str:
        """Bold."""
        return f"[bold]{inner}[/bold]"

    def quiet(self, inner: str) -> str:
        """Dimmed."""
        return f"[dim]{inner}[/dim]"

    def code(self, words: str) -> str:
        """Coloured."""
        return f"[cyan]{self.text(words)}[/cyan]"

    def link(self, inner: str, url: str) -> str:
        """The words, with the address behind them."""
        return f"{inner} ({self.text(url)})"


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer for a terminal.

    Attributes:
        text: the words with their looks.
        actions: what the typed numbers 1, 2, … stand for; None where a button only leads to an address.
    """

    text: Text
    actions: tuple[Action | None, ...]


def render(reply: Reply, *, language: str, timezone: str, now: datetime) -> Rendered:
    """The answer in a language, with the actions of its numbered buttons."""
    speech = Speech(language, timezone, now, RichMarkup())
    lines = [_block(block, speech) for block in reply.blocks]
    if reply.toast is not None and not reply.blocks:
        lines.append(speech.speak(reply.toast))
    if reply.media is not None:
        lines.append(speech.speak(reply.media.url))
    buttons = [button for row in reply.buttons for button in row if button.query is None]
    if buttons:
        lines.append("  ".join(_button(number, button, speech) for number, button in enumerate(buttons, 1)))
    text = Text.from_markup("\n\n".join(line for line in lines if line), emoji=False)
    text.plain = text.plain.translate(_BACK)
    return Rendered(text, tuple(button.action for button in buttons))


def _button(number: int, button: Button, speech: Speech) -> str:
    label = speech.speak(button.label)
    words = "" if label == str(number) else f" {label}"
    address = f" {speech.speak(button.url)}" if button.url else ""
    return f"[cyan]{RichMarkup().text(f'[{number}]')}[/cyan]{words}{address}"


def _block(block: Block, speech: Speech) -> str:
    match block:
        case Heading(content):
            return f"[bold]{speech.speak(content)}[/bold]"
        case Paragraph(content):
            return speech.speak(content)
        case Quotation(content):
            return f"[dim]{speech.speak(content)}[/dim]"
        case Points(items):
            return "\n".join(f"• {speech.speak(item)}" for item in items)
        case Pairs(rows):
            return "\n".join(f"{speech.speak(name)} – {speech.speak(value)}" for name, value in rows)
        case Entry():
            return _entry(block, speech)


def _entry(entry: Entry, speech: Speech) -> str:
    number = f"{entry.number}. " if entry.number else ""
    lines = [f"[bold]{number}{speech.speak(entry.title)}[/bold]"]
    if body := speech.speak(entry.body):
        lines.append(body)
    meta = " · ".join(speech.speak(part) for part in entry.meta)
    if meta:
        lines.append(f"[dim]{meta}[/dim]")
    if entry.url:
        lines.append(f"[dim]{speech.speak(entry.url)}[/dim]")
    return "\n".join(lines)
