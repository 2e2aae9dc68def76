/**
 * The status page: health, inboxes, journeys and, with {@code deliver: capture}, the captured mails
 * and answers to them. design.md §6. Plain HTML over the JDK's own HTTP server, on the loopback
 * only; {@link io.postern.bridge.web.Guard} says who may do what.
 */
package io.postern.bridge.web;
