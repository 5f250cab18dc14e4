"""Tells which sentences may stand in a summary: not questions, credits, bylines, captions or advertisements."""

import re
from enum import StrEnum
from functools import lru_cache

from handlers.news.notice_patterns import is_notice

_MIN_LETTERS = 25
_MIN_WORDS = 4


class Kind(StrEnum):
    """What a sentence is good for: alone, only after the one before it, or not at all."""

    WHOLE = "whole"
    LEANING = "leaning"
    UNUSABLE = "unusable"


_END = re.compile(r"[.!…][\"“”»’')\]]*$")
_TRUNCATED = re.compile(r"(?:\.\.\.|…|\[(?:…|\.\.\.)\]|\[\+\d+ chars\])[\"“”»)]*\s*$")
_QUESTION = re.compile(r"\?[\"“”»’')]*$")
_LETTER = re.compile(r"[^\W\d_]")
_AGENCIES = (
    r"dpa(?:/\w+)*|afp|rtr|reuters|ap|apa|epd|kna|sid|ansa|efe|tass|tасс|тасс|риа новости|интерфакс|interfax|bbc|dts|"
    r"keystone-sda|sda|upi|belga|rt(?: de)?"
)
# "Berlin (dpa) - ", "LONDON, Jan 5 (Reuters) — ", "МОСКВА, 12 янв — РИА Новости. ", "PARIS (AFP) –"
_DATELINE = re.compile(
    rf"^(?:[^\W\d_][\w./ '’-]{{1,40}}(?:, [\w. ]{{3,20}})?\s*)?\((?:{_AGENCIES})(?:[/,;-][\w ./-]{{1,20}})*\)\s*[-–—:.]+\s+"
    r"|^[А-ЯЁ][А-ЯЁ\s-]{2,30}, \d{1,2} \w{3,8}\.?\s*[-–—/]+\s*(?:(?:РИА Новости|ТАСС|Интерфакс)\s*[./:–—-]+\s*)?"
    r"|^[А-ЯЁ][А-ЯЁ\s-]{2,30}\.?\s*/\s*\w[\w ]{1,20}\s*/\s*[.–—-]*\s*",
    re.IGNORECASE,
)
_LANGUAGE_CREDITS = (
    r"(?:foto|bild|fotos|bilder|grafik|video|quelle|bildquelle|archivbild|archivfoto|symbolbild|symbolfoto|text|von|autor|redaktion)\s*:",
    r"(?:photo|image|picture|video|source|credit|file photo|graphic|by|author|editing|reporting)\s*(?::|by\b)",
    r"(?:фото|видео|источник|автор|текст|иллюстрация)\s*:",
    r"(?:photo|image|crédit|source|vidéo|illustration|propos recueillis)\s*(?::|par\b)",
    r"(?:reporting by|editing by|additional reporting|compiled by|mit material von|mit informationen von|mit agenturmaterial)",
    r"(?:avec (?:afp|reuters)|par (?:afp|reuters))",
)
_CREDIT = re.compile(rf"^\W*(?:{'|'.join(_LANGUAGE_CREDITS)})", re.IGNORECASE)
_CREDIT_INSIDE = re.compile(
    r"(?:[(\[](?:foto|bild|archivbild|archivfoto|symbolbild|symbolfoto|photo|file photo|фото|crédit)\b[^)\]]{0,80}[)\]])\W*$"
    r"|(?:getty images|picture[ -]alliance|imago images|shutterstock|afp via getty|istock|reuters/\w+|dpa/\w+|sputnik/|© )",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"^(?:Von|By|Par|Автор:?)\s+(?:[A-ZÄÖÜÀ-ÝА-ЯЁ][\w.'’-]+(?:\s|,|$)){1,4}(?:und|and|et|и)?[^.]{0,60}$")
_CAPTION = re.compile(
    r"^(?:im bild|auf dem (?:bild|foto)|das (?:bild|foto|archivbild|archivfoto|symbolbild|symbolfoto)(?: ist| zeigt|:| vom)"
    r"|(?:archivbild|archivfoto|symbolbild|symbolfoto)\b|pictured|in this (?:file |handout )?(?:photo|picture|image)"
    r"|this (?:photo|picture|image) shows|a file photo|на (?:фото|снимке|фотографии)|sur (?:cette photo|la photo)|ici, )",
    re.IGNORECASE,
)
_ADVERTISEMENT = re.compile(
    r"\b(?:anzeige\b(?=\s*$|:)|jetzt (?:bestellen|kaufen|sichern|testen|lesen|abonnieren)|hier (?:klicken|geht es|lesen sie|gibt es)"
    r"|lesen sie (?:hier|mehr|im)|mehr dazu (?:hier|in|im)|alle infos|live-?ticker|im ticker|klicken sie|zum newsletter|gutschein\w*"
    r"|rabattcode|advertisement|sponsored|click here|read (?:more|on|the full)|buy now|subscribe|sign up|find out more|here(?:'|’)s (?:what|why|how)"
    r"|реклама\b(?=\s*$|:)|подпис(?:ывайтесь|аться)|читайте (?:также|подробнее|в)|подробнее (?:—|–|-|в|на)|cliquez|abonnez-vous|publicité"
    r"|à lire|lire (?:aussi|la suite)|en savoir plus)\b",
    re.IGNORECASE,
)
# First words that point back at a sentence which a summary may not contain.
_LEANING_STARTS = {
    "de": r"er|sie|es|ihm|ihn|ihnen|ihr|ihre[mnrs]?|sein(?:e[mnrs]?)?|dies(?:e[mnrs]?)?|das|dem|den|denen|deren|dessen|jene[mnrs]?|dabei|dadurch|dafür"
    r"|dagegen|daher|damit|danach|daneben|dann|daran|darauf|daraufhin|daraus|darin|darüber|darum|darunter|davon|davor|dazu|deshalb"
    r"|deswegen|demnach|demzufolge|dennoch|trotzdem|doch|aber|jedoch|allerdings|zudem|außerdem|ferner|überdies|auch|hinzu|hierzu|hierbei"
    r"|hierfür|hiermit|hingegen|indes|indessen|inzwischen|ebenso|ebenfalls|gleichzeitig|zugleich|schließlich|somit|folglich|sonst|so|also"
    r"|beide|beides|beiden|letztere[rsnm]?|erstere[rsnm]?|dort|da|denn|und|oder|sondern|weiter|weiterhin|weitere|stattdessen|andererseits"
    r"|einerseits|nichtsdestotrotz|gleichwohl|anschließend|zuvor|kurz darauf|zum (?:einen|anderen)|zum beispiel|ein(?:e[rs]?)? davon|man|wir|ich",
    "en": r"he|she|it|they|them|him|her|his|hers|its|their|theirs|this|that|these|those|however|but|and|or|so|yet|still|then|thus|therefore"
    r"|hence|moreover|furthermore|additionally|in addition|also|besides|instead|meanwhile|nevertheless|nonetheless|otherwise|consequently"
    r"|accordingly|similarly|likewise|both|such|there|here|later|afterwards|after that|for example|for instance|as a result|in contrast"
    r"|on the other hand|the latter|the former|even so|indeed|in fact|we|i|you|our|my",
    "ru": r"он|она|оно|они|его|её|ее|их|ему|ей|им|этот|эта|это|эти|этого|этой|этих|этому|тот|та|те|того|такой|такая|такое|такие|таким|но|а|и|однако"
    r"|зато|поэтому|потому|кроме того|при этом|также|тоже|затем|потом|тогда|впрочем|между тем|тем временем|тем не менее|более того|в частности"
    r"|например|в результате|в итоге|вместе с тем|там|здесь|оба|обе|мы|я|по (?:его|её|ее|их) словам|в то же время|в связи с этим|после этого|ранее",
    "fr": r"il|elle|ils|elles|on|ce|c['’]\w+|cela|ça|ceci|cet|cette|ces|celui-ci|celle-ci|ceux-ci|celles-ci|son|sa|ses|leur|leurs|lui|mais|et|or"
    r"|donc|car|ni|cependant|toutefois|pourtant|néanmoins|ainsi|alors|ensuite|puis|enfin|aussi|de plus|en outre|par ailleurs|en effet|par exemple"
    r"|d['’]ailleurs|en revanche|au contraire|dès lors|y|là|les deux|nous|je|j['’]\w+|dans ce|à cette|pour cela",
}  # fmt: skip


@lru_cache(maxsize=16)
def _leaning(language: str) -> re.Pattern[str] | None:
    starts = _LEANING_STARTS.get(language)
    return re.compile(rf"^[„“\"«»‚'\s–—-]*(?:{starts})\b(?!-)", re.IGNORECASE) if starts else None


# A subordinate clause that names its own subject does not lean: "Das Kabinett …", "Die Frau …", "This week …".
_OWN_SUBJECT = {
    "de": re.compile(
        r"^(?:das|den|dem|dies\w*|jene\w*|so|da|ihre?\w*|seine?\w*|beiden?|weitere)\s+(?:(?!(?:der|die|das|den|dem|des|er|sie|es|ihn|ihm|ihr|eine?[nmrs]?)\s)[a-zäöüß]+(?:e|en|er|es|em)\s+){0,3}[A-ZÄÖÜ\d]"
        r"|^so (?:hoch|viel|wenig|gut|stark|groß|lange|warm|kalt)\w*\s|^(?:auch|doch|und|aber)\s+\d|^sie\s+(?:ist|sind|war|waren|hat|haben) (?:die|der|das)",
    ),
    "en": re.compile(r"^(?:this|these)\s+(?:week|month|year|morning|evening|season|summer|winter|spring|autumn|fall|weekend)\b|^there\s+(?:is|are|was|were|will|has|have)\b", re.IGNORECASE),
    "fr": re.compile(r"^(?:ce|cette)\s+(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|matin|soir|semaine|année|week-end)\b|^il (?:y a|faut|faudra)\b", re.IGNORECASE),
}  # fmt: skip
# Of the German starts above these point back even before a noun of their own.
_ALWAYS_LEANS = re.compile(r"^[„“\"«»\s]*(?:dies\w*|jene\w*|ihre?[mnrs]?|seine?[mnrs]?|beiden?|weitere|da)\b", re.IGNORECASE)


def without_dateline(sentence: str) -> str:
    """The sentence without the agency's dateline before it ("Berlin (dpa) - ")."""
    return _DATELINE.sub("", sentence, count=1) or sentence


def is_complete(text: str) -> bool:
    """Whether a text ends as a sentence does, not cut off."""
    return bool(_END.search(text)) and not _TRUNCATED.search(text)


def _is_credit(sentence: str) -> bool:
    if len(sentence) < 160 and (_CREDIT.match(sentence) or _BYLINE.match(sentence)):
        return True
    return bool(_CREDIT_INSIDE.search(sentence) or _CAPTION.match(sentence))


@lru_cache(maxsize=1024)
def kind_of(sentence: str, language: str) -> Kind:
    """What the sentence is good for in a summary."""
    if len(_LETTER.findall(sentence)) < _MIN_LETTERS or sentence.count(" ") + 1 < _MIN_WORDS:
        return Kind.UNUSABLE
    if _QUESTION.search(sentence) or not is_complete(sentence) or sentence.isupper():
        return Kind.UNUSABLE
    if _is_credit(sentence) or _ADVERTISEMENT.search(sentence) or is_notice(sentence, language):
        return Kind.UNUSABLE
    return Kind.LEANING if _leans(sentence, language) else Kind.WHOLE


def _leans(sentence: str, language: str) -> bool:
    pattern = _leaning(language)
    if pattern is None or not pattern.match(sentence):
        return False
    if language == "de" and _ALWAYS_LEANS.match(sentence):
        return True
    own = _OWN_SUBJECT.get(language)
    return not (own and own.match(sentence[0].lower() + sentence[1:] if language == "de" else sentence))
