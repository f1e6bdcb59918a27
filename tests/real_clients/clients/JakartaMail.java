import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.FileInputStream;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class JakartaMail {
    public static void main(String[] words) throws Exception {
        String host = words[0], port = words[1], mode = words[2], ca = words[3], user = words[4];
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry(
            "ca", CertificateFactory.getInstance("X.509").generateCertificate(new FileInputStream(ca)));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        Properties properties = new Properties();
        String protocol = mode.equals("implicit") ? "smtps" : "smtp";
        String prefix = "mail." + protocol + ".";
        properties.put(prefix + "host", host);
        properties.put(prefix + "port", port);
        properties.put(prefix + "connectiontimeout", "2000");
        properties.put(prefix + "timeout", "2000");
        properties.put(prefix + "ssl.checkserveridentity", "true");
        properties.put(prefix + "ssl.socketFactory", context.getSocketFactory());
        if (mode.equals("starttls")) {
            properties.put(prefix + "starttls.enable", "true");
            properties.put(prefix + "starttls.required", "true");
        }
        if (!user.equals("-")) properties.put(prefix + "auth", "true");
        Session session = Session.getInstance(properties);
        MimeMessage message = new MimeMessage(session);
        message.setFrom(new InternetAddress("ada@example.com"));
        message.setRecipients(Message.RecipientType.TO, "bob@example.org");
        message.setSubject("test");
        message.setText("Hello");
        try (Transport transport = session.getTransport(protocol)) {
            if (user.equals("-")) transport.connect(); else transport.connect(user, "wrong");
            transport.sendMessage(message, message.getAllRecipients());
        }
    }
}
