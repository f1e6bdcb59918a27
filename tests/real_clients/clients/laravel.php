<?php
require "/usr/share/php/Illuminate/autoload.php";
[$host, $port, $mode, $ca, $user] = array_slice($argv, 1);
$app = new Illuminate\Foundation\Application(sys_get_temp_dir());
$app->instance("env", "production");
$app->instance("config", new Illuminate\Config\Repository([
    "logging" => ["default" => "stderr", "channels" => ["stderr" => [
        "driver" => "monolog", "handler" => Monolog\Handler\StreamHandler::class, "with" => ["stream" => "php://stderr"],
    ]]],
    "view" => ["paths" => [], "compiled" => sys_get_temp_dir()],
    "mail" => ["default" => "smtp", "mailers" => ["smtp" => [
        "transport" => "smtp", "host" => $host, "port" => (int) $port, "timeout" => 2,
        "encryption" => ["implicit" => "ssl", "starttls" => "tls", "none" => null][$mode],
        "username" => $user === "-" ? null : $user, "password" => "wrong",
        "stream" => ["ssl" => ["cafile" => $ca]],
    ]]],
]));
$app->register(Illuminate\Filesystem\FilesystemServiceProvider::class);
$app->register(Illuminate\View\ViewServiceProvider::class);
$app->register(Illuminate\Mail\MailServiceProvider::class);
try {
    $app->make("mailer")->raw(
        "Hello", fn($message) => $message->from("ada@example.com")->to("bob@example.org")->subject("test"));
} catch (Throwable $error) {
    (new Illuminate\Foundation\Exceptions\Handler($app))->report($error);
    exit(1);
}
