"""The options of swaks, as its own table lists them: those of 20201014, which Debian has, and those of 20240103."""

from __future__ import annotations

OPTIONS = tuple(
    tuple(line.split())
    for line in """
config
from f
to t
helo ehlo lhlo h
server s
4
6
copy-routing
port p
protocol
data d
dump-as-body dab
dump-as-body-shows-password dabsp
timeout
quit-after quit q
drop-after drop da
drop-after-send das
suppress-data n
auth a
auth-user au
auth-password ap
auth-map am
auth-extra ae
auth-hide-password ahp
auth-plaintext apt
auth-optional ao
auth-optional-strict aos
support
local-interface li
local-port lport lp
tls
tls-optional tlso
tls-optional-strict tlsos
tls-on-connect tlsc
tls-cert
tls-key
tls-protocol tlsp
tls-cipher
tls-get-peer-cert
tls-sni
tls-verify
tls-ca-path
silent S
no-strip-from nsf
no-hints nth
no-send-hints nsh
no-receive-hints nrh
no-info-hints nih
hide-receive hr
hide-send hs
protect-prompt pp
hide-informational hi
hide-all ha
show-time-lapse stl
version
help
no-data-fixup ndf
show-raw-text raw
output output-file
output-file-stdout
output-file-stderr
pipe
socket
body
attach-name
attach-type
attach
attach-body
add-header ah
header
dump
dump-mail
pipeline
prdr
force-getpwuid
xclient
xclient-name
xclient-addr
xclient-port
xclient-proto
xclient-destaddr
xclient-destport
xclient-helo
xclient-login
xclient-reverse-name
xclient-delim
xclient-optional
xclient-optional-strict
xclient-before-starttls
xclient-no-verify
proxy
proxy-version
proxy-family
proxy-command
proxy-protocol
proxy-source
proxy-source-port
proxy-dest
proxy-dest-port
cc
bcc
tls-verify-ca
tls-verify-host
tls-verify-target
tls-chain
tls-get-peer-chain
""".strip().splitlines()
)


def spelled(name: str) -> tuple[str, str]:
    """The option as it is typed: swaks takes each with one hyphen and with two."""
    return f"-{name}", f"--{name}"
