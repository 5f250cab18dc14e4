"""News written for these tests, in four languages: what happens in them is invented, and so is everybody in them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A text and what a careful reader would say of it: topics (short codes) that fit, the best ones first."""

    key: str
    language: str
    topics: tuple[str, ...]
    title: str
    paragraphs: tuple[str, ...]


def _text(key: str, language: str, topics: str, title: str, body: str) -> Text:
    paragraphs = tuple(" ".join(part.split()) for part in body.strip().split("\n\n"))
    return Text(key, language, tuple(topics.split()), title, paragraphs)


TEXTS = (
    _text("netz", "de", "04 06 11", "Netzausbau: Zwei Stromtrassen sollen früher fertig werden", """
    Die Übertragungsnetzbetreiber wollen zwei große Stromtrassen ein Jahr früher in Betrieb nehmen als geplant. Das
    teilten die Unternehmen am Montag in Bayreuth mit. Der Bau der Leitungen von der Nordsee nach Süddeutschland kostet
    rund 12 Mrd. Euro.

    Nach Angaben der Betreiber sind inzwischen 80 Prozent der Kabel verlegt. „Wir haben die Genehmigungen schneller
    bekommen als erwartet. Das spart den Kunden Geld“, sagte Vorstandschefin Petra Lohmann. Die Netzentgelte könnten
    dadurch von 2027 an sinken.

    Umweltverbände begrüßten die Ankündigung, forderten aber Ausgleichsflächen für die Eingriffe in die Natur.
    """),
    _text("bgh-miete", "de", "02", "Bundesgerichtshof stärkt Mieter bei Heizkosten", """
    Karlsruhe (dpa) - Vermieter müssen ihren Mietern die vollständigen Belege der Heizkosten zeigen. Das hat der
    Bundesgerichtshof am Mittwoch entschieden. Geklagt hatte eine Mieterin aus Kassel, die 740 Euro nachzahlen sollte.

    Nach Ansicht der Richter genügt eine Zusammenfassung nicht. Wer die Belege verweigert, hat keinen Anspruch auf die
    Nachzahlung. Das Landgericht muss den Fall nun neu verhandeln.

    Der Mieterbund sprach von einem wichtigen Urteil für Millionen Haushalte.
    """),
    _text("bgh-diesel", "de", "02 04", "Bundesgerichtshof: Dieselkäufer bekommen weniger Schadenersatz", """
    Käufer von Autos mit einer unzulässigen Abschalteinrichtung bekommen künftig weniger Schadenersatz. Der
    Bundesgerichtshof entschied am Mittwoch in Karlsruhe, dass gefahrene Kilometer stärker angerechnet werden.

    Der Kläger hatte 2015 einen Kombi für 31.000 Euro gekauft. Die Richter sprachen ihm nur noch 4.100 Euro zu. Der
    Hersteller begrüßte das Urteil. Bundesweit sind nach Angaben des Gerichts noch 9.000 Verfahren offen.
    """),
    _text("spiel-nord", "de", "15", "Kiel gewinnt Spitzenspiel gegen Bremen 3:1", """
    Holstein Kiel hat das Spitzenspiel der Fußball-Bundesliga gegen Werder Bremen mit 3:1 gewonnen. Vor 15.000
    Zuschauern trafen am Samstag Jonas Petersen (2) und Luca Brandt für die Gastgeber.

    Bremen war durch einen Elfmeter in Führung gegangen. Nach der Pause drehte Kiel die Partie. „Die Mannschaft hat
    nie aufgehört zu laufen“, sagte Trainer Henrik Voss. Kiel rückte auf den vierten Tabellenplatz vor.
    """),
    _text("spiel-sued", "de", "15", "Freiburg verliert in Bremen mit 0:2", """
    Der SC Freiburg hat in der Fußball-Bundesliga bei Werder Bremen mit 0:2 verloren. Die Tore vor 40.000 Zuschauern
    erzielten am Sonntag Emil Sörensen und Marco Thal.

    Freiburgs Trainer Uwe Lindner sprach von einem verdienten Ergebnis. Bremen hatte in der ersten Halbzeit drei große
    Chancen. Der SC bleibt auf Platz elf.
    """),
    _text("flut", "de", "03 17", "Hochwasser in Niederbayern: Hunderte Menschen verlassen ihre Häuser", """
    Nach tagelangem Regen ist im Landkreis Deggendorf ein Deich gebrochen. Rund 600 Menschen mussten in der Nacht zum
    Dienstag ihre Häuser verlassen. Feuerwehr und Technisches Hilfswerk brachten sie mit Booten in Sicherheit.

    Der Pegel der Donau stieg auf 7,90 Meter. Die Behörden riefen den Katastrophenfall aus. Zwei Helfer wurden leicht
    verletzt.

    Der Scheitel der Flut wird nach Angaben des Hochwassernachrichtendienstes am Mittwoch erwartet.
    """),
    _text("wetter", "de", "17", "Wetter: Frost und Neuschnee bis ins Flachland", """
    Der Winter kehrt zurück: In der Nacht zum Freitag sinken die Temperaturen verbreitet unter den Gefrierpunkt. Der
    Deutsche Wetterdienst erwartet bis zu zehn Zentimeter Neuschnee, in den Alpen auch mehr.

    Am Wochenende bleibt es kalt und windig, dazu kommen einzelne Schneeschauer. Autofahrer müssen mit Glatteis
    rechnen. Von Montag an wird es von Westen her milder.
    """),
    _text("streik", "de", "09 04", "Warnstreik legt Nahverkehr in sechs Ländern lahm", """
    Ein Warnstreik hat am Donnerstag den Nahverkehr in sechs Bundesländern weitgehend zum Stillstand gebracht. Die
    Gewerkschaft Verdi hatte rund 40.000 Beschäftigte von Bus und Bahn zum Ausstand aufgerufen.

    Verdi fordert acht Prozent mehr Lohn und kürzere Schichten. Die Arbeitgeber nannten die Forderung unbezahlbar. Die
    Tarifverhandlungen sollen am 12. Dezember in Erfurt weitergehen.
    """),
    _text("klinik", "de", "07", "Kliniken melden so viele Grippepatienten wie seit Jahren nicht", """
    Die Grippewelle trifft die Krankenhäuser in diesem Winter besonders hart. Nach Zahlen des Robert-Koch-Instituts
    wurden in der vergangenen Woche 4.800 Menschen mit Influenza stationär behandelt.

    Vor allem Kinder und ältere Patienten sind betroffen. Ärzte raten, die Impfung nachzuholen. „Es ist dafür nicht zu
    spät“, sagte die Virologin Carla Menz.
    """),
    _text("schule", "de", "05", "Länder wollen Quereinsteiger an Schulen schneller ausbilden", """
    Die Kultusminister der Länder haben sich auf gemeinsame Regeln für Quereinsteiger im Lehrerberuf geeinigt. Künftig
    genügt ein Studienfach, um an Grundschulen zu unterrichten. Die Ausbildung soll nur noch 18 Monate dauern.

    Bundesweit fehlen rund 15.000 Lehrkräfte. Der Lehrerverband warnte vor einem Verlust an Qualität im Unterricht.
    """),
    _text("kirche", "de", "12", "Bistum Fulda verkauft ein Drittel seiner Kirchen", """
    Das Bistum Fulda will sich in den nächsten zehn Jahren von einem Drittel seiner Kirchen trennen. Grund sind nach
    Angaben von Bischof Anton Rehm sinkende Einnahmen aus der Kirchensteuer und die Zahl der Austritte.

    Betroffen sind 60 Gotteshäuser. Die Gemeinden sollen mitentscheiden, welche davon für Gottesdienste erhalten
    bleiben.
    """),
    _text("museum", "de", "01", "Kunsthalle zeigt vergessene Malerinnen der Moderne", """
    Die Kunsthalle Bremen widmet den Malerinnen der klassischen Moderne eine große Ausstellung. Von Sonntag an sind 120
    Gemälde aus 14 Museen zu sehen, viele davon zum ersten Mal seit fast hundert Jahren.

    Kuratorin Lea Hartung hat drei Jahre in Archiven gesucht. Die Künstlerinnen seien zu Lebzeiten gefeiert und danach
    vergessen worden, sagte sie. Die Schau läuft bis 6. April.
    """),
    _text("sonde", "de", "13", "Raumsonde entdeckt Wassereis am Südpol des Mondes", """
    Eine europäische Raumsonde hat am Südpol des Mondes große Mengen Wassereis nachgewiesen. Das berichten Forscher in
    der Fachzeitschrift „Nature Astronomy“. Das Eis liegt in Kratern, in die nie Sonnenlicht fällt.

    Die Messungen gelangen mit einem neuen Radar. Nach Schätzung der Wissenschaftler reicht das Vorkommen, um eine
    Mondstation über Jahrzehnte zu versorgen. Die Weltraumagentur Esa plant nun eine Landung im Jahr 2029.
    """),
    _text("koalition", "de", "11", "Koalition einigt sich auf Reform des Wahlrechts", """
    Die Spitzen von Union und SPD haben sich in der Nacht auf eine Reform des Wahlrechts verständigt. Der Bundestag soll
    künftig höchstens 600 Abgeordnete haben. Das bestätigten Vertreter beider Fraktionen am Freitag in Berlin.

    Die Opposition kritisierte den Kompromiss. Die Grünen kündigten an, den Gesetzentwurf vom Verfassungsgericht prüfen
    zu lassen. Die Abstimmung im Parlament ist für März vorgesehen.
    """),
    _text("koalition-2", "de", "11", "Wahlrecht: Union und SPD wollen Bundestag auf 600 Sitze begrenzen", """
    Union und SPD haben ihren Streit über das Wahlrecht beigelegt. Nach stundenlangen Beratungen einigten sich die
    Fraktionen darauf, die Zahl der Abgeordneten im Bundestag auf 600 zu begrenzen.

    Aus der Opposition kam Kritik an dem Kompromiss. Vor allem die Grünen wollen gegen die Reform in Karlsruhe klagen.
    Im März soll das Parlament über den Gesetzentwurf abstimmen.
    """),
    _text("hund", "de", "08 10", "Hund findet nach 300 Kilometern allein nach Hause", """
    Ein entlaufener Schäferhund ist nach fünf Wochen und rund 300 Kilometern zu seiner Familie in Celle zurückgekehrt.
    Das Tier war bei einem Ausflug in den Harz verschwunden.

    Am Sonntagmorgen stand der Hund vor der Tür. „Wir konnten es nicht glauben“, sagte Besitzerin Anke Ruhland. Bis auf
    eine wunde Pfote ist er gesund.
    """),
    _text("farbe", "de", "04 10 14", "Dorfladen rettet sich mit einer Genossenschaft", """
    Es riecht nach Kaffee und frischem Brot. An der Kasse sitzt Hilde Brauer, 71 Jahre alt, und kennt jeden beim Namen.
    Draußen regnet es seit Tagen.

    Wie lange geht das noch gut? Diese Frage stellt sich niemand mehr. Der Dorfladen in Oberau gehört seit Januar
    einer Genossenschaft: 214 Bürger haben zusammen 180.000 Euro eingezahlt, um den Laden vor der Schließung
    zu retten.

    Der Umsatz der Genossenschaft stieg im ersten Halbjahr um elf Prozent. Auch der Gewinn reicht inzwischen für einen
    neuen Ofen.
    """),
    _text("waffenruhe", "de", "16 11", "Kämpfe flammen trotz Waffenruhe wieder auf", """
    Wenige Stunden nach Beginn der Waffenruhe sind an der Grenze zwischen Barania und Ostland wieder Kämpfe
    ausgebrochen. Nach Angaben der Vereinten Nationen wurden elf Soldaten und drei Zivilisten getötet.

    Beide Armeen warfen einander vor, zuerst mit Artillerie geschossen zu haben. Die Vermittler wollen die
    Friedensgespräche dennoch am Wochenende in Genf fortsetzen.
    """),
    _text("armut", "de", "14", "Bericht: Jedes fünfte Kind wächst in Armut auf", """
    In Deutschland ist jedes fünfte Kind von Armut bedroht. Das geht aus einem Bericht hervor, den der Sozialverband am
    Dienstag vorgestellt hat. Besonders häufig trifft es Kinder von Alleinerziehenden und aus Familien mit
    Migrationsgeschichte.

    Der Verband fordert ein höheres Kindergeld und mehr bezahlbare Wohnungen. Ohne Hilfe vererbe sich die Armut an die
    nächste Generation.
    """),
    _text("reise", "de", "10 04", "Nordseeinseln melden Rekord bei Urlaubern", """
    Auf den Nordseeinseln haben in diesem Sommer so viele Menschen Urlaub gemacht wie nie zuvor. Die Hotels und
    Ferienwohnungen waren nach Angaben des Tourismusverbands zu 92 Prozent belegt.

    Am beliebtesten war Norderney. Viele Gäste kamen zum Wandern und an den Strand, aber auch die Restaurants meldeten
    gute Geschäfte.
    """),
    _text("plastic", "en", "06", "Rivers carry more plastic waste to sea than thought, survey finds", """
    Rivers carry almost twice as much plastic waste into the ocean as previously estimated, a survey of 90 estuaries has
    found. Most of the pollution comes from small rivers that run through cities.

    The environment agency tracked bottles with transmitters for two years. "We expected the big rivers to be the worst.
    They are not," said ecologist Mary Okon. However, the survey also found that simple barriers stop up to 70 percent
    of the waste.
    """),
    _text("rates", "en", "04", "Central bank holds interest rates as inflation slows", """
    LONDON (Reuters) - The central bank kept its main interest rate at 4 percent on Thursday after inflation slowed for
    a third month. Consumer prices rose 2.3 percent in October, the smallest increase since 2021.

    Markets had expected the decision. Shares in banks fell slightly, while the pound was little changed. Governor Alan
    Pryce said a cut in February was "possible, not promised".
    """),
    _text("final", "en", "15", "Norwood beat Harlow on penalties to win the cup", """
    Norwood won the cup for the first time in 62 years after beating Harlow 4-2 on penalties. The final had finished 1-1
    after extra time in front of 78,000 fans.

    Goalkeeper Sam Adeyemi saved two spot kicks. He had been injured for most of the season. Norwood's manager praised
    the team's nerve.
    """),
    _text("trial", "en", "02", "Former treasurer jailed for stealing charity funds", """
    A former treasurer who stole £1.2 million from a children's charity has been sentenced to six years in prison. Judge
    Helen Marsh said Colin Deere, 54, had shown no remorse during the trial at Leeds Crown Court.

    Prosecutors told the jury he spent the money on cars and holidays. The charity has had to close two of its homes.
    """),
    _text("vaccine", "en", "07 13", "Single-dose malaria vaccine protects children for two years, trial shows", """
    A new malaria vaccine protected three out of four children for two years with a single dose, according to a trial in
    Ghana and Tanzania. Doctors followed 3,200 patients under the age of five.

    Side effects were mild. The World Health Organization said it would review the data in spring. If approved, the
    vaccine could replace the current four-dose schedule.
    """),
    _text("chip", "en", "13 04", "Start-up says its chip cuts the power use of AI models by half", """
    A British start-up has unveiled a chip that it says halves the electricity needed to run large language models.
    Engineers at Corelight in Cambridge replaced part of the processor with optical circuits.

    Independent researchers have not yet tested the chip. The company plans to supply data centres from 2027.
    """),
    _text("vybory", "ru", "11", "Парламент одобрил новый закон о выборах", """
    Парламент в среду одобрил в третьем чтении новый закон о выборах. За документ проголосовали 312 депутатов, против
    высказались 97. Закон вступит в силу 1 марта.

    Он снижает проходной барьер для партий с пяти до трёх процентов. Оппозиция назвала изменения недостаточными.
    Президент должен подписать закон в течение двух недель.
    """),
    _text("energia", "ru", "04 13 06", "На Ангаре запустили новую гидроэлектростанцию", """
    КРАСНОЯРСК, 24 ноября. /ТАСС/. Новая гидроэлектростанция на Ангаре дала первый ток. Её мощность составит 1,1 тыс.
    мегаватт, сообщили в энергетической компании. Строительство обошлось в 140 млрд рублей.

    Электроэнергию получат алюминиевые заводы региона. По словам директора станции Олега Лапина, окупить проект
    планируют за 15 лет.
    """),
    _text("pozhar", "ru", "03", "При пожаре на складе в Твери пострадали семь человек", """
    Семь человек пострадали при пожаре на складе бытовой химии в Твери. Об этом сообщили в МЧС. Огонь охватил четыре
    тысячи квадратных метров, крыша здания обрушилась.

    Спасатели эвакуировали жителей соседних домов. Пожар потушили к утру. Причины возгорания устанавливают.
    """),
    _text("hokkej", "ru", "15", "Сборная обыграла Финляндию в матче Кубка", """
    Сборная по хоккею обыграла команду Финляндии со счётом 4:2 в матче Кубка Карьялы. Две шайбы забросил нападающий
    Илья Громов. Игра прошла в Хельсинки.

    Тренер отметил работу вратаря, отразившего 37 бросков. Следующий матч команда проведёт в субботу против Швеции.
    """),
    _text("retraites", "fr", "11 09", "Retraites : le gouvernement suspend la réforme jusqu'à l'automne", """
    Le gouvernement a décidé de suspendre la réforme des retraites jusqu'à l'automne. Le Premier ministre l'a annoncé
    mardi devant l'Assemblée nationale, après trois semaines de négociations avec les syndicats.

    « C'est une pause, pas un abandon. Nous prendrons le temps qu'il faut », a-t-il déclaré. L'opposition réclame un
    référendum. Le coût de la suspension est estimé à 1,8 milliard d'euros.
    """),
    _text("canicule", "fr", "17 06", "Canicule : 52 départements placés en vigilance orange", """
    Météo-France a placé 52 départements en vigilance orange en raison de la canicule. Les températures pourraient
    atteindre 41 degrés jeudi dans la vallée du Rhône.

    Les nuits resteront chaudes, avec un minimum de 24 degrés à Lyon. Des orages sont attendus samedi par l'ouest.
    """),
    _text("musee", "fr", "01", "Le musée de Lille retrouve un tableau volé en 1987", """
    Un tableau volé en 1987 au musée des Beaux-Arts de Lille a été retrouvé chez un collectionneur en Belgique. La
    toile,
    une nature morte du XVIIe siècle, sera exposée de nouveau à partir de mars.

    La peinture n'a presque pas souffert, selon la conservatrice Jeanne Morvan. Elle devra toutefois être restaurée.
    """),
)  # fmt: skip

# Other sources on events told above: the key says on which.
TWINS = (
    _text("flut", "de", "03", "Deich an der Donau gebrochen – 600 Menschen in Sicherheit gebracht", """
    Im Landkreis Deggendorf hat die Donau in der Nacht einen Deich durchbrochen. Etwa 600 Bewohner wurden mit Booten aus
    ihren Häusern geholt. Das Landratsamt rief den Katastrophenfall aus.

    Zwei Helfer der Feuerwehr verletzten sich leicht. Am Mittwoch soll das Hochwasser seinen höchsten Stand erreichen.
    """),
    _text("streik", "de", "09", "Busse und Bahnen stehen still: Verdi bestreikt Nahverkehr", """
    In sechs Bundesländern sind am Donnerstag kaum Busse und Straßenbahnen gefahren. Verdi hatte zum Warnstreik im
    Nahverkehr aufgerufen. Nach Angaben der Gewerkschaft beteiligten sich 40.000 Beschäftigte.

    Die Tarifverhandlungen gehen am 12. Dezember in Erfurt weiter. Verdi verlangt acht Prozent mehr Lohn.
    """),
    _text("sonde", "de", "13", "Forscher finden große Eisvorräte auf dem Mond", """
    Auf dem Mond gibt es mehr gefrorenes Wasser als gedacht. Eine Raumsonde der Esa hat am Südpol in dunklen Kratern
    Wassereis gemessen, wie Wissenschaftler in „Nature Astronomy“ schreiben.

    Für eine künftige Mondstation wäre das Eis eine wichtige Quelle. Eine Landung ist für 2029 geplant.
    """),
    _text("rates", "en", "04", "Interest rates left at 4% after inflation falls to 2.3%", """
    Interest rates will stay at 4 percent, the central bank said on Thursday. Inflation fell to 2.3 percent in October,
    its third monthly decline in a row.

    The governor, Alan Pryce, said borrowing costs could be cut in February if prices behave as forecast.
    """),
    _text("retraites", "fr", "11", "Le gouvernement met la réforme des retraites en pause", """
    La réforme des retraites est suspendue jusqu'à l'automne, a annoncé mardi le Premier ministre à l'Assemblée
    nationale. Les syndicats négociaient depuis trois semaines.

    La suspension coûterait 1,8 milliard d'euros. L'opposition demande un référendum.
    """),
    _text("pozhar", "ru", "03", "В Твери загорелся склад бытовой химии, есть пострадавшие", """
    В Твери потушили крупный пожар на складе бытовой химии. Пострадали семь человек, рассказали в МЧС. Площадь огня
    достигла четырёх тысяч квадратных метров.

    Из соседних домов эвакуировали жителей. Крыша склада обрушилась.
    """),
)  # fmt: skip

# Events that share words with those above and are others.
LOOKALIKES = (
    _text("flut", "de", "03", "Hochwasser in Sachsen: Elbe steigt langsamer als befürchtet", """
    In Sachsen hat sich die Lage an der Elbe am Dienstag leicht entspannt. Der Pegel in Dresden stieg auf 5,80 Meter,
    weniger als erwartet. Häuser mussten nicht geräumt werden.

    Feuerwehr und Technisches Hilfswerk bauten in Pirna Schutzwände ab.
    """),
    _text("streik", "de", "09", "Warnstreik am Flughafen Hamburg: 140 Flüge fallen aus", """
    Am Hamburger Flughafen sind am Donnerstag wegen eines Warnstreiks 140 Flüge ausgefallen. Die Gewerkschaft Verdi
    hatte das Sicherheitspersonal zum Ausstand aufgerufen.

    In den Verhandlungen geht es um Zuschläge für Nachtarbeit. Ein neuer Termin steht noch nicht fest.
    """),
    _text("klinik", "de", "07", "Kliniken warnen vor Insolvenzen im neuen Jahr", """
    Jedes dritte Krankenhaus rechnet nach einer Umfrage der Krankenhausgesellschaft im neuen Jahr mit einer Insolvenz.
    Besonders kleine Kliniken auf dem Land schreiben Verluste.

    Die Kliniken fordern vom Bund vier Milliarden Euro als Ausgleich für gestiegene Löhne.
    """),
    _text("sonde", "de", "13", "Raumsonde schwenkt in Umlaufbahn um die Venus ein", """
    Eine japanische Raumsonde hat nach 14 Monaten Flug die Venus erreicht. Das Triebwerk bremste sie am Freitag wie
    geplant in eine Umlaufbahn, teilten die Forscher mit.

    Die Sonde soll zwei Jahre lang die Wolken des Planeten untersuchen.
    """),
    _text("koalition", "de", "11", "Koalition streitet über Reform der Erbschaftsteuer", """
    In der Koalition gibt es Streit über die Erbschaftsteuer. Die SPD fordert höhere Sätze für große Vermögen, die Union
    lehnt das ab. Ein Spitzentreffen am Freitag in Berlin endete ohne Ergebnis.

    Die Opposition warf der Regierung Stillstand vor. Im Bundestag soll die Reform im Mai beraten werden.
    """),
    _text("rates", "en", "04", "Swiss franc jumps as national bank surprises with rate cut", """
    The Swiss National Bank cut its interest rate by half a point on Thursday, twice as much as markets had expected.
    The franc first fell, then jumped to its highest level since June.

    Economists said low inflation in Switzerland had forced the bank to act.
    """),
    _text("final", "en", "15", "Harlow sign striker before cup quarter-final", """
    Harlow have signed striker Ben Tolley from Exmoor on a three-year contract. He could play in the cup
    quarter-final on
    Saturday.

    Tolley scored 14 goals last season. The fee was not disclosed.
    """),
    _text("pozhar", "ru", "03", "При пожаре в жилом доме в Омске спасли двенадцать человек", """
    Двенадцать человек спасли при пожаре в жилом доме в Омске, сообщили в МЧС. Огонь возник ночью на третьем этаже.

    Пострадавших нет. Причиной назвали короткое замыкание.
    """),
    _text("retraites", "fr", "11", "Budget : le gouvernement renonce à la hausse de la TVA", """
    Le gouvernement renonce à augmenter la TVA sur l'électricité. Le ministre de l'Économie l'a annoncé mardi devant
    l'Assemblée nationale, après les critiques de l'opposition.

    La mesure devait rapporter 900 millions d'euros.
    """),
)  # fmt: skip

BY_KEY = {text.key: text for text in TEXTS}
