<?php
error_reporting(E_ALL & ~E_DEPRECATED);
require "Mail.php";
[$host, $port, $mode, $ca, $user] = array_slice($argv, 1);
$mailer = Mail::factory("smtp", [
    "host" => ($mode === "implicit" ? "ssl://" : "") . $host, "port" => (int) $port, "timeout" => 2,
    "auth" => $user !== "-", "username" => $user, "password" => "wrong", "starttls" => $mode === "starttls",
    "socket_options" => ["ssl" => ["cafile" => $ca, "verify_peer" => true, "verify_peer_name" => true]],
]);
$sent = $mailer->send("bob@example.org", ["From" => "ada@example.com", "To" => "bob@example.org"], "Hello");
if (PEAR::isError($sent)) {
    fwrite(STDERR, $sent->getMessage() . "\n");
    exit(1);
}
