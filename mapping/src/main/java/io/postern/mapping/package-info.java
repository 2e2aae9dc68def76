/**
 * What joins the two worlds: who is who ({@link io.postern.mapping.AddressRules}, {@link
 * io.postern.mapping.BindingStore}), what answers what ({@link io.postern.mapping.ThreadLinks}),
 * and what is under way ({@link io.postern.mapping.Translations}, {@link
 * io.postern.mapping.Outbox}, {@link io.postern.mapping.JourneyStore}).
 *
 * <p>The stores are plain SQL on H2 or PostgreSQL. Every method that may have to take part in a
 * larger transaction has an overload with that transaction's {@link org.jdbi.v3.core.Handle}. Times
 * are given by the caller, and kept in microseconds.
 */
package io.postern.mapping;
