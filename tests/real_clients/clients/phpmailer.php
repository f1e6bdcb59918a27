<?php
require "/usr/share/php/libphp-phpmailer/autoload.php";
[$host, $port, $mode, $ca, $user] = array_slice($argv, 1);
$mail = new PHPMailer\PHPMailer\PHPMailer(true);
$mail->isSMTP();
$mail->Host = $host; $mail->Port = (int) $port; $mail->Timeout = 2; $mail->SMTPAutoTLS = false;
$mail->SMTPSecure = ["implicit" => "ssl", "starttls" => "tls", "none" => ""][$mode];
$mail->SMTPOptions = ["ssl" => ["cafile" => $ca]];
$mail->SMTPAuth = $user !== "-"; $mail->Username = $user; $mail->Password = "wrong";
$mail->setFrom("ada@example.com"); $mail->addAddress("bob@example.org"); $mail->Subject = "test"; $mail->Body = "Hello";
$mail->send();
