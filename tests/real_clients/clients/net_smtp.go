package main

import (
	"crypto/tls"
	"crypto/x509"
	"log"
	"net"
	"net/smtp"
	"os"
	"time"
)

func main() {
	host, port, mode, ca, user := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	pem, _ := os.ReadFile(ca)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	config := &tls.Config{ServerName: host, RootCAs: pool}
	connection, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), 2*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	connection.SetDeadline(time.Now().Add(2 * time.Second))
	if mode == "implicit" {
		connection = tls.Client(connection, config)
	}
	client, err := smtp.NewClient(connection, host)
	if err != nil {
		log.Fatal(err)
	}
	if mode == "starttls" {
		if err := client.StartTLS(config); err != nil {
			log.Fatal(err)
		}
	}
	if user != "-" {
		if err := client.Auth(smtp.PlainAuth("", user, "wrong", host)); err != nil {
			log.Fatal(err)
		}
	}
	if err := client.Mail("ada@example.com"); err != nil {
		log.Fatal(err)
	}
	if err := client.Rcpt("bob@example.org"); err != nil {
		log.Fatal(err)
	}
	if err := client.Quit(); err != nil {
		log.Fatal(err)
	}
}
