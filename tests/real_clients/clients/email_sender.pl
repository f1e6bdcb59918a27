use strict; use warnings;
use Email::Sender::Simple qw(sendmail); use Email::Sender::Transport::SMTP;
my ($host, $port, $mode, $ca, $user) = @ARGV;
my $transport = Email::Sender::Transport::SMTP->new({
  host => $host, port => $port, timeout => 2,
  ssl => { implicit => "ssl", starttls => "starttls", none => 0 }->{$mode},
  ssl_options => { SSL_ca_file => $ca, SSL_verifycn_name => $host },
  $user eq "-" ? () : (sasl_username => $user, sasl_password => "wrong"),
});
my $message = "From: ada\@example.com\nTo: bob\@example.org\nSubject: test\n\nHello\n";
sendmail($message, { transport => $transport, from => 'ada@example.com', to => 'bob@example.org' });
