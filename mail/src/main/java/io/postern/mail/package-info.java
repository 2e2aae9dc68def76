/**
 * The mail world: mailboxes, mails read and written, and the two ports through which mail goes in
 * ({@link io.postern.mail.MailSink}) and out ({@link io.postern.mail.Delivery}).
 *
 * <p>Octets and values go in, values or a {@link io.postern.mail.MailException} come out. Nothing
 * here does I/O, reads a clock or logs.
 */
package io.postern.mail;
