package main

import (
	"crypto/tls"
	"crypto/x509"
	"log"
	"os"
	"strconv"
	"time"

	mail "github.com/xhit/go-simple-mail"
)

func main() {
	host, mode, ca, user := os.Args[1], os.Args[3], os.Args[4], os.Args[5]
	port, _ := strconv.Atoi(os.Args[2])
	pem, _ := os.ReadFile(ca)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	server := mail.NewSMTPClient()
	server.Host, server.Port = host, port
	server.ConnectTimeout, server.SendTimeout = 2*time.Second, 2*time.Second
	server.TLSConfig = &tls.Config{ServerName: host, RootCAs: pool}
	switch mode {
	case "implicit":
		server.Encryption = mail.EncryptionSSLTLS
	case "starttls":
		server.Encryption = mail.EncryptionSTARTTLS
	}
	if user != "-" {
		server.Username, server.Password = user, "wrong"
	}
	client, err := server.Connect()
	if err != nil {
		log.Fatal(err)
	}
	message := mail.NewMSG()
	message.SetFrom("ada@example.com").AddTo("bob@example.org").SetSubject("test").SetBody(mail.TextPlain, "Hello")
	if err := message.Send(client); err != nil {
		log.Fatal(err)
	}
}
