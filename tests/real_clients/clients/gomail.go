package main

import (
	"crypto/tls"
	"crypto/x509"
	"log"
	"os"
	"strconv"
	"time"

	"gopkg.in/mail.v2"
)

func main() {
	host, mode, ca, user := os.Args[1], os.Args[3], os.Args[4], os.Args[5]
	port, _ := strconv.Atoi(os.Args[2])
	pem, _ := os.ReadFile(ca)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	dialer := mail.NewDialer(host, port, "", "")
	if user != "-" {
		dialer.Username, dialer.Password = user, "wrong"
	}
	dialer.SSL = mode == "implicit"
	dialer.StartTLSPolicy = mail.NoStartTLS
	if mode == "starttls" {
		dialer.StartTLSPolicy = mail.MandatoryStartTLS
	}
	dialer.TLSConfig = &tls.Config{ServerName: host, RootCAs: pool}
	dialer.Timeout = 2 * time.Second
	dialer.RetryFailure = false // it dials again without end
	message := mail.NewMessage()
	message.SetHeader("From", "ada@example.com")
	message.SetHeader("To", "bob@example.org")
	message.SetHeader("Subject", "test")
	message.SetBody("text/plain", "Hello")
	if err := dialer.DialAndSend(message); err != nil {
		log.Fatal(err)
	}
}
