<?php
// wp_mail() as it is, without a database: only the files that it needs.
define("ABSPATH", "/usr/share/wordpress/");
define("WPINC", "wp-includes");
[$host, $port, $mode, $ca, $user] = array_slice($argv, 1);
foreach (["load", "plugin", "functions", "formatting", "class-wp-error", "pluggable"] as $name) {
    require ABSPATH . WPINC . "/$name.php";
}
add_action("phpmailer_init", function ($mailer) use ($host, $port, $mode, $ca, $user) {
    $mailer->isSMTP();
    $mailer->Host = $host; $mailer->Port = (int) $port; $mailer->Timeout = 2; $mailer->SMTPAutoTLS = false;
    $mailer->SMTPSecure = ["implicit" => "ssl", "starttls" => "tls", "none" => ""][$mode];
    $mailer->SMTPOptions = ["ssl" => ["cafile" => $ca]];
    $mailer->SMTPAuth = $user !== "-"; $mailer->Username = $user; $mailer->Password = "wrong";
});
add_action("wp_mail_failed", function ($error) {
    fwrite(STDERR, "wp_mail_failed: " . $error->get_error_message() . "\n");
    exit(1);
});
$headers = ["From: Ada <ada@example.com>", "Content-Type: text/plain; charset=UTF-8"];
exit(wp_mail("bob@example.org", "test", "Hello", $headers) ? 0 : 1);
