/**
 * Mail on its way out: each {@link io.postern.out.MailSender} makes one try to hand final octets to
 * their next holder and says what became of it as a {@link io.postern.mail.Delivery}. And mail that
 * is fetched from mailboxes.
 *
 * <pre>
 * MxSender ──────── MxResolver: which hosts, at which addresses
 *     │             PublicAddress: may a stranger make us connect there
 *     ├── SmtpClient opens ── SmtpSession sends ── SmtpConnection: octets, limits, TLS
 * SmarthostSender
 * ImapAppender ──── ImapSession ── ImapSockets under Angus
 * ImapPoll ──────── ImapFolder ─── ImapSession
 * Capture ───────── CaptureFile
 * </pre>
 *
 * What each needs is a case of {@link io.postern.out.Deliver}. When to try again, and how often, is
 * not decided here.
 */
package io.postern.out;
