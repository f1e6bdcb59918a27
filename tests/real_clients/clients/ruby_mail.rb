host, port, mode, ca, user = ARGV
ENV["SSL_CERT_FILE"] = ca
require "mail"
login = user == "-" ? {} : { user_name: user, password: "wrong", authentication: :plain }
Mail.defaults do
  delivery_method :smtp, {
    address: host, port: port.to_i, open_timeout: 2, read_timeout: 2, openssl_verify_mode: "peer",
    tls: mode == "implicit", enable_starttls: mode == "starttls", enable_starttls_auto: false, **login
  }
end
Mail.deliver { from "ada@example.com"; to "bob@example.org"; subject "test"; body "Hello" }
