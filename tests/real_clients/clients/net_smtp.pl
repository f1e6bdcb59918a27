use strict; use warnings; use Net::SMTP;
my ($host, $port, $mode, $ca, $user) = @ARGV;
my %tls = (SSL_ca_file => $ca, SSL_verifycn_name => $host);
my $smtp = Net::SMTP->new($host, Port => $port, Timeout => 2, SSL => $mode eq "implicit" ? 1 : 0, %tls)
  or die "Net::SMTP: $@\n";
if ($mode eq "starttls") { $smtp->starttls(%tls) or die "starttls: " . ($IO::Socket::SSL::SSL_ERROR || $smtp->code . " " . $smtp->message) . "\n"; }
if ($user ne "-") { $smtp->auth($user, "wrong") or die "auth: " . $smtp->code . " " . $smtp->message . "\n"; }
$smtp->mail('ada@example.com') or die "mail: " . $smtp->code . " " . $smtp->message . "\n";
$smtp->to('bob@example.org') or die "to: " . $smtp->code . " " . $smtp->message . "\n";
$smtp->data("Subject: test\n\nHello\n") or die "data: " . $smtp->code . " " . $smtp->message . "\n";
