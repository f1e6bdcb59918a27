<?php
require "/usr/share/php/Symfony/Component/Mailer/autoload.php";
[$host, $port, $mode, $ca, $user] = array_slice($argv, 1);
$transport = new Symfony\Component\Mailer\Transport\Smtp\EsmtpTransport($host, (int) $port, $mode === "implicit");
if ($user !== "-") $transport->setUsername($user)->setPassword("wrong");
$transport->getStream()->setTimeout(2)->setStreamOptions(["ssl" => ["cafile" => $ca]]);
$message = (new Symfony\Component\Mime\Email())
    ->from("ada@example.com")->to("bob@example.org")->subject("test")->text("Hello");
(new Symfony\Component\Mailer\Mailer($transport))->send($message);
