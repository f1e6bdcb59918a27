require "net/smtp"
host, port, mode, ca, user = ARGV
smtp = Net::SMTP.new(host, port.to_i)
smtp.open_timeout = smtp.read_timeout = 2
context = OpenSSL::SSL::SSLContext.new
context.set_params(ca_file: ca, verify_mode: OpenSSL::SSL::VERIFY_PEER)
smtp.disable_starttls if mode == "none" && smtp.respond_to?(:disable_starttls)
smtp.enable_tls(context) if mode == "implicit"
smtp.enable_starttls(context) if mode == "starttls"
login = user == "-" ? [] : [user, "wrong", :plain]
smtp.start("client.example.com", *login) { |s| s.send_message("Subject: test\n\nHello\n", "ada@example.com", "bob@example.org") }
