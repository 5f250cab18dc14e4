"""Feeds in the manner of the programs that make most of them, with invented news."""

_TEXT = (
    "Die Brücke in Husum ist wieder offen.", "Nach zwei Jahren Bauzeit fuhr der erste Bus hinüber.",
    "The harbour opens on Monday, the council said.", "Мост снова открыт, сообщил город.",
)  # fmt: skip
_NS = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "webfeeds": "http://webfeeds.org/rss/1.0",
    "yt": "http://www.youtube.com/xml/schemas/2015",
}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _spaces(*names: str) -> str:
    return " ".join(f'xmlns:{name}="{_NS[name]}"' for name in names)


def _rss(spaces: tuple[str, ...], channel: str, item: str) -> bytes:
    items = "".join(
        "<item>" + item.replace("{n}", str(n)).replace("{t}", _TEXT[n]).replace("{h}", f"0{n}") + "</item>"
        for n in range(4)
    )
    return f'{_HEAD}<rss version="2.0" {_spaces(*spaces)}><channel>{channel}{items}</channel></rss>'.encode()


def _atom(spaces: tuple[str, ...], feed: str, entry: str) -> bytes:
    entries = "".join(
        "<entry>" + entry.replace("{n}", str(n)).replace("{t}", _TEXT[n]).replace("{h}", f"0{n}") + "</entry>"
        for n in range(4)
    )
    return f'{_HEAD}<feed xmlns="{_NS["atom"]}" {_spaces(*spaces)} xml:lang="de">{feed}{entries}</feed>'.encode()


_CHANNEL = (
    "<title>Der Bote</title><link>https://bote.example</link><description>Neues</description>"
    '<atom:link href="https://bote.example/feed/" rel="self" type="application/rss+xml"/>'
)
_USUAL = "<title>{t}</title><link>https://bote.example/{n}</link><pubDate>Mon, 23 Nov 2026 {h}:30:00 +0100</pubDate>"
_CDATA = "<![CDATA[<p>{t} <a href='/mehr'>Mehr</a></p><p>&#8222;Gut&#8220; &amp; schön</p><img src='/b.jpg'>]]>"

FEEDS: dict[str, bytes] = {
    "WordPress": _rss(
        ("content", "wfw", "dc", "atom", "sy", "slash"),
        _CHANNEL + "<lastBuildDate>Mon, 23 Nov 2026 06:00:00 +0000</lastBuildDate><language>de-DE</language>"
        "<sy:updatePeriod>\n\thourly\t</sy:updatePeriod><sy:updateFrequency>\n\t1\t</sy:updateFrequency>"
        "<generator>https://wordpress.org/?v=6.8</generator>",
        _USUAL + "<comments>https://bote.example/{n}/#respond</comments><dc:creator><![CDATA[Anna]]></dc:creator>"
        '<category><![CDATA[Stadt & Land]]></category><guid isPermaLink="false">https://bote.example/?p={n}</guid>'
        f"<description><![CDATA[{{t}} [&#8230;]]]></description><content:encoded>{_CDATA}</content:encoded>"
        "<wfw:commentRss>https://bote.example/{n}/feed/</wfw:commentRss><slash:comments>3</slash:comments>",
    ),
    "Ghost": _rss(
        ("dc", "content", "atom", "media"),
        _CHANNEL + "<ttl>60</ttl><image><url>https://bote.example/i.png</url><title>Bote</title></image>",
        "<title><![CDATA[{t}]]></title><description><![CDATA[{t}]]></description><link>https://bote.example/{n}/</link>"
        '<guid isPermaLink="false">65{n}</guid><category><![CDATA[Stadt]]></category>'
        "<pubDate>Mon, 23 Nov 2026 {h}:30:00 GMT</pubDate>"
        f'<media:content url="https://bote.example/b.jpg" medium="image"/><content:encoded>{_CDATA}</content:encoded>',
    ),
    "Drupal": _rss(
        ("dc", "atom"),
        _CHANNEL,
        _USUAL + "<description>&lt;span&gt;{t}&lt;/span&gt;\n&lt;div&gt;&lt;p&gt;{t}&amp;nbsp;&lt;/p&gt;&lt;/div&gt;"
        '</description><dc:creator>redaktion</dc:creator><guid isPermaLink="false">{n} at https://bote.example</guid>',
    ),
    "Blogger": _atom(
        ("thr",),
        "<id>tag:blogger.com,1999:blog-1</id><updated>2026-11-23T06:30:00.001+01:00</updated><title type='text'>Bote"
        "</title><link rel='self' href='https://bote.example/feeds'/><generator version='7.00'>Blogger</generator>",
        "<id>tag:blogger.com,1999:blog-1.post-{n}</id><published>2026-11-23T{h}:30:00.000+01:00</published>"
        "<updated>2026-11-23T{h}:35:00.001+01:00</updated><category scheme='http://www.blogger.com/atom/ns#' "
        "term='Stadt'/><title type='text'>{t}</title><content type='html'>&lt;p&gt;{t}&lt;/p&gt;&lt;br /&gt;</content>"
        "<link rel='alternate' type='text/html' href='https://bote.example/{n}.html' title='{t}'/><author><name>Anna"
        "</name><email>noreply@bote.example</email></author><thr:total>0</thr:total>",
    ),
    "YouTube": _atom(
        ("yt", "media"),
        '<link rel="self" href="https://video.example/feeds?channel_id=1"/><id>yt:channel:1</id><title>Bote TV</title>'
        "<author><name>Bote TV</name></author><published>2015-01-01T00:00:00+00:00</published>",
        "<id>yt:video:v{n}</id><yt:videoId>v{n}</yt:videoId><title>{t}</title>"
        '<link rel="alternate" href="https://video.example/watch?v=v{n}"/><published>2026-11-23T{h}:30:00+00:00'
        "</published><updated>2026-11-23T{h}:40:00+00:00</updated><media:group><media:title>{t}</media:title>"
        '<media:content url="https://video.example/v/v{n}" type="application/x-shockwave-flash" width="640"/>'
        '<media:thumbnail url="https://video.example/{n}.jpg"/><media:description>{t}\n\nMehr: https://bote.example'
        '</media:description><media:community><media:statistics views="7"/></media:community></media:group>',
    ),
    "Reddit": _atom(
        ("media",),
        '<category term="news" label="r/news"/><updated>2026-11-23T06:30:00+00:00</updated><id>/r/news/.rss</id>'
        "<title>news</title>",
        '<author><name>/u/anna</name><uri>https://forum.example/user/anna</uri></author><category term="news" '
        'label="r/news"/><content type="html">&lt;table&gt; &lt;tr&gt;&lt;td&gt; &lt;a href=&quot;https://forum.example'
        "/{n}&quot;&gt;{t}&lt;/a&gt; &lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;</content><id>t3_{n}</id><media:thumbnail "
        'url="https://forum.example/{n}.jpg"/><link href="https://forum.example/{n}"/><updated>2026-11-23T{h}:30:00+00:00'
        "</updated><title>{t}</title>",
    ),
    "Substack": _rss(
        ("dc", "content", "atom", "itunes"),
        _CHANNEL.replace("<title>Der Bote</title>", "<title><![CDATA[Der Bote]]></title>")
        + "<itunes:owner><itunes:email><![CDATA[a@bote.example]]></itunes:email></itunes:owner>",
        "<title><![CDATA[{t}]]></title><description><![CDATA[Kurz]]></description><link>https://bote.example/p/{n}"
        '</link><guid isPermaLink="false">https://bote.example/p/{n}</guid><dc:creator><![CDATA[Anna]]></dc:creator>'
        '<pubDate>Mon, 23 Nov 2026 {h}:30:00 GMT</pubDate><enclosure url="https://bote.example/i.png" length="0" '
        f'type="image/jpeg"/><content:encoded>{_CDATA}</content:encoded>',
    ),
    "Medium": _rss(
        ("dc", "content", "atom"),
        _CHANNEL + "<webMaster><![CDATA[yourfriends@blog.example]]></webMaster>",
        '<title><![CDATA[{t}]]></title><link>https://blog.example/{n}?source=rss</link><guid isPermaLink="false">'
        "https://blog.example/p/{n}</guid><category><![CDATA[stadt]]></category><dc:creator><![CDATA[Anna]]></dc:creator>"
        "<pubDate>Mon, 23 Nov 2026 {h}:30:00 GMT</pubDate><atom:updated>2026-11-23T{h}:31:00.000Z</atom:updated>"
        f"<content:encoded>{_CDATA}</content:encoded>",
    ),
    "agency": _rss(
        ("media", "dc"),
        "<title>Agentur</title><link>https://agentur.example</link><language>de-de</language><skipHours><hour>2</hour>"
        "</skipHours><copyright>Agentur</copyright><ttl>5</ttl>",
        _USUAL + "<description>{t} (Agentur)</description><guid>urn:newsml:agentur.example:20261123:{n}</guid>"
        '<media:content url="https://agentur.example/{n}.jpg" type="image/jpeg" width="1024" medium="image">'
        '<media:description type="plain">{t}</media:description><media:credit role="photographer">Karl</media:credit>'
        "<media:keywords>Bau, Verkehr</media:keywords></media:content>",
    ),
    "RDF": (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel rdf:about="https://alt.example/">'
        "<title>Alt</title><link>https://alt.example/</link><dc:date>2026-11-23T06:00:00+00:00</dc:date>"
        "<sy:updatePeriod>hourly</sy:updatePeriod><items><rdf:Seq>"
        '<rdf:li rdf:resource="https://alt.example/1"/></rdf:Seq></items></channel>'
        + "".join(
            f'<item rdf:about="https://alt.example/{n}"><title>Größe {n}</title><link>https://alt.example/{n}</link>'
            f"<description>Die Straße &amp; der Weg, Teil {n}</description><dc:creator>karl</dc:creator>"
            f"<dc:date>2026-11-23T0{n}:00:00+00:00</dc:date><dc:subject>bau</dc:subject></item>"
            for n in range(1, 5)
        )
        + "</rdf:RDF>"
    ).encode("iso-8859-1"),
    "podcast": _rss(
        ("itunes", "content", "atom"),
        _CHANNEL + '<itunes:author>Bote</itunes:author><itunes:category text="News"><itunes:category text="Daily"/>'
        '</itunes:category><itunes:image href="https://bote.example/i.jpg"/><itunes:explicit>no</itunes:explicit>',
        _USUAL + "<itunes:title>{t}</itunes:title><itunes:duration>00:2{n}:30</itunes:duration><itunes:summary>{t}"
        '</itunes:summary><itunes:keywords>bau, stadt</itunes:keywords><enclosure url="https://bote.example/{n}.mp3" '
        'length="123" type="audio/mpeg"/><guid isPermaLink="false">{n}</guid><description>{t}</description>',
    ),
    "RT": _rss(
        ("content", "dc", "atom"),
        _CHANNEL,
        _USUAL + '<guid>https://bote.example/{n}</guid><description>&lt;img src="https://bote.example/{n}.jpg" '
        'style="margin-right: 10px;" /&gt; {t} &lt;br&gt;&lt;a href="https://bote.example/{n}"&gt;Weiterlesen&lt;/a&gt;'
        f'</description><enclosure url="https://bote.example/{{n}}.jpg" type="image/jpeg" length="9"/><content:encoded>'
        f"{_CDATA}<![CDATA[<p>Mehr zum Thema – <a href='/alt'>Alte Brücke</a></p>]]></content:encoded>",
    ),
    "Mastodon": _rss(
        ("webfeeds", "media"),
        "<title>Anna</title><description>Public posts</description><link>https://social.example/@anna</link>"
        "<webfeeds:icon>https://social.example/a.png</webfeeds:icon><generator>Mastodon v4.4.0</generator>",
        '<guid isPermaLink="true">https://social.example/@anna/{n}</guid><link>https://social.example/@anna/{n}</link>'
        "<pubDate>Mon, 23 Nov 2026 {h}:30:00 +0000</pubDate><description>&lt;p&gt;{t} &lt;a href=&quot;https://"
        "social.example/tags/bau&quot;&gt;#&lt;span&gt;bau&lt;/span&gt;&lt;/a&gt;&lt;/p&gt;</description>"
        '<media:content url="https://social.example/{n}.png" type="image/png" fileSize="9" medium="image">'
        '<media:rating scheme="urn:simple">nonadult</media:rating></media:content><category>bau</category>',
    ),
    "Micro.blog": (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Anna", "home_page_url": "https://anna.example/", '
        '"feed_url": "https://anna.example/feed.json", "authors": [{"name": "Anna"}], "items": ['
        + ", ".join(
            f'{{"id": "https://anna.example/{n}", "url": "https://anna.example/{n}.html", "content_html": '
            f'"<p>{text}</p>\\n", "date_published": "2026-11-23T0{n}:30:00+01:00", "tags": ["bau"], "attachments": '
            f'[{{"url": "https://anna.example/{n}.mp3", "mime_type": "audio/mpeg", "duration_in_seconds": 9}}]}}'
            for n, text in enumerate(_TEXT)
        )
        + "]}"
    ).encode(),
    "page": (
        "<!DOCTYPE html><html lang='de'><head><title>Bote</title><link rel='alternate' type='application/rss+xml' "
        'href=\'/feed\'><script type=\'application/ld+json\'>{"@type": "NewsArticle", "headline": "Brücke", '
        '"datePublished": "2026-11-23T06:30:00Z"}</script></head><body><article><h1>Brücke offen</h1>'
        + "".join(f"<p>{text} {text}</p>" for text in _TEXT)
        + "</article></body></html>"
    ).encode(),
}
