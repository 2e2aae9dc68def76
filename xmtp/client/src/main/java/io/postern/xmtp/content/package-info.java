/**
 * What an XMTP message says: the content types, their octets, and the envelope around them.
 *
 * <p>Octets go in and values come out, or the other way round; nothing here does I/O, reads a clock
 * or logs. {@link io.postern.xmtp.content.ContentCodec#decode} never throws: what cannot be read
 * becomes {@link io.postern.xmtp.content.UnknownContent}, which keeps the sender's fallback text
 * and the octets. Sections named in this package (§1.4 and the like) are those of the project's
 * content type specification, {@code spec/content-types.md}.
 *
 * <p>Everything read was chosen by a stranger. File names, addresses, labels and links in the
 * values are exactly what the peer sent; {@link io.postern.xmtp.content.Summary} and {@link
 * io.postern.xmtp.content.Filename} clean them for people.
 */
package io.postern.xmtp.content;
