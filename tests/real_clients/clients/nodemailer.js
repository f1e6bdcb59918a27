const fs = require("fs");
const nodemailer = require("nodemailer");
const [host, port, mode, ca, user] = process.argv.slice(2);
const transport = nodemailer.createTransport({
  host, port: Number(port), secure: mode === "implicit", requireTLS: mode === "starttls", ignoreTLS: mode === "none",
  tls: { ca: fs.readFileSync(ca) }, auth: user === "-" ? undefined : { user, pass: "wrong" },
  connectionTimeout: 2000, greetingTimeout: 2000, socketTimeout: 2000, dnsTimeout: 2000,
});
transport.sendMail({ from: "ada@example.com", to: "bob@example.org", subject: "test", text: "Hello" })
  .then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
