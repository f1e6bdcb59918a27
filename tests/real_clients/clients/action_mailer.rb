host, port, mode, ca, user = ARGV
ENV["SSL_CERT_FILE"] = ca
require "action_mailer"
login = user == "-" ? {} : { user_name: user, password: "wrong", authentication: :login }
ActionMailer::Base.smtp_settings = {
  address: host, port: port.to_i, open_timeout: 2, read_timeout: 2, openssl_verify_mode: "peer",
  tls: mode == "implicit", enable_starttls: mode == "starttls", enable_starttls_auto: false, **login
}
class Notices < ActionMailer::Base
  def hello = mail(from: "ada@example.com", to: "bob@example.org", subject: "test", body: "Hello")
end
ActionMailer::Base.logger = Logger.new($stderr)
Notices.hello.deliver_now
