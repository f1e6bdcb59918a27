"""The findings that the lint of an SPF record leads to, whichever address asks."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.report import Severity
from smtpprobe.model.texts.language import mark

_NO_RECORD = mark("The text is not an SPF record: receivers find none, and everything that depends on SPF fails.")

LINT_FINDINGS = (
    FindingSpec(
        id="spf-leading-space",
        severity=Severity.WARNING,
        title=mark("The SPF record begins with white space"),
        why=_NO_RECORD,
        fix=mark("Publish the record again without anything before v=spf1."),
        references=("RFC 7208 §4.5", "RFC 7208 §12"),
    ),
    FindingSpec(
        id="spf-quoted",
        severity=Severity.WARNING,
        title=mark("Quotation marks are part of the SPF record"),
        why=mark("A DNS form added its own quotation marks to the ones that were typed: they are sent as text."),
        fix=mark("Enter the record without quotation marks, or, in a master file, with one pair around each string."),
        references=("RFC 1035 §5.1", "RFC 7208 §4.5"),
    ),
    FindingSpec(
        id="spf-version-malformed",
        severity=Severity.WARNING,
        title=mark("A record was meant for SPF but does not begin with v=spf1 and a blank"),
        why=_NO_RECORD,
        fix=mark("Begin the record with v=spf1 and one blank."),
        references=("RFC 7208 §4.5", "RFC 7208 §12"),
    ),
    FindingSpec(
        id="spf-version-unknown",
        severity=Severity.WARNING,
        title=mark("A record names a version of SPF that does not exist"),
        why=_NO_RECORD,
        fix=mark("Begin the record with v=spf1."),
        references=("RFC 7208 §4.5",),
    ),
    FindingSpec(
        id="spf-version-misplaced",
        severity=Severity.WARNING,
        title=mark("v=spf1 is in the middle of another TXT record"),
        why=_NO_RECORD,
        fix=mark("Publish the SPF record as a TXT record of its own."),
        references=("RFC 7208 §4.5", "RFC 7208 §3"),
    ),
    FindingSpec(
        id="spf-version-case",
        severity=Severity.NOTICE,
        title=mark("The version is not written in lower case"),
        why=mark("The standard allows it, but some receivers compare it literally and find no record."),
        fix=mark("Write v=spf1."),
        references=("RFC 7208 §12",),
    ),
    FindingSpec(
        id="spf-sender-id",
        severity=Severity.NOTICE,
        title=mark("A Sender ID record is left over"),
        why=mark("Sender ID (spf2.0) is historic, nobody evaluates it, and it fills the answer."),
        fix=mark("Remove the record."),
        references=("RFC 7208 §3.1",),
    ),
    FindingSpec(
        id="spf-wrong-name",
        severity=Severity.WARNING,
        title=mark("An SPF record is at another name than the domain"),
        why=mark("Receivers look for the record at the domain itself, never at a name like _spf below it."),
        fix=mark("Publish the record at the domain, or one there that includes or redirects to it."),
        references=("RFC 7208 §3.1", "RFC 7208 §4.4"),
    ),
    FindingSpec(
        id="spf-record-long",
        severity=Severity.NOTICE,
        title=mark("The SPF record is long"),
        why=mark("Beyond about 450 octets the answer may not fit a single UDP packet, which some networks still need."),
        fix=mark("Move part of it into a record that is included, or join networks."),
        references=("RFC 7208 §3.4",),
    ),
    FindingSpec(
        id="spf-answer-large",
        severity=Severity.NOTICE,
        title=mark("The domain's TXT records together are too large for plain UDP"),
        why=mark("An answer over 512 octets needs EDNS or TCP; if either is blocked, SPF becomes a temperror."),
        fix=mark("Remove verification records that are no longer needed, or shorten the SPF record."),
        references=("RFC 7208 §3.4",),
    ),
    FindingSpec(
        id="spf-all-missing",
        severity=Severity.NOTICE,
        title=mark("The SPF record ends without all and without redirect="),
        why=mark("Every address that nothing matches is neutral, as if the record did not exist."),
        fix=mark("End the record in ~all or -all."),
        references=("RFC 7208 §4.7", "RFC 7208 §5.1"),
    ),
    FindingSpec(
        id="spf-all-neutral",
        severity=Severity.NOTICE,
        title=mark("The SPF record ends in ?all"),
        why=mark("Every address that nothing matches is neutral, as if the record did not exist."),
        fix=mark("End the record in ~all or -all."),
        references=("RFC 7208 §2.6.2", "RFC 7208 §5.1"),
    ),
    FindingSpec(
        id="spf-all-pass",
        severity=Severity.WARNING,
        title=mark("The SPF record lets every address pass"),
        why=mark("With +all anyone may send for the domain, and receivers count such records against it."),
        fix=mark("End the record in ~all or -all."),
        references=("RFC 7208 §5.1",),
    ),
    FindingSpec(
        id="spf-all-repeated",
        severity=Severity.NOTICE,
        title=mark("The SPF record has more than one all"),
        why=mark("Only the first has an effect; the second shows that someone meant something else."),
        fix=mark("Keep one all, at the end."),
        references=("RFC 7208 §5.1",),
    ),
    FindingSpec(
        id="spf-after-all",
        severity=Severity.WARNING,
        title=mark("Terms follow all"),
        why=mark("all matches everything, so what follows it is never evaluated: those senders do not pass."),
        fix=mark("Move all to the end."),
        references=("RFC 7208 §5.1",),
    ),
    FindingSpec(
        id="spf-redirect-ignored",
        severity=Severity.WARNING,
        title=mark("redirect= is ignored, since the record has all"),
        why=mark("The policy that it points to is never asked."),
        fix=mark("Remove all, or the redirect=."),
        references=("RFC 7208 §6.1", "RFC 7208 §5.1"),
    ),
    FindingSpec(
        id="spf-parked",
        severity=Severity.INFO,
        title=mark("The domain says that it sends no mail"),
        why=mark(
            "A record of -all alone is the right one for a domain without mail; from a domain that "
            "sends, all mail fails."
        ),
        fix=mark("If the domain sends, add what sends for it; if it does not, add a DMARC record with p=reject."),
        references=("RFC 7208 §10.1.2",),
    ),
    FindingSpec(
        id="spf-ptr-used",
        severity=Severity.NOTICE,
        title=mark("The SPF record uses ptr"),
        why=mark("The mechanism is slow and unreliable, should not be published, and some receivers skip it."),
        fix=mark("Replace it with ip4 and ip6 networks, or with a."),
        references=("RFC 7208 §5.5",),
    ),
    FindingSpec(
        id="spf-leading-zero",
        severity=Severity.ERROR,
        title=mark("A prefix length has a leading zero"),
        why=mark("The grammar does not allow it, so the whole record is a permerror."),
        fix=mark("Write the length without the zero, /8 for /08."),
        references=("RFC 7208 §5.6", "RFC 7208 §12"),
    ),
    FindingSpec(
        id="spf-wrong-family",
        severity=Severity.ERROR,
        title=mark("ip4 contains an IPv6 address, or ip6 an IPv4 address"),
        why=mark("The grammar does not allow it, so the whole record is a permerror."),
        fix=mark("Write ip4 for IPv4 addresses and ip6 for IPv6 addresses."),
        references=("RFC 7208 §5.6",),
    ),
    FindingSpec(
        id="spf-not-fqdn",
        severity=Severity.ERROR,
        title=mark("A term does not name a fully qualified domain"),
        why=mark("A single label is not a domain-spec, so the whole record is a permerror; no search list applies."),
        fix=mark("Write the name in full."),
        references=("RFC 7208 §7.1", "RFC 7208 §4.3"),
    ),
    FindingSpec(
        id="spf-target-local",
        severity=Severity.WARNING,
        title=mark("A term names a host of a local network"),
        why=mark("Receivers cannot resolve the name: the term matches nothing and counts as a void lookup."),
        fix=mark("Name the host as the Internet knows it, or its public address."),
        references=("RFC 7208 §4.6.4", "RFC 6762 §3"),
    ),
    FindingSpec(
        id="spf-terms-run-together",
        severity=Severity.WARNING,
        title=mark("A blank is missing between two terms"),
        why=mark(
            "The strings of a TXT record are joined without a blank, so the last term of one and the "
            "first of the next merge."
        ),
        fix=mark("Put a blank before the quotation mark that ends the string."),
        references=("RFC 7208 §3.3",),
    ),
    FindingSpec(
        id="spf-modifier-unknown",
        severity=Severity.NOTICE,
        title=mark("The SPF record contains an unknown modifier"),
        why=mark("Unknown modifiers are ignored; often a mechanism or redirect= was meant."),
        fix=mark("Correct or remove the term."),
        references=("RFC 7208 §6",),
    ),
    FindingSpec(
        id="spf-mechanism-as-modifier",
        severity=Severity.WARNING,
        title=mark("A mechanism is written with an equals sign"),
        why=mark("It reads as an unknown modifier and is ignored: what it should permit does not pass."),
        fix=mark("Write a colon instead of the equals sign."),
        references=("RFC 7208 §6", "RFC 7208 §12"),
    ),
    FindingSpec(
        id="spf-report-modifier-included",
        severity=Severity.NOTICE,
        title=mark("A reporting modifier is in a record that is included"),
        why=mark(
            "ra=, rp= and rr= count only in the record of the domain itself; in an included one they must be ignored."
        ),
        fix=mark("Publish them in the record of the domain that sends."),
        references=("RFC 6652 §3",),
    ),
    FindingSpec(
        id="spf-network-everything",
        severity=Severity.WARNING,
        title=mark("A network of the SPF record contains every address"),
        why=mark("A prefix length of 0 lets anyone send for the domain, as +all does."),
        fix=mark("Write the networks that send."),
        references=("RFC 7208 §5.6", "RFC 7208 §11.4"),
    ),
    FindingSpec(
        id="spf-after-everything",
        severity=Severity.NOTICE,
        title=mark("Terms follow a network that contains every address"),
        why=mark("For that address family they are never evaluated."),
        fix=mark("Write the networks that send instead of the one with prefix length 0."),
        references=("RFC 7208 §4.6.2",),
    ),
    FindingSpec(
        id="spf-network-wide",
        severity=Severity.NOTICE,
        title=mark("A network of the SPF record is very wide"),
        why=mark("Everyone with an address in it can send for the domain and pass."),
        fix=mark("Write the networks that send; note that /8 is not a single host."),
        references=("RFC 7208 §5.6", "RFC 7208 §11.4"),
    ),
    FindingSpec(
        id="spf-private-address",
        severity=Severity.WARNING,
        title=mark("The SPF record permits an address that the Internet does not see"),
        why=mark("Behind NAT receivers see another address, so the term never matches what was meant."),
        fix=mark("Write the public address from which the mail leaves."),
        references=("RFC 1918 §3", "RFC 6890 §2.2"),
    ),
    FindingSpec(
        id="spf-host-bits",
        severity=Severity.NOTICE,
        title=mark("A network of the SPF record has bits set after its prefix"),
        why=mark("The whole network passes, although perhaps one address was meant."),
        fix=mark("Write the network's first address, or the address without a prefix length."),
        references=("RFC 7208 §5.6", "RFC 4632 §3.1"),
    ),
    FindingSpec(
        id="spf-term-repeated",
        severity=Severity.NOTICE,
        title=mark("A term is in the SPF record twice"),
        why=mark("The second has no effect, and counts again if it needs a lookup."),
        fix=mark("Remove one of them."),
        references=("RFC 7208 §4.6.4",),
    ),
    FindingSpec(
        id="spf-include-repeated",
        severity=Severity.NOTICE,
        title=mark("The same record is included twice"),
        why=mark("Each time counts against the ten lookups, with everything that it includes in turn."),
        fix=mark("Remove the include that another one already covers."),
        references=("RFC 7208 §4.6.4", "RFC 7208 §5.2"),
    ),
    FindingSpec(
        id="spf-include-self",
        severity=Severity.ERROR,
        title=mark("A record includes itself"),
        why=mark(
            "An address that nothing before it matches goes round until the eleventh lookup, which is a permerror."
        ),
        fix=mark("Remove the include."),
        references=("RFC 7208 §4.6.4", "RFC 7208 §5.2"),
    ),
    FindingSpec(
        id="spf-include-loop",
        severity=Severity.ERROR,
        title=mark("Records include each other"),
        why=mark(
            "An address that nothing before it matches goes round until the eleventh lookup, which is a permerror."
        ),
        fix=mark("Remove one of the includes of the loop."),
        references=("RFC 7208 §4.6.4", "RFC 7208 §5.2"),
    ),
    FindingSpec(
        id="spf-redirect-loop",
        severity=Severity.ERROR,
        title=mark("redirect= leads back to its own record"),
        why=mark(
            "An address that nothing before it matches goes round until the eleventh lookup, which is a permerror."
        ),
        fix=mark("Let redirect= name the domain that has the policy, or end the record in all."),
        references=("RFC 7208 §4.6.4", "RFC 7208 §6.1"),
    ),
    FindingSpec(
        id="spf-lookups-needed",
        severity=Severity.WARNING,
        title=mark("The whole record needs more than ten lookups"),
        why=mark("This address is decided before the limit; one that matches later, or not at all, ends in permerror."),
        fix=mark(
            "Remove includes that are no longer used, replace a and mx with ip4 and ip6, or move a "
            "sender to a subdomain."
        ),
        references=("RFC 7208 §4.6.4",),
    ),
    FindingSpec(
        id="spf-no-address",
        severity=Severity.NOTICE,
        title=mark("A term leads to no address"),
        why=mark("It matches nothing and costs a void lookup, of which two are allowed."),
        fix=mark("Remove the term, or give the name its address records."),
        references=("RFC 7208 §4.6.4", "RFC 7208 §5.3"),
    ),
    FindingSpec(
        id="spf-rr-type",
        severity=Severity.NOTICE,
        title=mark("A record of the obsolete type SPF is published"),
        why=mark("Receivers ask for TXT only; a second copy is forgotten and begins to differ."),
        fix=mark("Remove the record of type SPF (99)."),
        references=("RFC 7208 §3.1",),
    ),
    FindingSpec(
        id="spf-cname-beside-txt",
        severity=Severity.WARNING,
        title=mark("A CNAME coexists with TXT records"),
        why=mark("No other data may coexist with a CNAME: resolvers differ in which of the two they see."),
        fix=mark("Remove the CNAME, or publish the record at its target."),
        references=("RFC 1034 §3.6.2", "RFC 2181 §10.1"),
    ),
)
