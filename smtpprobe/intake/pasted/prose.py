"""A line of anybody's prose that happens to begin with a number a reply could begin with: `550 people came`."""

from __future__ import annotations

import re

# What only a reply has right behind its code, or anywhere: an enhanced status code, an address, a name, a field, a link.
_MARK = re.compile(
    r"\d{3}(?:-(?!(?:year|page|seat|mile|foot|day|hour|minute|met(?:er|re)|pound|kilo|km|room|bed|word|watt|volt|acre|strong"
    r"|odd|plus|piece|point|person|member|ton|dollar|euro|calorie)\b)|[ \t]*\Z|[ \t]+[^\w€$£¥]"
    r"|[ \t](?=[A-Za-z]{0,40}(?:[a-z][A-Z]|[0-9=+]))[A-Za-z0-9+]{8,1000}={0,2}\Z)"
    r"|\b[A-Z]{5,40}\b|\b[245]\.\d{1,3}\.\d{1,3}\b|[@<>/\[\]{}=_#*\"]|\d{1,3}(?:\.\d{1,3}){3}|\w:\w"
    r"|\b(?:[\w-]{1,63}\.){1,10}[A-Za-z]{2,24}\b|\b[A-Za-z]\w*\(|\b[A-Z]{2,10}\d{2,8}\b"
    # Words in no Latin script: what is a reply there, its own words do not tell here.
    r"|[^\x00-\u024f\u1e00-\u1eff\u2000-\u22ff]",
    re.ASCII,
)
# The beginnings of words about mail and its refusal, as servers write them.
_OF_SMTP = re.compile(
    r"(?<!\w)(?:"
    # English
    r"e-?mail|mail|mbox|inbox|postbox|messag|msg|deliver|undeliver|recipient|rcpt|addressee|sender|user(?:name)?s?\b|account"
    r"|address|domain|host(?:name|s|ed|ing)?\b|server|relay|e?smtp|lmtp|ehlo|helo|starttls|tls\b|ssl|auth|sasl"
    r"|log ?in|logon|passw"
    r"|credential|token|oauth|command|syntax|argument|parameter|pipelin|reject|refus|den(?:y|ied)|block|black ?list"
    r"|white ?list"
    r"|gr[ea]y ?list|de?listed|delist|bann?ed|spam|virus|malware|phish|trojan|infected|quota|exceed|oversize|storage|disk\b"
    r"|polic(?:y|ies)|permi|prohib|forbid|authori[sz]|unauthori|unavailable|available|unknown|invalid|malformed|illegal"
    r"|connect|reconnect|session|transaction|time ?out|timed out|clos(?:ed|ing)|greeting|header|attach|signature|dkim"
    r"|spf\b|dmarc"
    r"|dns|rbl|rhsbl|ptr\b|rdns|mx\b|mta\b|certificat|handshake|encrypt|queue|retr(?:y|ies)|again\b|later\b|tempor|transient"
    r"|permanent|bounce|forward|alias|mailing|newsletter|subscri|unsubscri|postmaster|administrat|abuse|reputation"
    r"|rate\b|throttl"
    r"|busy\b|overload|resource|service|error|fail(?:ed|ure|s)?\b|unable|cannot|accept|disabl|suspen|inactiv"
    r"|deactivat|expired"
    r"|locked|restrict|incorrect|support|implement|recogni[sz]|protocol|not\b|n['’]t\b|\w+n['’]t\b|no\b|must\b|too\b"
    r"|please|sorry"
    r"|(?:you|your|yours)\b|loop|hops?\b|try\b|wait\b|slow(?:er)? down|go away|envelope|subject|content|client"
    r"|provider|program\b|folder|bayes|log on|outlook|gateway|submission|mailer|bytes?\b"
    r"|[KMG]i?B\b|size\b|max(?:imum)?\b|limit|8-?bit|7bit|mime|utf-?8|reverse-path|return-path|localhost|local ?part|out of\b"
    # what a server says that accepts
    r"|ok\b|okay|accepted|complet|success|ready|welcome|hello|hi\b|bye\b|goodbye|go ahead|go on\b|start"
    r"|end(?:ing)? (?:with|data|of|it)"
    r"|enter\b|send\b|sent\b|receiv|reset|flush|help\b|pleased|thank|continue|proceed|will attempt|so long|see you"
    r"|turn\b|dot\b"
    # German
    r"|nachricht|empf[aä](?:e)?nger|absender|benutzer|postfach|konto|adress|anmeld|kennwort|passwor[td]|abgelehnt|verweiger"
    r"|unbekannt|ung[uü](?:e)?ltig|gesperrt|voll\b|nicht\b|kein|sp[aä](?:e)?ter|zustell|bitte|dienst|verbindung"
    r"|fehler|zu (?:viel|gro|lang)"
    r"|willkommen|hallo|danke|angenommen|post\b|anhang|betreff|zertifikat|warte"
    # French
    r"|courri|destinat|exp[eé]dit|utilisat|compte\b|bo[iî]te|serveur|refus|rejet|inconnu|invalide|satur|d[eé]pass"
    r"|mot de passe|interdit"
    r"|trop\b|non\b|ne\b|pas\b|plus tard|r[eé]essay|bienvenue|bonjour|accept|pi[eè]ce|erreur|connexion|veuillez"
    r"|relais|d[eé]sactiv"
    # Spanish, Portuguese, Italian
    r"|corre[oi]|mensa|messagg|destinat|remit|remet|mittent|usu[aá]ri|utent|utilizad|cuenta|conta\b|buz[oó]n|caixa"
    r"|casella|servid"
    r"|rechaz|rejeit|rifiut|recus|desconocid|desconhecid|sconosciut|inv[aá]lid|no v[aá]lid|llen[oa]|cheia|piena|cuota"
    r"|cota\b|não\b|nao\b"
    r"|contrase|senha|clave|bloque|bloccat|acceso|acesso|accesso|lista\b|dominio|dom[ií]nio|conex|connession|demasiad"
    r"|muit[oa]s|tropp"
    r"|intent|tent[ei]|riprov|bienvenid|bem-vind|benvenut|aceptad|aceit|accettat|erro\b|errore|posta\b|tarde\b|permit"
    r"|autentic|indirizz"
    r"|endere|direcci|autoriz|autorizz|existe|esiste|suspens|sospes|desativ|disattiv|por favor|puerto|tama[nñ]o"
    r"|tamanho|dimension"
    # Dutch, Polish, Czech, Turkish
    r"|bericht|ontvang|afzend|gebruik|postvak|geweiger|onbekend|ongeldig|niet\b|geen\b|geblok|wachtwoord|welkom"
    r"|probeer|te (?:groot|veel)"
    r"|wiadomo|odbior|odbi[oó]r|nadawc|u[zż]ytkown|skrzynk|konta?\b|odrzuc|odm[oó]w|nieznan|nieprawid|nie\b|has[lł]o"
    r"|zablokow|serwer|witaj"
    r"|spr[oó]buj|poczt|domen|adres|zpr[aá]v|p[rř][ií]jem|odes[ií]l|u[zž]ivatel|schr[aá]nk|odm[ií]t|nezn[aá]m|neplatn"
    r"|neexist|ne\w+|heslo"
    r"|pln[aáýy]\b|zak[aá]z|bylo\b|byla\b|ileti|posta|al[ıi]c[ıi]|g[oö]nder|kullan[ıi]c|kutu|reddedil|bilinm"
    r"|ge[cç]ersiz|dolu|engel|parola|de[gğ]il"
    r"|yok\b|sonra|hesap|hesab|sunucu|eri[sş]im|nahi|dobar"
    r")",
    re.IGNORECASE,
)
_POSITIVE = "23"
_THINGS = (
    "people|persons?|men|women|children|kids|feet|foot|mice|sheep|fish|geese|percent|dozen|odd|thousand|million"
    "|grams?|kilos?|litres?"
    "|liters?|km|kms|kg|mg|ml|cl|dl|cm|mm|mph|kmh|hp|kwh?|mw|hz|[kmg]hz|db|kcal|cal|miles?|yards?|inch(?:es)?|lbs?|oz"
    "|volts?|watts?|amps?"
    "|degrees?|years?|months?|weeks?|days?|hours?|minutes?|seconds?|pages?|words?|cups?|tbsp|tsp|points?|euros?|eur"
    "|usd|gbp|chf|dollars?"
    "|pounds?|cents?|yen|francs?|rubles?|rupees?|crowns?|steps|g|m|l|w|v|k|°\\w?|m[²³2]|sq(?:uare)?"
    "|gramm|kilogramm|stück|euro|franken|kronen|jahre[ns]?|tage[ns]?|stunden|minuten|sekunden|wochen|monaten?|meter"
    "|kilometer|seiten"
    "|personen|menschen|leute|gäste|besucher|zuschauer|einwohner|teilnehmer|kinder|männer|frauen|prozent|uhr"
    "|grammes|ans|années|jours|heures|mètres|kilomètres|personnes|habitants|pages|pour cent"
    "|gramos|años|días|horas|metros|kilómetros|personas|páginas|habitantes|pesos|por ciento"
    "|grammi|anni|giorni|ore|metri|chilometri|persone|pagine|abitanti|per cento|gramas|anos|dias|pessoas|reais"
    "|mensen|dagen|jaar|uur|weken|bladzijden|osób|gramów|dni|lat|godzin|zł|złotych|lidí|gramů|let|hodin|korun|kč|kişi"
    "|gün|yıl|lira|tl"
)
# What a number in front counts or measures; a plural tells it too, but for verbs that end like one.
_COUNTED = re.compile(
    rf"\d{{3}} (?:(?i:{_THINGS})(?!\w)"
    r"|(?!(?:les|des|vos|nos|ses|sans|dans|plus)\b)(?:[a-z]{2,20}[ -]){0,2}?(?!(?:look|seem|say|need|want|take"
    r"|contain|exceed|hold|come|end|begin|stand|mean|reach|thi|who)s\b)"
    r"[a-z]{2,20}[^\Wisuoa\d]s(?![\w'’-])(?! (?:not|is|too|are not|does|has|must|may|no)\b)"
    r"|(?:is|was|were|are|and|or|of|to|per|x|in (?=total|all|the)|times|more|other|others|plus|minus) ?\w"
    r"|(?:[A-Z][\w.'-]{1,30} ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Drive|Boulevard|Blvd|Square|Way|Place|Court)\b)"
    r"|\d{3} ?[€$£¥%]|\d{3}-[a-z]",
)


def is_prose(line: str) -> bool:
    """Whether a line that begins as a reply does is prose: its number counts something, or its words accept nothing.

    Never a line that holds anything of SMTP's: an enhanced status code, an address, a word about mail or its refusal.
    """
    if line[:1] not in _POSITIVE and not _COUNTED.match(line):
        return False
    return _MARK.search(line) is None and _OF_SMTP.search(line, 3) is None
