"""The words and numbers by which a reply tells a fact, as regular expressions for its text in lower case."""

from __future__ import annotations

import re
from functools import cache

# To say where one is, "this port", is not to say where to send.
SEND_BY = r"\b(?:use|using|via|through|over|connect\w*|submit\w*|sen[dt]\w*|switch|go(?:es)?|belongs)\b"
_TLS = r"\b(?:encrypt\w*|(?:start)?tls|ssl|secure (?:connection|channel))\b"
# As sources: each is about few causes, and is compiled for the first reply of one of these.
WORDS = {
    "call_back": (r"call-?(?:back|out)|verif(?:y|ication|ied) .{0,40}(?:fail|not)|unverified|unable to verify"),
    "network_listed": (r"\bnet(?:work|block)s?\b|\bsubnet\b|\bip range\b|/\d\d\b.{0,20}(?:listed|block)"),
    "bare_lf": (r"\b(?:bare|lone|stray) .{0,4}(?:lf|line ?feeds?|newlines?|\\n|<lf>)|\bbare <?(?:lf|cr)|cr ?lf"),
    "idle": (r"\bidle\b|time-?d? ?out\b.{0,60}\b(?:clos|idle|waiting|command|data)|timeout exceeded"),
    "serves_nobody": (r"\bno (?:e?mail|smtp) (?:service|server)s? here|does not (?:accept|receive) (?:any )?e?mail\b"),
    "old_tls": (r"tls ?v?1\.[01]\b|\btls ?v1\b(?!\.)|\bsslv?[23]\b(?!.alert)|(?:upgrade|update).{0,40}tls ?v?1\.[23]|"
                          r"\b(?:requir\w*|need\w*|minimum|at least|least)\b.{0,20}tls ?v?1\.[23]|"
                          r"tls ?v?1\.[23] (?:\w+ )?(?:or|and) (?:better|higher|later|newer|above|up)"),
    "too_early": (r"synchroni[sz]ation|(?:talk|spe[ao]k|spoke)(?:ed|s|ing)? (?:too (?:soon|early)|before)|early talker|"
                            r"before .{0,30}(?:greeting|banner)|improper.{0,9}pipelin"),
    "parameter_refused": (r"(?:parameter|option|argument)s?\b.{0,40}(?:not|un|un?recogni|implement|support)|"
                                    r"(?:unsupported|unknown|unrecogni[sz]ed|invalid|bad) (?:[\w-]+ ){0,2}(?:parameter|option)|"
                                    r"\bunsupported mail body\b|\binvalid data for \w+\b|\bvalue for \w+ is invalid\b|"
                                    r"\bsize syntax\b|\bdsn support is disabled\b|\bsmtputf8 disabled\b|"
                                    r"\bmalformed address: [\w-]+(?:=\S*)? may not follow <"),
    "requiretls": (r"\brequire-?tls\b"),
    "to_itself": (r"\bloops? back to (?:myself|me|itself)\b|\bpoints? to (?:the )?(?:local|this) host\b|"
                            r"\bbest-preference mx\b|\blocal host\b"),
    "tested": (r"\A450 4\.3\.2 service currently unavailable\Z"),
    "shutting_down": (r"\bshutting down\b|\bshut ?down\b|\bgoing down\b|\brestart(?:ing|ed)?\b"),
    "sender_rate": (r"(?:too many|too much|exceed|limit|rate)\b.{0,60}\b(?:(?:from|by|for) (?:this|the|that) sender|"
                              r"sender address|sending address)\b|sender address.{0,40}\b(?:too many|too much|limit|rate)\b"),
    "errors": (r"too many (?:\w+ ){0,2}(?:errors?|unknown (?:users|recipients)|invalid (?:users|recipients))"),
    "size_named": (r"\bmessage.{0,30}\bsize\b|\bof (?:this|that) size\b|\btoo (?:large|big)\b"),
    "called_spam": (r"\bspam|unsolicited|\bjunk (?:e?mail|message)"),
    "reason_unavailable": (r"\breason (?:is )?(?:unavailable|not available|unknown)\b"),
    "own_list": (r"\b(?:our|my|local|internal|private|own|(?:this|the) (?:server|site|host|system)'?s)\b "
                           r"(?:[\w-]+ ){0,3}?"
                           r"(?:(?:black|block|deny|ban|drop|reject)[ -]?(?:list|table)|(?:bad|spam|reputation|ip) list)"
                           r"|\b(?:fail2ban|crowdsec)\b|\bban(?:ned)? (?:list|table)\b"),
    "submission_named": (rf"{SEND_BY}.{{0,40}}?\b(?:submission|msa|smart ?host)\b|"
                                   rf"{SEND_BY}.{{0,30}}?\b(?:smtp|mail|outgoing|outbound)\b.{{0,12}}\b(?:server|relay|gateway|host)\b"),
    "null_mx_said": (r"\bnull ?mx\b|"
                               r"\bdomain\b.{0,60}\b(?:does ?n.?t|does not|never) accept (?:any )?e?mail"),
    "no_recipients": (r"\bno valid recipients?\b|\ball recipients (?:were |have been )?(?:rejected|refused)|"
                                r"\bno recipients? (?:was |were |has been |have been )?accepted\b"),
    "lookup_failed": (r"\btemp[ -]?error\b|\bservfail\b|"
                                r"\btemporar\w+\b.{0,30}\b(?:dns|look-?up|resol\w+|name server\w*|"
                                r"error|failure)\b|"
                                r"\b(?:dns|look-?up|resol\w+|name servers?)\b.{0,40}\b(?:temporar\w+|time-?d? ?out|"
                                r"unavailable)"),
    "own_account": (r"\b(?:your|sender'?s|sending) (?:(?:own|sending|mail|e-?mail|user|personal|sender) ){0,2}"
                              r"(?:account|mailbox|box|storage|quota|inbox)\b"
                              r"(?=.{0,80}\b(?:storage|space|full|used up|over ?quota)\b)(?!.{0,20}\b(?:to|for) )"),
    "duplicates": (r"may be sent more than once|while sending end of data|after (?:end of data|sending data block|\.)"),
    "tls_first": (rf"{_TLS}.{{0,40}}\b(?:requir\w*|need\w*|must|first|only|before|mandatory)\b|"
                            rf"\b(?:requir\w*|need\w*|must|only|issue|use|start)\b.{{0,40}}{_TLS}"),
    "password_transition": (r"\btransition\b.{0,30}\b(?:need|requir)|\bpassword transition\b"),
    "mechanism_unknown": (r"(?:unrecogni[sz]ed|unknown|unsupported|unimplemented|invalid|no such|not supported:?) "
                                    r"(?:\w+ ){0,2}(?:mechanism|auth\w* (?:type|method))"
                                    r"|\b(?:mechanism|auth\w* (?:type|method))\b"
                                    r".{0,30}?\b(?:not |un)(?:supported|available|recogni|known|offered|implemented)"),
    "no_mechanism": (r"\bno (?:worthy )?mech(?:anism)?s? (?:was |were )?(?:available|found)\b"),
    "auth_off": (r"(?<!smtp )(?<!basic )\bauth(?:entication)?(?: command)? (?:is |was )?not "
                           r"(?:enabled|available|offered|advertised|supported)\b"),
    "programs_off": (r"\buser has no permission\b|"
                               r"\b(?:smtp|pop3?|imap|client)\b.{0,30}\b(?:service|access|function)\b"
                               r".{0,40}(?:\bnot (?:open|enabled|activated)|n't open|\bclosed|\bdisabled)|"
                               r"\bauthori[sz]ation code\b"),
    "passwords_off": (r"\bbasic auth\w*\b.{0,30}"
                                r"\b(?:disabled|blocked|off|not (?:allowed|supported)|no longer|deprecated|retired)"),
    "smtp_auth_off": (r"\bsmtpclientauthentication\b.{0,12}(?:\bdisabled|\boff\b)|"
                                r"\b(?:smtp auth\w*|smtp client submission)\b.{0,30}"
                                r"\b(?:disabled|(?:turned|switched) (?:off|to .?no)\b)"),
    "security_defaults": (r"\bsecurity defaults\b"),
    "sign_in_policy": (r"\bdid not meet the criteria to be authenticated\b|\bconditional access\b"),
    "unverified_identity": (r"\bemail address is not verified\b|\bidentit(?:y|ies) failed the check\b|"
                                      r"\bidentity\b.{0,80}\bnot verified in region\b"),
    "failed_logins": (r"\b(?:too many|repeated|excessive|multiple|several|number of)\b.{0,40}"
                                r"\b(?:log ?[io]ns?|sign[- ]?ins?|password\w*|auth\w*|credentials?)\b|"
                                r"\b(?:log ?in|auth\w*|password)\b.{0,40}\b(?:too many|too often|repeated\w*|brute)\b|"
                                r"\bbrute[- ]?force"),
    "app_password": (r"\b(?:app|application)[- ]?(?:specific )?password"),
    "generic_said": (r"\b(?:generic|dynamic|dial-?up|residential|end[- ]?user|pool)\b"),
    "unresolved_said": (r"\b(?:not found|not resolve|unresolvable|n.t resolve|"
                                  r"cannot be resolved|no (?:a|dns|address) record|unknown host)"),
    "sender_listed": (r"\b(?:sender|envelope|mail from|return[- ]path)\b"),
    "link_listed": (r"\b(?:urls?|uris?|links?|hyperlinks?)\b"),
    "tls_unavailable": (r"\b(?:tls|ssl)\b.{0,40}"
                                  r"\b(?:not available|unavailable|local problem|missing certificate)|"
                                  r"\b(?:tls|ssl) .{0,20}(?:initiali[sz]ation|engine|setup) (?:failed|error)"),
    "starttls_unknown": (r"\bstarttls\b.{0,20}"
                                   r"\b(?:not |un)(?:supported|offered|implemented|recogni[sz]ed|known|enabled)|"
                                   r"\b(?:unknown|unrecogni[sz]ed|unsupported) command.{0,10}\bstarttls\b"),
    "no_shared_cipher": (r"\bno (?:shared|common|suitable) ciphers?\b"),
    "lhlo_unknown": (r"\b(?:unknown|unrecogni[sz]ed|invalid|not).{0,30}\blhlo\b|"
                               r"\blhlo\b.{0,30}\b(?:unknown|unrecogni|not )"),
    "body_changed": (r"\bbody ?hash\b|\bbody\b.{0,20}\b(?:altered|modified|changed)\b"),
    "signature_bad": (r"\bsignature\b.{0,60}\b(?:not verif\w+|not valid|invalid|bad|fail\w*|broken|wrong|"
                                r"mismatch\w*|incorrect)|"
                                r"\b(?:invalid|bad|broken|wrong|incorrect)\b.{0,20}\bsignature"),
    "login_failed_for_now": (r"\b(?:temporary|internal) (?:auth\w*|login) (?:failure|error|server|problem)|"
                                       r"\bauthenticat\w+ (?:(?:server|service|backend|system|database) )?(?:is )?"
                                       r"(?:temporarily |currently )?"
                                       r"(?:unavailable|not available|down|timed? out)"),
    "smtputf8": (r"\bsmtputf8\b|\bnon-?ascii\b|\binternationali[sz]ed\b|\bunicode\b|\butf-?8\b"),
    "virus_named": (r"virus(?!(?:es)?[ -]?(?:scan|filter|check))|"
                              r"malware|trojan|\bworm\b|phish|infect|ransom|\beicar\b|malicious"),
    "attachment_named": (r"attach|\bfile ?(?:type|name|extension)|\bextension\b|executable|\barchive|"
                                   r"\.(?:exe|zip|js|scr|bat|vbs|iso)\b"),
    "not_connected": (r"\A[45]\d\d[ -][45]\.4\.316 |connection refused ?[\[(](?:message=)?socket error code"),
    "not_decoded": (r"cannot decode|base64|not decode|invalid (?:xoauth2 )?(?:auth|response|encoding) data"),
}  # fmt: skip


@cache
def pattern(name: str) -> re.Pattern[str]:
    """The expression of one of WORDS."""
    return re.compile(WORDS[name])


# Those whose names as facts are of what a session shows, too.
SAME_AS = {
    "login_failed_for_now": ("at_auth",),
    "starttls_unknown": ("not_offered",),
    "no_shared_cipher": ("tls_named", "tls_no_shared_cipher"),
    "lhlo_unknown": ("lhlo_refused",),
    "link_listed": ("listed_link",),
}
# Of the causes that they tell something about; beside another cause the same words are about another thing.
ABOUT = {
    "not_connected": ("server-temporary",),
    "null_mx_said": ("domain-undeliverable",),
    "no_recipients": ("protocol-error",),
    "lookup_failed": ("email-auth-failed",),
    "tls_first": ("auth-method-blocked",),
    "password_transition": ("auth-method-blocked",),
    "mechanism_unknown": ("auth-method-blocked",),
    "no_mechanism": ("auth-method-blocked",),
    "auth_off": ("auth-method-blocked",),
    "smtp_auth_off": ("auth-method-blocked",),
    "security_defaults": ("auth-method-blocked",),
    "sign_in_policy": ("auth-method-blocked",),
    "unverified_identity": ("sender-not-permitted", "sender-account-limited"),
    "failed_logins": ("rate-limited", "auth-failed", "sender-account-limited"),
    "programs_off": ("auth-method-blocked",),
    "passwords_off": ("auth-method-blocked",),
    "app_password": ("auth-method-blocked",),
    "generic_said": ("reverse-dns",),
    "unresolved_said": ("helo-rejected",),
    "sender_listed": ("domain-blocklisted",),
    "link_listed": ("domain-blocklisted",),
    "tls_unavailable": ("tls-failed",),
    "starttls_unknown": ("tls-failed",),
    "no_shared_cipher": ("tls-failed",),
    "lhlo_unknown": ("protocol-error",),
    "body_changed": ("email-auth-failed",),
    "signature_bad": ("email-auth-failed",),
    "login_failed_for_now": ("server-temporary",),
    "smtputf8": ("extension-missing",),
    "virus_named": ("malware-or-attachment",),
    "attachment_named": ("malware-or-attachment",),
}
# RFC 7505 §4.1, RFC 4954 §6: what numbers tell without a word.
IN_NUMBERS = {
    "null_mx_said": "1.10",
    "tls_first": "7.11",
    "password_transition": "7.12",
    "lookup_failed": "7.24",
    "smtputf8": "6.7",
    "login_failed_for_now": "7.8",
}
