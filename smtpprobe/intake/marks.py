"""The marks by which bounces, transcripts and logs are recognised, the surest of each first."""

from __future__ import annotations

from smtpprobe.intake.mail_logs import Family
from smtpprobe.intake.transcripts import Client

_DAEMON = rb"""(?imx)
    \A (?:From [ ] \S [^\n]*\n)? (?:[\w-]{1,80}: [^\n]*\n (?:[ \t][^\n]*\n)*)*
    (?: return-path:[ ]*<> | x-failed-recipients: | auto-submitted:[ ]*auto-(?:replied|generated)
      | from: [^\n]* (?:mailer-daemon|postmaster@|mail[ ]delivery|microsoftexchange[0-9a-f]{6}) )
"""
BOUNCES = (
    (rb"(?im)^content-type:\s*(?:multipart/report|message/(?:global-)?delivery-status)", "RFC 3464"),
    (rb"(?im)^final-recipient:[^\n]*\n(?:[^\n]*\n){0,20}?(?:status|action|diagnostic-code):", "RFC 3464"),
    (
        rb"(?m)This is the qmail-send program|(?s:<[^<>\n]{3,320}>:\s.{0,300}Remote host said: [45]\d\d)"
        rb"|^<[^<>\n]{3,320}>:[ \t\r]*\n(?:[^\n<]{1,300}\n){0,3}?[^\n<]{0,300}\(#[45]\.\d\.\d{1,3}\)",
        "qmail",
    ),
    (
        rb"(?m)This message was created automatically by mail delivery software"
        rb"|SMTP error from remote (?:mail server|mailer) after [^:\n]{1,40}(?::<[^<>\n]{0,320}>[^:\n]{0,100})?:[ \t\r]*$"
        rb"|^A message that you (?:have )?sent (?:could not be|has not yet been) delivered|^[ \t]{1,12}Delay reason: ",
        "Exim",
    ),
    (
        rb"(?m)^Generating server:|^Diagnostic information for administrators:|#SMTP#|\bRemote [Ss]erver returned '"
        rb"|#[45]\d\d [45]\.\d\.\d{1,3} [^\n]{1,500}##",
        "Exchange",
    ),
    (
        rb"(?m)^(?: *This is the mail system at host |This is the Postfix program at host )"
        rb"|^<[^<>\n]{3,320}>:\s{1,9}host\s{1,9}\S{1,255}\[[^\]\n]{1,100}\](?::\d{1,5})?\s{1,9}(?:said|refused to talk to me):"
        rb"|^<[^<>\n]{3,320}>(?: \(expanded from <[^<>\n]{1,320}>\))?:\s{1,9}(?:connect\sto\s\S{1,255}\["
        rb"|lost\sconnection\swith\s|conversation\swith\s"
        rb"|Host\sor\sdomain\sname\snot\s|delivery\stemporarily\ssuspended:|mail\sfor\s\S{1,255}\sloops|TLS\sis\srequired,"
        rb"|Cannot\sstart\sTLS:|Server\scertificate\snot\s|message\ssize\s\d{1,12}\sexceeds|unknown\suser:\s\""
        rb"|User\sunknown\sin\s|mail\sforwarding\sloop\sfor\s)",
        "Postfix",
    ),
    (
        rb"(?m)----- ?(?:Transcript of session follows|The following addresses had (?:permanent|transient)[^\n]{0,40}) ?-----"
        rb"|^\.\.\. while talking to \S{1,255}|^[ \t]{1,12}\(reason: [45]\d\d",
        "Sendmail",
    ),
    (_DAEMON, ""),
)
_SWAKS = rb"""(?mx)^
    (?: ===[ ](?:Trying|Connected) | [ ]?(?:->|~>)[ ](?:EHLO|HELO|LHLO|MAIL|RCPT|AUTH) | <(?:-|~|\*\*|~\*)[ ]{1,2}[2-5]\d\d )
"""
TRANSCRIPTS = (
    (_SWAKS, Client.SWAKS),
    (rb"(?m)^(?:<-- [2-5]\d\d|--> (?:EHLO|MAIL|RCPT|AUTH))", Client.MSMTP),
    (rb"(?m)^(?:[\d:.]{8,16} )?(?:reply: (?:b['\"]|retcode)|send: b?['\"])", Client.SMTPLIB),
    (rb"(?m)^(?:< [2-5]\d\d[ -]|> (?:EHLO|HELO|MAIL|RCPT|AUTH))", Client.CURL),
    (rb"(?m)^CONNECTED\([0-9A-Fa-f]{8}\)|^SSL handshake has read ", Client.OPENSSL),
    (rb"(?m)^Escape character is ", Client.TELNET),
    (
        rb"(?m)^ {0,20}(?:\d{1,7}\.\d{1,3})? {1,20}(?:\xe2(?:\x86\x90|\x87\x90) [2-5]\d\d|\xe2(?:\x86\x92|\x87\x92) [A-Z]{4})",
        Client.OURS,
    ),
)
_POSTFIX = rb"""(?x)
    \bpostfix [\w-]{0,40}/ (?:[\w-]{1,40}/)? [a-z-]{2,20} (?:\[\d+\]|"|[ ]\d) | \bNOQUEUE:[ ]reject:[ ]
  | (?:\bhost|\bserver)[ ]\S{1,255}\[[^\]\n]{1,100}\](?::\d{1,5})?[ ](?:said|refused[ ]to[ ]talk[ ]to[ ]me):[ ][45]\d\d
  | \bstatus=(?:bounced|deferred|SOFTBOUNCE)[ ]\(
"""
_EXIM = rb"""(?mx)^(?:
    [^\n]{0,300} \bexim\d? (?:\[\d+\])? [:"]
  | \d{4}-\d\d-\d\d[ ]\d\d:\d\d:\d\d [.\d]{0,7} (?:[ ][+-]\d{4})?[ ] (?:\[\d+\][ ])?
    (?: [0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}[ ] | [HU]=\S | rejected[ ](?:EHLO|HELO)[ ]from[ ]
      | (?:temporarily[ ]refused|refused|TLS[ ]error[ ]on|SMTP)[ ]connection[ ] | Connection[ ]from[ ]\S{0,255}[ ]?\[
      | SMTP[ ](?:protocol|syntax|call|command|data)[ ] | \S{1,80}[ ]authenticator[ ]failed[ ]for[ ]
      | (?:Start|End)[ ]queue[ ]run | exim[ ][\d.]+[ ]daemon | no[ ](?:host[ ]name|IP[ ]address)[ ]found[ ] ) )
"""
_SENDMAIL = rb"""(?x)
    \b(?:sendmail|sm-mta|sm-msp-queue|sm-acceptingconnections) (?:\[\d+\]:|") | \bruleset=check_
  | ,[ ]mailer=\w+,[ ][^\n]{0,300}\bstat=
"""
_OPENSMTPD = rb"""(?x)
    \bsmtpd\[\d+\]:[ ] (?:[0-9a-f]{16}[ ]|\S{1,40}[ ]event=) | \b[0-9a-f]{16}[ ](?:smtp|mta)[ ]
  | result=\\?"(?:Ok|PermFail|TempFail)\\?"
"""
_DOVECOT = rb"""(?x)
    \bdovecot(?:\[\d+\])?:[ ] | [ ](?:imap|pop3|submission|managesieve)-login(?:\[\d+\])?:[ ]
  | [ ](?:auth(?:-worker\(\d+\))?|lmtp\([^()\s]{1,300}\)[^\s:]{0,100}):[ ](?:Info|Warning|Error|Debug):[ ]
  | \b[a-z-]{2,30}\([^\s()]{0,255},[0-9a-f.:]{3,45}[^\s()]{0,100}\)[^\s:]{0,80}:[ ](?:[Pp]assword[ ]mismatch|unknown[ ]user)
"""
_QMAIL = rb"""(?mx)
    (?:^|[ .\d])(?: starting[ ]delivery[ ]\d+:[ ]msg[ ] | delivery[ ]\d+:[ ](?:success|failure|deferral):[ ]
      | info[ ]msg[ ]\d+:[ ]bytes[ ] )
"""
_HARAKA = rb"""(?x)
    \[(?:NOTICE|INFO|WARN|ERROR|CRIT|DEBUG|PROTOCOL)\][ ]\[[0-9A-F.-]{1,60}\][ ]\[[\w./-]{1,60}\][ ]
  | \[[0-9A-F]{8}-[0-9A-F-]{27}[.\d]{0,20}\][ ]\[[\w./-]{1,60}\][ ] | \[core\][ ](?:recipient|sender|disconnect)[ ]
"""
_QPSMTPD = rb"""(?mx)
    ^(?:@[0-9a-f]{24}[ ])?\d{1,10}[ ](?: dispatching[ ][A-Za-z]{4} | Accepted[ ]connection[ ]\d
      | [45]\d\d[ -][^\n]{1,400}\(\#[45]\.\d\.\d{1,3}\) )
"""
_EXCHANGE = rb"""(?x)
    \#Log-type:[ ]SMTP[ ](?:Receive|Send)[ ]Protocol[ ]Log
  | \d{4}-\d\d-\d\dT[\d:.]{8,16}Z,[^,\n]{0,200},[0-9A-F]{8,32},\d{1,9},[^,\n]{0,100},[^,\n]{0,100},[<>*+-],
"""
_HMAILSERVER = rb'"SMTP[DC]"\t\d{1,10}\t\d{1,12}\t"'
_MAILENABLE = rb"(?m)^\d\d/\d\d/\d\d \d\d:\d\d:\d\d\tSMTP-(?:IN|OU)\t"
# A record may quote what any other program's lines look like: what it begins with tells.
_KUMOMTA = rb"""(?x)\A\s* \{ (?=[^\n]{0,2000}?"type"\s?:\s?"(?:
    Reception|Delivery|Bounce|TransientFailure|Expiration|AdminBounce
    |OOB|Feedback|Rejection|Delayed|XferIn|XferOut)")
    [^\n]{0,16000}?"(?:egress_source|egress_pool|num_attempts|bounce_classification)"\s?:
"""
_POWERMTA = rb"""(?x)\A\s*(?: type,[^\n]{0,800}\b(?:timeLogged|dsnDiag|dsnStatus|bounceCat)\b
  | (?:[bdtfr]|tq|rb|rs),\d{4}-\d\d-\d\d[ ]\d\d:\d\d:\d\d(?:[+-]\d{4})?, )
"""
LOGS = (
    (_POSTFIX, Family.POSTFIX),
    (_EXIM, Family.EXIM),
    (_SENDMAIL, Family.SENDMAIL),
    (_OPENSMTPD, Family.OPENSMTPD),
    (_DOVECOT, Family.DOVECOT),
    (_QMAIL, Family.QMAIL),
    (_HARAKA, Family.HARAKA),
    (_QPSMTPD, Family.QPSMTPD),
    (_EXCHANGE, Family.EXCHANGE),
    (_HMAILSERVER, Family.HMAILSERVER),
    (_MAILENABLE, Family.MAILENABLE),
    (_KUMOMTA, Family.KUMOMTA),
    (_POWERMTA, Family.POWERMTA),
)
